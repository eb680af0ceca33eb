"""Follows the agents' CPU and memory while a run is on.

::

    async with watch_agents(connection.access, agents_of(inventory, findings), pair) as watch:
        ...  # every event of the run goes to watch(event) too: it tells the phases
        cost = watch.measured()

It asks every few seconds for a handful of small objects and never stops or fails a run: whatever
goes wrong becomes the reason why something is not resolved.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from urllib.parse import quote

from cniadvisor.detect import reading
from cniadvisor.domain.access import ApiAccess
from cniadvisor.domain.events import BenchEvent, PhaseStarted
from cniadvisor.domain.events import Phase as RunPhase
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Read
from cniadvisor.domain.measurement import AgentsCost, AgentShare, AgentUse, Role
from cniadvisor.domain.plan import NodePair
from cniadvisor.domain.text import printable
from cniadvisor.metrics.agents import Agents, AgentWorkload
from cniadvisor.metrics.api import Answer, ApiReader, TransportFactory
from cniadvisor.metrics.readings import PodReading, pod_reading
from cniadvisor.metrics.windows import Phase, use_over

POLL_EVERY_S = 10.0
"""Shorter than the shortest window a metrics server has, so that none is missed."""

_METRICS = "/apis/metrics.k8s.io/v1beta1"
_NO_METRICS_API = (
    "this cluster serves no metrics API (metrics.k8s.io); metrics-server would provide it"
)


@asynccontextmanager
async def watch_agents(
    access: ApiAccess,
    agents: Agents,
    pair: NodePair,
    *,
    every_s: float = POLL_EVERY_S,
    transport: TransportFactory | None = None,
) -> AsyncGenerator["AgentWatch"]:
    """Watch the agents on both nodes of ``pair`` while the context lasts. Raises nothing.

    Args:
        access: credentials; they go to the API server only.
        agents: what :func:`cniadvisor.metrics.agents.agents_of` found.
        pair: the two nodes.
        every_s: seconds between two polls.
        transport: what httpx sends through; for tests.
    """
    reader = ApiReader(access, transport=transport)
    watch = AgentWatch(
        reader, agents, {Role.CLIENT: pair.client.name, Role.SERVER: pair.server.name}
    )
    task = asyncio.create_task(watch.follow(every_s))
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await reader.close()


@dataclass(slots=True, kw_only=True)
class _Place:
    """A workload on one of the nodes: its pod there, what was read of it, what went wrong last."""

    workload: AgentWorkload
    role: Role
    node: str
    pod: str | None = None
    readings: dict[datetime, PodReading] = field(default_factory=dict[datetime, PodReading])
    trouble: str = ""


class AgentWatch:
    """A sink of events that also polls; see the module's docstring."""

    def __init__(
        self,
        reader: ApiReader,
        agents: Agents,
        nodes: dict[Role, str],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reader = reader
        self._agents = agents
        self._places = [
            _Place(workload=workload, role=role, node=node)
            for workload in agents.workloads
            for role, node in nodes.items()
        ]
        self._now = now
        self._began: dict[RunPhase, datetime] = {}
        self._clocks_ahead_s: list[float] = []
        self._served = False
        self._trouble = ""

    def __call__(self, event: BenchEvent) -> None:
        """Take note of when each phase of the run begins; a phase may be told more than once."""
        if isinstance(event, PhaseStarted):
            self._began.setdefault(event.phase, self._now())

    async def follow(self, every_s: float) -> None:
        """Poll until cancelled, or until it is clear that nothing will ever be told."""
        try:
            worth_it = bool(self._places)
            while worth_it:
                worth_it = await self._poll()
                await asyncio.sleep(every_s)
        except Exception as error:  # a fault here must not end a benchmark
            self._trouble = f"internal error: {type(error).__name__}"

    def measured(self) -> AgentsCost:
        """Return what was measured up to now; ask when all trials are over."""
        shares: list[AgentShare] = []
        reasons = [self._agents.reason]
        for place in self._places:
            of_place = self._shares(place)
            shares += of_place
            if not of_place or any(None in (share.idle, share.load) for share in of_place):
                reasons += [self._trouble or place.trouble]
        windows = [one.window_s for place in self._places for one in place.readings.values()]
        return AgentsCost(
            resolution_s=max(windows, default=None),
            shares=tuple(shares),
            reason="; ".join(dict.fromkeys(filter(None, reasons))),
        )

    # -- polling

    async def _poll(self) -> bool:
        """Read every agent once; return whether to go on."""
        if not self._served:
            served = await self._get(_METRICS, right=f"get {_METRICS}")
            if isinstance(served, Absent):
                self._trouble = _NO_METRICS_API
                return False
            if isinstance(served, Failed):
                self._trouble = f"the metrics API does not answer: {served.reason}"
                return True
            self._served, self._trouble = True, ""
        await asyncio.gather(*(self._read(place) for place in self._places))
        return True

    async def _read(self, place: _Place) -> None:
        if place.pod is None and not await self._find(place):
            return
        namespace = place.workload.namespace
        read = await self._get(
            f"{_METRICS}/namespaces/{quote(namespace)}/pods/{quote(place.pod or '')}",
            right=f"get pods.metrics.k8s.io in namespace {namespace}",
        )
        match read:
            case Found(body=body):
                told = pod_reading(body)
                if told is None:
                    place.trouble = "the metrics API tells no usage of it"
                else:
                    place.readings[told.ended] = told
                    place.trouble = ""
            case Absent():
                # It was replaced, or it is too young to have been measured.
                place.trouble = f"the metrics API does not know {_shown(place)}"
                place.pod = None
            case _:
                place.trouble = _why(read)

    async def _find(self, place: _Place) -> bool:
        """Find the workload's pod on the node."""
        namespace = place.workload.namespace
        read = await self._get(
            f"/api/v1/namespaces/{quote(namespace)}/pods",
            {
                "labelSelector": place.workload.selector,
                "fieldSelector": f"spec.nodeName={place.node}",
                "limit": "10",
            },
            right=f"list pods in namespace {namespace}",
        )
        if not isinstance(read, Found):
            place.trouble = _why(read)
            return False
        for pod in reading.objects(read.body, "items"):
            owners = reading.objects(pod, "metadata", "ownerReferences")
            owned = any(reading.text(owner, "name") == place.workload.name for owner in owners)
            if owned and reading.text(pod, "status", "phase") == "Running":
                place.pod = reading.text(pod, "metadata", "name")
        if place.pod is None:
            place.trouble = f"no pod of {_shown(place)} runs on node {printable(place.node)}"
        return place.pod is not None

    async def _get(self, path: str, query: dict[str, str] | None = None, *, right: str) -> Read:
        answer: Answer = await self._reader.get(path, query, right=right)
        if answer.clock_ahead_s is not None:
            self._clocks_ahead_s.append(answer.clock_ahead_s)
        return answer.read

    # -- what it comes to

    def _shares(self, place: _Place) -> list[AgentShare]:
        readings = list(place.readings.values())
        shares: list[AgentShare] = []
        for container in dict.fromkeys(name for one in readings for name in one.containers):
            idle = self._use(readings, container, RunPhase.IDLE, RunPhase.MEASURE)
            load = self._use(readings, container, RunPhase.MEASURE, RunPhase.CLOSE)
            shares.append(
                AgentShare(
                    component=place.workload.component,
                    workload=printable(str(place.workload)),
                    role=place.role,
                    container=container,
                    idle=idle if isinstance(idle, AgentUse) else None,
                    load=load if isinstance(load, AgentUse) else None,
                    idle_reason=idle if isinstance(idle, str) else "",
                    load_reason=load if isinstance(load, str) else "",
                )
            )
        return shares

    def _use(
        self, readings: list[PodReading], container: str, phase: RunPhase, following: RunPhase
    ) -> AgentUse | str:
        begun = self._began.get(phase)
        if begun is None:
            return f"the run did not come to its {_PHASE_NAMES[phase]} phase"
        ended = self._began.get(following) or self._began.get(RunPhase.CLOSE) or self._now()
        ahead = timedelta(seconds=median(self._clocks_ahead_s) if self._clocks_ahead_s else 0.0)
        span = Phase(name=_PHASE_NAMES[phase], start=begun + ahead, end=ended + ahead)
        return use_over(readings, container, span)


_PHASE_NAMES = {RunPhase.IDLE: "idle", RunPhase.MEASURE: "measuring"}


def _shown(place: _Place) -> str:
    return printable(str(place.workload))


def _why(read: Read) -> str:
    match read:
        case Forbidden(right=right):
            return f"the right to {printable(right)} is missing"
        case Failed(reason=reason):
            return reason
        case _:
            return "not found"

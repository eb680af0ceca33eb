"""Follows the samplers of all endpoints and speaks for the two nodes."""

import asyncio
import math
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from cniadvisor.bench.counters import (
    A_SECOND_S,
    CLOCK_MARGIN_S,
    CounterLog,
    Header,
    NicBytes,
    Reading,
    cpu_use,
    history_s,
)
from cniadvisor.bench.endpoints import Endpoint, Endpoints
from cniadvisor.bench.stream import EventStream
from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.events import CpuFacts, CpuSeen, NodeSample
from cniadvisor.domain.measurement import NodeLoad, PathName, Role
from cniadvisor.domain.plan import Suite
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import mbit_per_s

WireListener = Callable[[PathName, float], None]
"""Told once a second what the client end of a path received, in Mbit/s on the wire."""

READING_WAIT_S = 1.5
"""How long the end of a trial waits for the samplers' next reading before going on without."""


class NodeWatch:
    """Reads every sampler while its context lasts and tells a sample a second for each node.

    /proc/stat and /proc/meminfo are the node's in any pod; the node's NIC is seen only from a
    host-network one, so those speak for the nodes where they exist.
    """

    def __init__(self, endpoints: Endpoints, stream: EventStream, suite: Suite) -> None:
        self._endpoints = endpoints
        self._stream = stream
        kept_s = history_s(suite)
        self._logs = {place: CounterLog(kept_s=kept_s) for place in endpoints.opened}
        self._speaks = PathName.HOST if PathName.HOST in endpoints.paths else PathName.POD
        self._tasks: list[asyncio.Task[None]] = []
        self._fresh = asyncio.Event()
        self._wire: WireListener | None = None

    async def __aenter__(self) -> Self:
        """Begin to follow."""
        self._tasks = [
            asyncio.create_task(self._follow(endpoint, self._logs[place]))
            for place, endpoint in self._endpoints.opened.items()
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextmanager
    def listening(self, listener: WireListener) -> Generator[None]:
        """Tell ``listener`` what the clients' interfaces receive, while the context lasts."""
        self._wire = listener
        try:
            yield
        finally:
            self._wire = None

    def header(self, role: Role, path: PathName) -> Header | None:
        """Return the interface that leads to the peer, as seen from one endpoint."""
        return self._logs[role, path].header

    def tell_cpus(self) -> None:
        """Tell which CPU each node has, where its kernel names one."""
        for role in Role:
            header = self.header(role, self._speaks)
            if header is not None and header.cpu_model is not None:
                cpu = CpuFacts(role=role, model=header.cpu_model)
                self._stream.tell(CpuSeen(at_s=self._stream.at(), cpu=cpu))

    def load(self, role: Role, start_s: float, end_s: float) -> NodeLoad | None:
        """Return what a node did between two moments of the run, within half a second."""
        return self._logs[role, self._speaks].load(start_s, end_s)

    def nic(self, role: Role, start_s: float, end_s: float) -> NicBytes | None:
        """Return what a node's NIC counted around a span; None where it can't be seen."""
        if self._speaks is not PathName.HOST:
            return None
        return self._logs[role, PathName.HOST].nic(start_s, end_s)

    async def caught_up(self) -> None:
        """Wait until both nodes' samplers have told of this moment, but not for ever."""
        now = self._stream.at() + CLOCK_MARGIN_S
        logs = [self._logs[role, self._speaks] for role in Role]
        with suppress(TimeoutError):
            async with asyncio.timeout(READING_WAIT_S):
                while any(log.latest_s < now for log in logs):
                    self._fresh.clear()
                    await self._fresh.wait()

    async def _follow(self, endpoint: Endpoint, log: CounterLog) -> None:
        told_s = -math.inf
        try:
            async for line in endpoint.counters():
                reading = log.add(line, self._stream.at())
                if reading is None:
                    continue
                self._fresh.set()
                if reading.node is None or reading.t < told_s + A_SECOND_S:
                    continue
                told_s = reading.t
                if endpoint.path is self._speaks:
                    self._tell(endpoint.role, log)
                if endpoint.role is Role.CLIENT:
                    self._tell_wire(endpoint.path, log)
        except CniAdvisorError as error:
            self._stream.warn(
                f"no-counters-{endpoint.role}-{endpoint.path}",
                f"CPU, memory and NIC of node {printable(endpoint.node)} can't be read any more: "
                f"{printable(error.message)}",
                "the figures of the tests are not touched by this",
            )

    def _tell(self, role: Role, log: CounterLog) -> None:
        readings = log.last_second()
        if readings is None or readings[0].node is None or readings[1].node is None:
            return
        first, last = readings
        cpu = cpu_use(readings[0].node, readings[1].node, last.t - first.t)
        if cpu is None:
            return
        rates = self._nic_rates(first, last)
        self._stream.tell(
            NodeSample(
                at_s=self._stream.at(),
                role=role,
                cpu=cpu,
                memory_used_mib=readings[1].node.memory_used_mib,
                nic_rx_mbit_per_s=rates[0],
                nic_tx_mbit_per_s=rates[1],
            )
        )

    def _tell_wire(self, path: PathName, log: CounterLog) -> None:
        readings = log.last_second()
        if self._wire is None or readings is None:
            return
        first, last = readings
        rate = _rate(first.rx_bytes, last.rx_bytes, last.t - first.t)
        if rate is not None:
            self._wire(path, rate)

    def _nic_rates(self, first: Reading, last: Reading) -> tuple[float | None, float | None]:
        if self._speaks is not PathName.HOST:
            return (None, None)
        seconds = last.t - first.t
        return (
            _rate(first.rx_bytes, last.rx_bytes, seconds),
            _rate(first.tx_bytes, last.tx_bytes, seconds),
        )


def _rate(early: int | None, late: int | None, seconds: float) -> float | None:
    if early is None or late is None or late < early:
        return None
    return mbit_per_s(late - early, seconds)

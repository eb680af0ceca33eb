"""The watch over a run: polls a metrics API, is told the phases, ends in figures or reasons."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cniadvisor.domain.events import Phase, PhaseStarted
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.measurement import AgentsCost, AgentShare, Role
from cniadvisor.domain.plan import NodePair
from cniadvisor.metrics.agents import Agents, AgentWorkload
from cniadvisor.metrics.api import ApiReader
from cniadvisor.metrics.watch import AgentWatch, watch_agents
from tests.unit.metrics.conftest import FakeAccess

FLANNEL = AgentWorkload(
    component="flannel",
    namespace="kube-flannel",
    name="kube-flannel-ds",
    selector="app=flannel",
)
METRICS = "/apis/metrics.k8s.io/v1beta1"
PODS = "/api/v1/namespaces/kube-flannel/pods"
START = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
WINDOW_S = 15


class Cluster:
    """A cluster whose clock the test moves; its metrics API tells 15-second windows."""

    def __init__(self) -> None:
        self.now = START
        self.clock_ahead = timedelta()
        self.status: dict[str, int] = {}
        self.pods = {"node1": "kube-flannel-ds-a", "node2": "kube-flannel-ds-b"}
        self.millicores: Callable[[datetime], int] = lambda _: 10
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path
        there = self.now + self.clock_ahead
        headers = {"Date": there.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        for prefix, status in self.status.items():
            if path.startswith(prefix):
                return httpx.Response(status, json={}, headers=headers)
        if path == METRICS:
            return httpx.Response(200, json={"kind": "APIResourceList"}, headers=headers)
        if path == PODS:
            node = request.url.params["fieldSelector"].removeprefix("spec.nodeName=")
            return httpx.Response(200, json={"items": self.listed(node)}, headers=headers)
        name = path.removeprefix(f"{METRICS}/namespaces/kube-flannel/pods/")
        if name not in self.pods.values():
            return httpx.Response(404, json={}, headers=headers)
        return httpx.Response(200, json=self.metrics(there), headers=headers)

    def listed(self, node: str) -> list[JsonObject]:
        owner: JsonObject = {"kind": "DaemonSet", "name": "kube-flannel-ds"}
        stranger: JsonObject = {
            "metadata": {"name": "look-alike", "ownerReferences": [{"name": "other"}]},
            "status": {"phase": "Running"},
        }
        if node not in self.pods:
            return [stranger]
        return [
            stranger,
            {
                "metadata": {"name": self.pods[node], "ownerReferences": [owner]},
                "status": {"phase": "Running"},
            },
        ]

    def metrics(self, there: datetime) -> JsonObject:
        ended = START + (there - START) // timedelta(seconds=WINDOW_S) * timedelta(seconds=WINDOW_S)
        middle = ended - self.clock_ahead - timedelta(seconds=WINDOW_S / 2)
        return {
            "timestamp": ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "window": f"{WINDOW_S}s",
            "containers": [
                {
                    "name": "kube-flannel",
                    "usage": {"cpu": f"{self.millicores(middle)}m", "memory": "12Mi"},
                }
            ],
        }


class Run:
    """A watch whose time the test moves by polling."""

    def __init__(self, cluster: Cluster, agents: Agents | None = None) -> None:
        self.cluster = cluster
        reader = ApiReader(FakeAccess(), transport=lambda _: httpx.MockTransport(cluster.answer))
        agents = agents or Agents(workloads=(FLANNEL,))
        nodes = {Role.CLIENT: "node1", Role.SERVER: "node2"}
        self.watch = AgentWatch(reader, agents, nodes, now=lambda: cluster.now)

    async def goes_on(self, seconds: float) -> None:
        for _ in range(int(seconds / 10)):
            self.cluster.now += timedelta(seconds=10)
            await self.watch._poll()  # pyright: ignore[reportPrivateUsage]

    def comes_to(self, phase: Phase) -> None:
        self.watch(PhaseStarted(at_s=0.0, phase=phase))

    async def whole(self, idle_s: float = 60, load_s: float = 180) -> AgentsCost:
        await self.goes_on(20)
        self.comes_to(Phase.IDLE)
        await self.goes_on(idle_s)
        self.comes_to(Phase.MEASURE)
        await self.goes_on(load_s)
        self.comes_to(Phase.CLOSE)
        return self.watch.measured()


@pytest.fixture(autouse=True)
def clock_of_the_reader(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # pyright: ignore
            return cluster.now

    monkeypatch.setattr("cniadvisor.metrics.api.datetime", Clock)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def share_of(cost: AgentsCost, role: Role) -> AgentShare:
    (share,) = [share for share in cost.shares if share.role is role]
    return share


async def test_idle_and_load_of_each_node(cluster: Cluster) -> None:
    load_from = START + timedelta(seconds=80)
    cluster.millicores = lambda at: 200 if at > load_from else 10
    cost = await Run(cluster).whole()
    assert cost.reason == ""
    assert cost.resolution_s == WINDOW_S
    assert {share.role for share in cost.shares} == set(Role)
    share = share_of(cost, Role.CLIENT)
    assert (share.component, share.workload) == ("flannel", "kube-flannel/kube-flannel-ds")
    assert share.container == "kube-flannel"
    assert share.idle is not None
    assert share.load is not None
    assert share.idle.cpu_millicores == 10
    assert share.load.cpu_millicores == 200
    assert share.idle.memory_mib == 12
    assert share.idle.windows == 3
    assert share.load.windows >= 10


async def test_a_clock_that_is_off_does_not_mix_the_phases(cluster: Cluster) -> None:
    cluster.clock_ahead = timedelta(minutes=7)
    load_from = START + timedelta(seconds=80)
    cluster.millicores = lambda at: 200 if at > load_from else 10
    share = share_of(await Run(cluster).whole(), Role.SERVER)
    assert share.idle is not None
    assert share.load is not None
    assert (share.idle.cpu_millicores, share.load.cpu_millicores) == (10, 200)


async def test_an_idle_phase_too_short_for_the_windows_is_not_resolved(cluster: Cluster) -> None:
    run = Run(cluster)
    await run.goes_on(10)
    run.comes_to(Phase.IDLE)
    await run.goes_on(10)
    run.comes_to(Phase.MEASURE)
    await run.goes_on(120)
    share = share_of(run.watch.measured(), Role.CLIENT)
    assert share.idle is None
    assert "no window of the metrics API (up to 15 s each)" in share.idle_reason
    assert share.load is not None


async def test_a_run_that_is_cut_off_tells_what_it_came_to(cluster: Cluster) -> None:
    run = Run(cluster)
    run.comes_to(Phase.IDLE)
    await run.goes_on(60)
    run.comes_to(Phase.CLOSE)
    share = share_of(run.watch.measured(), Role.CLIENT)
    assert share.idle is not None
    assert share.load is None
    assert share.load_reason == "the run did not come to its measuring phase"


async def test_progress_within_a_phase_does_not_begin_it_again(cluster: Cluster) -> None:
    run = Run(cluster)
    run.comes_to(Phase.IDLE)
    await run.goes_on(50)
    run.comes_to(Phase.IDLE)
    await run.goes_on(20)
    run.comes_to(Phase.MEASURE)
    share = share_of(run.watch.measured(), Role.CLIENT)
    assert share.idle is not None
    assert share.idle.covered_s == 60


async def test_without_a_metrics_api_it_asks_once_and_says_so(cluster: Cluster) -> None:
    cluster.status[METRICS] = 404
    run = Run(cluster)
    assert not await run.watch._poll()  # pyright: ignore[reportPrivateUsage]
    cost = run.watch.measured()
    assert cost.shares == ()
    assert "serves no metrics API" in cost.reason
    assert len(cluster.requests) == 1


async def test_a_metrics_api_that_does_not_answer_is_asked_again(cluster: Cluster) -> None:
    cluster.status[METRICS] = 503
    run = Run(cluster)
    await run.goes_on(10)
    assert run.watch.measured().reason == (
        "the metrics API does not answer: the API server answers with HTTP 503"
    )
    del cluster.status[METRICS]
    assert (await run.whole()).reason == ""


@pytest.mark.parametrize(
    ("path", "right"),
    [
        (f"{METRICS}/namespaces", "get pods.metrics.k8s.io in namespace kube-flannel"),
        (PODS, "list pods in namespace kube-flannel"),
    ],
)
async def test_a_missing_right_is_named_once(cluster: Cluster, path: str, right: str) -> None:
    cluster.status[path] = 403
    cost = await Run(cluster).whole()
    assert cost.shares == ()
    assert cost.reason == f"the right to {right} is missing"


async def test_a_node_without_an_agent_is_named(cluster: Cluster) -> None:
    del cluster.pods["node2"]
    cost = await Run(cluster).whole()
    assert [share.role for share in cost.shares] == [Role.CLIENT]
    assert cost.reason == "no pod of kube-flannel/kube-flannel-ds runs on node node2"


async def test_an_agent_that_is_replaced_is_found_again(cluster: Cluster) -> None:
    run = Run(cluster)
    run.comes_to(Phase.MEASURE)
    await run.goes_on(30)
    cluster.pods["node1"] = "kube-flannel-ds-new"
    await run.goes_on(90)
    run.comes_to(Phase.CLOSE)
    assert run.cluster.requests[-1].url.path.endswith(("-new", "-b"))
    share = share_of(run.watch.measured(), Role.CLIENT)
    assert share.load is not None


async def test_what_is_not_known_of_the_agents_is_handed_on(cluster: Cluster) -> None:
    cost = await Run(cluster, Agents(workloads=(), reason="it is in the kernel")).whole()
    assert cost == AgentsCost(resolution_s=None, shares=(), reason="it is in the kernel")


async def test_it_follows_until_cancelled_and_a_fault_of_ours_is_told(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(cluster)
    following = asyncio.create_task(run.watch.follow(0.001))
    while len(cluster.requests) < 9:
        await asyncio.sleep(0)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following

    async def broken() -> bool:
        raise KeyError("oops")

    monkeypatch.setattr(run.watch, "_poll", broken)
    await run.watch.follow(0.001)
    assert run.watch.measured().reason == "internal error: KeyError"


async def test_the_context_polls_while_it_lasts_and_no_longer(
    cluster: Cluster, a_pair: NodePair
) -> None:
    async with watch_agents(
        FakeAccess(),
        Agents(workloads=(FLANNEL,)),
        a_pair,
        every_s=0.001,
        transport=lambda _: httpx.MockTransport(cluster.answer),
    ) as watch:
        while len(cluster.requests) < 9:
            await asyncio.sleep(0)
        watch(PhaseStarted(at_s=0.0, phase=Phase.IDLE))
        assert len(watch.measured().shares) == len(Role)
    asked = len(cluster.requests)
    await asyncio.sleep(0.02)
    assert len(cluster.requests) == asked
    nodes = {r.url.params["fieldSelector"] for r in cluster.requests if r.url.path == PODS}
    assert nodes == {"spec.nodeName=node1", "spec.nodeName=node2"}

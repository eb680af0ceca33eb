"""How often equal paths are called different, and whether a 5 % cap is found: with real tools.

CNIADVISOR_VERDICTS and CNIADVISOR_CAPS say how many of each; 60 and 10 take about 20 minutes.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from cniadvisor import __version__
from cniadvisor.bench.endpoints import (
    CleanupListener,
    Command,
    Endpoint,
    Endpoints,
    RunningCommand,
    Service,
    Target,
)
from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.tests import drivers_for
from cniadvisor.domain.events import BenchEvent, TrialFinished
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import PathName, Role, TestName, Trial
from cniadvisor.domain.plan import Plan, Suite, TargetFacts
from cniadvisor.domain.report import Comparison, Verdict
from cniadvisor.headless.renderer import Renderer
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.stats.comparison import compare
from cniadvisor.stats.pairing import latest_attempts, pairs_of
from tests.cluster import state
from tests.cluster.image import load_bench_image
from tests.cluster.network import rates_apart
from tests.cluster.state import Cluster

PAIRS = 3
SECONDS = 2
EQUAL = (TestName.TCP, TestName.HTTP, TestName.LATENCY_TCP)
WIRE_MBIT_PER_S = 1000
CAP = 0.95
# TCP's payload of 1514 bytes on the wire is 1448; behind VXLAN 1398.
AS_MUCH_GOODPUT = 1448 / 1398


def run() -> None:
    """Print both counts."""
    cluster = state.load(os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME))
    if os.geteuid() != 0 or cluster is None:
        print("calibration: left out, no cluster is up (python -m tests.cluster up --cni flannel)")
        return
    image = load_bench_image(cluster)
    equal = _verdicts(cluster, image, EQUAL, _asked("CNIADVISOR_VERDICTS", 60), same_way=True)
    false = [one for one in equal if one.verdict in (Verdict.FASTER, Verdict.SLOWER)]
    for one in false:
        print(f"  called {one.verdict}: {_ratio(one)}")
    print(f"A/A: {len(false)} of {len(equal)} called different (goal: at most 6 of 60)")
    _tell_rest(equal)
    vxlan_mbit = CAP * WIRE_MBIT_PER_S * AS_MUCH_GOODPUT
    with rates_apart(cluster, vxlan_mbit=vxlan_mbit, others_mbit=WIRE_MBIT_PER_S):
        capped = _verdicts(
            cluster, image, (TestName.TCP,), _asked("CNIADVISOR_CAPS", 10), same_way=False
        )
    for one in capped:
        print(f"  {one.verdict}: {_ratio(one)}")
    found = [one for one in capped if one.verdict is Verdict.SLOWER]
    print(f"5 % cap: found {len(found)} of {len(capped)} times (goal: at least 9 of 10)")
    _tell_rest(capped)


def _asked(name: str, otherwise: int) -> int:
    return int(os.environ.get(name, otherwise))


def _ratio(comparison: Comparison) -> str:
    interval = comparison.ratio_95
    if comparison.ratio is None or interval is None:
        return f"{comparison.test}: {comparison.reason}"
    return f"{comparison.test}: {comparison.ratio:.4f}, {interval.low:.4f} to {interval.high:.4f}"


def _tell_rest(comparisons: list[Comparison]) -> None:
    widths = sorted(one.half_width_percent or 0.0 for one in comparisons)
    without = sum(one.verdict is Verdict.NO_VERDICT for one in comparisons)
    load = os.getloadavg()[0]
    print(
        f"  median half-width {widths[len(widths) // 2]:.2f} %, {without} without a verdict; "
        f"load average {load:.1f}"
    )


def _verdicts(
    cluster: Cluster, image: str, tests: tuple[TestName, ...], count: int, *, same_way: bool
) -> list[Comparison]:
    """So many verdicts from one session: every three rounds are a run of ``quick`` by themselves.

    The first three rounds are compared, then the next three, and so on. That leaves out the noise
    of opening anew, which no run tells from that of its own.
    """
    groups = -(-count // len(tests))
    suite = Suite(
        name="calibration",
        tests=tests,
        rounds=groups * PAIRS,
        max_rounds=groups * PAIRS,
        target_half_width_percent=None,
        duration_s=SECONDS,
        warm_up_s=SECONDS,
        idle_s=0,
        streams=1,
    )
    trials = asyncio.run(_measured(cluster, image, suite, same_way=same_way))
    found: list[Comparison] = []
    for group in range(groups):
        rounds = range(1 + group * PAIRS, 1 + (group + 1) * PAIRS)
        of_group = latest_attempts([trial for trial in trials if trial.id.round in rounds])
        for test in tests:
            pairs, dropped = pairs_of(test, of_group)
            found.append(compare(test, pairs, dropped=dropped))
    return found[:count]


async def _measured(
    cluster: Cluster, image: str, suite: Suite, *, same_way: bool
) -> tuple[Trial, ...]:
    """Run a session of the product; return its trials."""
    trials: list[Trial] = []

    def keep(event: BenchEvent) -> None:
        if isinstance(event, TrialFinished):
            trials.append(event.trial)

    async with connect(kubeconfig=str(cluster.kubeconfig)) as connection:
        pair = choose_pair(await read_nodes(connection), client=None, server=None)
        plan = Plan(
            run_id=secrets.token_hex(4),
            suite=suite,
            paths=tuple(PathName),
            seed=secrets.randbelow(2**31),
            streams=1,
        )
        target: Target = KubernetesTarget(
            connection,
            run_id=plan.run_id,
            paths=plan.paths,
            tests=suite.tests,
            pair=pair,
            image=image,
            namespace=None,
        )
        session = Session(
            plan=plan,
            target=SameWay(target) if same_way else target,
            drivers=drivers_for(plan),
            story=Story(findings=Findings(), command="calibration", tool_version=__version__),
            sinks=(Renderer(quiet=True), keep),
        )
        async with session:
            await session.run()
    return tuple(trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """An endpoint under the name of another path."""

    real: Endpoint
    path: PathName

    @property
    def role(self) -> Role:
        return self.real.role

    @property
    def node(self) -> str:
        return self.real.node

    @property
    def address(self) -> str:
        return self.real.address

    @property
    def ports(self) -> Mapping[Service, int]:
        return self.real.ports

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        return self.real.start(command)

    def counters(self) -> AsyncIterator[bytes]:
        return self.real.counters()


class SameWay:
    """A target whose two paths are one: both go over the host's network. Its true ratio is 1."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def facts(self) -> TargetFacts:
        return self._target.facts()

    async def open(self, plan: Plan, progress: Callable[[str], None]) -> Endpoints:
        endpoints = await self._target.open(plan, progress)
        opened: dict[tuple[Role, PathName], Endpoint] = {
            (role, path): Renamed(real=endpoints.opened[role, PathName.HOST], path=path)
            for role in Role
            for path in PathName
        }
        return replace(endpoints, opened=opened)

    async def trouble(self) -> str | None:
        return await self._target.trouble()

    async def close(self, removed: CleanupListener) -> None:
        await self._target.close(removed)

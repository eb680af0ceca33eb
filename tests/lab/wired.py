"""A wiring by itself, with nothing measured; and a short measurement in one."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.tests import drivers_for
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.domain.report import Report
from cniadvisor.lab.findings import lab_findings
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.target import LabTarget
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.report.builder import ReportBuilder

GROUP = "wired"
"""What its places are called in the ground."""


@asynccontextmanager
async def wired(ground: Ground, tools: Tools, name: str) -> AsyncGenerator[Wiring]:
    """Make a wiring without servers; leaving the context removes it."""
    wiring = WIRINGS[name](NODES)
    plan = _plan(tests=(), paths=(), rounds=1)
    target = _target(ground, tools, wiring, Wire(), plan)
    try:
        await target.open(plan, lambda _: None)
        yield wiring
    finally:
        await target.close(lambda _what, _error: None)


async def measured(
    ground: Ground,
    tools: Tools,
    wiring: Wiring,
    *,
    tests: tuple[TestName, ...],
    rounds: int,
    wire: Wire,
) -> Report:
    """Measure both paths of a wiring, 2 seconds a trial."""
    plan = _plan(tests=tests, paths=tuple(PathName), rounds=rounds)
    builder = ReportBuilder()
    session = Session(
        plan=plan,
        target=_target(ground, tools, wiring, wire, plan),
        drivers=drivers_for(plan),
        story=Story(findings=lab_findings(wiring), command="", tool_version="0"),
        sinks=[builder],
    )
    async with session:
        await session.run()
    return builder.report()


def best_ratio(*reports: Report) -> float:
    """Pod over host of the best trials: what else the machine does costs goodput, and adds none."""
    best = dict.fromkeys(PathName, 0.0)
    for trial in (trial for report in reports for trial in report.trials):
        best[trial.id.path] = max(best[trial.id.path], trial.value or 0.0)
    return best[PathName.POD] / best[PathName.HOST]


def _plan(*, tests: tuple[TestName, ...], paths: tuple[PathName, ...], rounds: int) -> Plan:
    suite = Suite(
        name="test",
        tests=tests,
        rounds=rounds,
        max_rounds=rounds,
        target_half_width_percent=None,
        duration_s=2.0,
        warm_up_s=1.0,
        idle_s=0.5,
        streams=1,
    )
    return Plan(run_id=GROUP, suite=suite, paths=paths, seed=1, streams=1)


def _target(ground: Ground, tools: Tools, wiring: Wiring, wire: Wire, plan: Plan) -> LabTarget:
    return LabTarget(
        ground,
        tools=tools,
        wiring=wiring,
        wire=wire,
        run_id=plan.run_id,
        paths=plan.paths,
        tests=plan.suite.tests,
    )

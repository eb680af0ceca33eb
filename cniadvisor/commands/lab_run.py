"""The lab's run, for every face: what is chosen, and measuring all wirings by turns."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from cniadvisor import __version__
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.stream import Sink
from cniadvisor.bench.tests import drivers_for
from cniadvisor.bench.turns import Turns
from cniadvisor.commands.bench_choices import chosen_suite, make_plan
from cniadvisor.commands.lab_choices import (
    LabOptions,
    Outputs,
    chosen_wire,
    chosen_wirings,
    equivalent_lab_command,
    output_places,
)
from cniadvisor.commands.result import measured_report
from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.report import Report
from cniadvisor.lab.delay import require_netem
from cniadvisor.lab.findings import lab_findings
from cniadvisor.lab.ground import Ground, open_ground
from cniadvisor.lab.machine import machine_pair
from cniadvisor.lab.rootfs import Tools, prepared_tools
from cniadvisor.lab.target import LabTarget
from cniadvisor.lab.wire import Wire
from cniadvisor.lab.wiring import Wiring
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import Recorder, require_recordable
from cniadvisor.report.toml_file import require_writable
from cniadvisor.stats.thresholds import Threshold, parse_thresholds

IDLE_S = 5.0
"""Seconds of the idle window at most: a suite's is as long as the metrics API of a cluster needs to
tell what the CNI's agents take, and the lab has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What is measured: one plan for each wiring, alike but for the run's id."""

    wirings: tuple[Wiring, ...]
    wire: Wire
    plans: tuple[Plan, ...]
    command: str
    thresholds: tuple[Threshold, ...]


@dataclass(slots=True, kw_only=True)
class LabRun:
    """One wiring's run, and what became of it."""

    wiring: Wiring
    plan: Plan
    outputs: Outputs
    builder: ReportBuilder = field(default_factory=ReportBuilder)
    begun: bool = False
    failure: CniAdvisorError | None = None

    @property
    def report(self) -> Report | None:
        """What was measured; None when nothing was."""
        return measured_report(self.builder) if self.begun else None


def chosen_lab(options: LabOptions) -> Lab:
    """Return what the options amount to; nothing is made yet.

    Raises:
        UsageError: an unknown suite, test, wiring or threshold.
    """
    suite = chosen_suite(options)
    suite = replace(suite, idle_s=min(suite.idle_s, IDLE_S))
    wire = chosen_wire(options)
    wirings = chosen_wirings(options.wiring)
    pair = machine_pair(wire)
    first = make_plan(suite, pair, seed=options.seed, max_rate_mbit_per_s=options.max_rate)
    others = (
        make_plan(suite, pair, seed=first.seed, max_rate_mbit_per_s=options.max_rate)
        for _ in wirings[1:]
    )
    return Lab(
        wirings=wirings,
        wire=wire,
        plans=(first, *others),
        command=equivalent_lab_command(options, wirings, first),
        thresholds=parse_thresholds(options.fail_below, options.fail_above, planned=suite.tests),
    )


def runs_of(lab: Lab, options: LabOptions) -> tuple[LabRun, ...]:
    """Return a run for each wiring, with its places; that they can be written was tried.

    Raises:
        UsageError: one can't be written, and why.
    """
    places = output_places(options, lab.wirings)
    for outputs in places.values():
        require_writable(outputs.report)
        if outputs.recording is not None:
            require_recordable(outputs.recording)
    return tuple(
        LabRun(wiring=wiring, plan=plan, outputs=places[wiring.name])
        for wiring, plan in zip(lab.wirings, lab.plans, strict=True)
    )


async def measure_all(
    lab: Lab,
    runs: Sequence[LabRun],
    *,
    sink_for: Callable[[str], Sink],
    leaves_by: Callable[[Callable[[], None]], None],
    say: Callable[[str], None],
) -> None:
    """Run all sessions, each in its turn, until the last is over; failures are in the runs.

    Args:
        lab: what is measured.
        runs: of the same wirings, in the same order.
        sink_for: makes what is told a wiring's events, by the wiring's name.
        leaves_by: told how clean-up is cut short.
        say: told in sentences what is waited for before anything begins.
    """
    async with prepared_tools(say) as tools, open_ground() as ground:
        if lab.wire.delay_ms is not None:
            await require_netem(ground, tools)
        turns = Turns(len(runs))
        with ExitStack() as recorders:
            sessions = [
                _session(lab, run, ground, tools, turns, recorders, sink_for(run.wiring.name))
                for run in runs
            ]
            leaves_by(partial(_abandon, sessions))
            # Also when cancelled all are waited for: the ground lasts until each has cleaned up.
            ends = await asyncio.gather(
                *(_measure(run, session) for run, session in zip(runs, sessions, strict=True)),
                return_exceptions=True,
            )
            for end in ends:
                if end is not None:
                    raise end


def _session(
    lab: Lab,
    run: LabRun,
    ground: Ground,
    tools: Tools,
    turns: Turns,
    recorders: ExitStack,
    sink: Sink,
) -> Session:
    place = run.outputs.recording
    recorder = () if place is None else (recorders.enter_context(Recorder(place)),)
    return Session(
        plan=run.plan,
        target=LabTarget(
            ground,
            tools=tools,
            wiring=run.wiring,
            wire=lab.wire,
            run_id=run.plan.run_id,
            paths=run.plan.paths,
            tests=run.plan.suite.tests,
        ),
        drivers=drivers_for(run.plan),
        story=Story(
            findings=lab_findings(run.wiring), command=lab.command, tool_version=__version__
        ),
        sinks=(*recorder, sink, run.builder),
        turns=turns,
    )


def _abandon(sessions: Sequence[Session]) -> None:
    for session in sessions:
        session.abandon()


async def _measure(run: LabRun, session: Session) -> None:
    """Run one session to whatever end; the others go on."""
    run.begun = True
    try:
        async with session:
            await session.run()
    except CniAdvisorError as error:
        run.failure = error

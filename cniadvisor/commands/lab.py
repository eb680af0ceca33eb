"""``cniadvisor lab``: the same benchmarks on this machine, in several wirings by turns."""

import asyncio
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import click

from cniadvisor import __version__
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.stream import Sink
from cniadvisor.bench.tests import drivers_for
from cniadvisor.bench.turns import Turns
from cniadvisor.commands.bench_choices import chosen_suite, make_plan
from cniadvisor.commands.interrupt import Interrupt
from cniadvisor.commands.lab_choices import (
    LabOptions,
    Outputs,
    chosen_wire,
    chosen_wirings,
    equivalent_lab_command,
    output_places,
)
from cniadvisor.commands.result import finished_report, judge_report, keep_report, tell_report
from cniadvisor.domain.errors import CniAdvisorError, ExitCode, UsageError
from cniadvisor.domain.events import BenchEvent, Outcome
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.report import Report
from cniadvisor.domain.settings import Settings
from cniadvisor.headless.renderer import Renderer
from cniadvisor.lab.delay import require_netem
from cniadvisor.lab.findings import lab_findings, wired_label
from cniadvisor.lab.ground import Ground, open_ground
from cniadvisor.lab.machine import machine_pair
from cniadvisor.lab.requirements import require_linux
from cniadvisor.lab.rootfs import Tools, prepared_tools
from cniadvisor.lab.target import LabTarget, lab_facts
from cniadvisor.lab.wire import Wire
from cniadvisor.lab.wiring import Wiring
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import Recorder, require_recordable
from cniadvisor.report.toml_file import require_writable
from cniadvisor.stats.thresholds import Threshold, parse_thresholds
from cniadvisor.wording.lab import PlannedWiring, lab_plan_text, lab_text

_PLANNED_IMAGE = "Debian trixie's, fetched once a month"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lab:
    """What is measured: one plan for each wiring, alike but for the run's id."""

    wirings: tuple[Wiring, ...]
    wire: Wire
    plans: tuple[Plan, ...]
    command: str
    thresholds: tuple[Threshold, ...]


@dataclass(slots=True, kw_only=True)
class _Run:
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
        if not self.begun:
            return None
        report = finished_report(self.builder)
        nothing = not report.trials and report.run.outcome is Outcome.FAILED
        return None if nothing else report


def run_lab(settings: Settings, options: LabOptions) -> int:
    """Run the lab and return the exit code."""
    if not options.headless and not options.dry_run:
        raise UsageError(
            "the interactive app has no lab in this version",
            hint="run it headless: cniadvisor lab --headless",
        )
    require_linux()
    lab = _chosen(options)
    click.echo(_plan_text(lab), err=True)
    if options.dry_run:
        click.echo("\n".join(_steps(lab.wirings)))
        return ExitCode.OK
    places = output_places(options, lab.wirings)
    for outputs in places.values():
        require_writable(outputs.report)
        if outputs.recording is not None:
            require_recordable(outputs.recording)
    runs = [
        _Run(wiring=wiring, plan=plan, outputs=places[wiring.name])
        for wiring, plan in zip(lab.wirings, lab.plans, strict=True)
    ]
    interrupt = Interrupt()
    try:
        asyncio.run(_measure_all(settings, lab, runs, interrupt))
    finally:
        _tell_all(runs)
    return _exit_code(settings, lab, runs, interrupt)


def _chosen(options: LabOptions) -> _Lab:
    suite = chosen_suite(options)
    wire = chosen_wire(options)
    wirings = chosen_wirings(options.wiring)
    pair = machine_pair(wire)
    first = make_plan(suite, pair, seed=options.seed, max_rate_mbit_per_s=options.max_rate)
    others = (
        make_plan(suite, pair, seed=first.seed, max_rate_mbit_per_s=options.max_rate)
        for _ in wirings[1:]
    )
    return _Lab(
        wirings=wirings,
        wire=wire,
        plans=(first, *others),
        command=equivalent_lab_command(options, wirings, first),
        thresholds=parse_thresholds(options.fail_below, options.fail_above, planned=suite.tests),
    )


def _plan_text(lab: _Lab) -> str:
    return lab_plan_text(
        [
            PlannedWiring(
                name=wiring.name,
                label=wired_label(wiring),
                pod_mtu=wiring.pod_mtu,
                plan=plan,
                target=lab_facts(wiring, lab.wire, image=_PLANNED_IMAGE),
            )
            for wiring, plan in zip(lab.wirings, lab.plans, strict=True)
        ]
    )


def _steps(wirings: Sequence[Wiring]) -> Sequence[str]:
    """The steps of the wirings as lines: ``flannel-vxlan node1: ip link add ...``."""
    return [
        f"{wiring.name} {step.place}: {shlex.join(step.argv)}"
        + "".join(f"\n    {line}" for line in step.stdin.splitlines())
        for wiring in wirings
        for step in wiring.steps
    ]


async def _measure_all(
    settings: Settings, lab: _Lab, runs: Sequence[_Run], interrupt: Interrupt
) -> None:
    """Run all sessions, each in its turn, until the last is over."""
    interrupt.install()
    try:
        async with prepared_tools(_say) as tools, open_ground() as ground:
            if lab.wire.delay_ms is not None:
                await require_netem(ground, tools)
            turns = Turns(len(runs))
            with ExitStack() as recorders:
                sessions = [
                    _session(settings, lab, run, ground, tools, turns, recorders) for run in runs
                ]
                interrupt.leave_now = partial(_abandon, sessions)
                await asyncio.gather(
                    *(_measure(run, session) for run, session in zip(runs, sessions, strict=True))
                )
    except asyncio.CancelledError:
        if interrupt.code is None:
            raise


def _session(
    settings: Settings,
    lab: _Lab,
    run: _Run,
    ground: Ground,
    tools: Tools,
    turns: Turns,
    recorders: ExitStack,
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
        sinks=(*recorder, _lines_of(settings, run.wiring.name), run.builder),
        turns=turns,
    )


def _lines_of(settings: Settings, name: str) -> Sink:
    """Return a sink that tells one wiring's run, its name before each line."""
    renderer = Renderer(quiet=settings.quiet, verbose=settings.verbose)

    def tell(event: BenchEvent) -> None:
        for line in renderer.lines(event):
            print(f"{name}: {line}", file=sys.stderr, flush=True)

    return tell


def _abandon(sessions: Sequence[Session]) -> None:
    for session in sessions:
        session.abandon()


async def _measure(run: _Run, session: Session) -> None:
    """Run one session to whatever end; the others go on."""
    run.begun = True
    try:
        async with session:
            await session.run()
    except CniAdvisorError as error:
        run.failure = error


def _tell_all(runs: Sequence[_Run]) -> None:
    """Tell and keep what every run measured, then all of them side by side."""
    reports = {run.wiring.name: report for run in runs if (report := run.report) is not None}
    for run in runs:
        if (report := reports.get(run.wiring.name)) is not None:
            click.echo(f"\n{run.wiring.name}", err=True)
            tell_report(report)
            keep_report(report, run.outputs.report)
    if reports:
        click.echo(f"\n{lab_text(reports)}", err=True)


def _exit_code(
    settings: Settings, lab: _Lab, runs: Sequence[_Run], interrupt: Interrupt
) -> ExitCode:
    """Return the code of the worst that happened, and say what it was."""
    if interrupt.code is not None:
        click.echo(f"cniadvisor: stopped by {interrupt.name}", err=True)
        return interrupt.code
    failed = [(run.wiring.name, run.failure) for run in runs if run.failure is not None]
    for name, failure in failed:
        click.echo(f"cniadvisor: {name}: {failure.message}", err=True)
        if failure.hint:
            click.echo(f"  {failure.hint}", err=True)
    if failed:
        return failed[0][1].exit_code
    codes = [
        judge_report(finished_report(run.builder), lab.thresholds, quiet=settings.quiet)
        for run in runs
    ]
    return next(
        (code for code in (ExitCode.THRESHOLD_FAILED, ExitCode.BENCHMARK_FAILED) if code in codes),
        ExitCode.OK,
    )


def _say(text: str) -> None:
    click.echo(text, err=True)

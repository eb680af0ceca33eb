"""``cniadvisor lab``: the same benchmarks on this machine, in several wirings by turns."""

import asyncio
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial

from cniadvisor.bench.stream import Sink
from cniadvisor.commands.interrupt import Interrupt
from cniadvisor.commands.lab_choices import LabOptions
from cniadvisor.commands.lab_run import Lab, LabRun, chosen_lab, measure_all, runs_of
from cniadvisor.commands.result import finished_report, judge_report, keep_report, tell_report
from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.domain.errors import CniAdvisorError, ExitCode
from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.settings import Settings
from cniadvisor.ending import say
from cniadvisor.headless.renderer import Renderer
from cniadvisor.lab.findings import wired_label
from cniadvisor.lab.requirements import require_linux
from cniadvisor.lab.target import lab_facts
from cniadvisor.lab.wiring import Wiring
from cniadvisor.wording.lab import PlannedWiring, lab_plan_text, lab_text

_PLANNED_IMAGE = "Debian trixie's, fetched once a month"


def run_lab(settings: Settings, options: LabOptions) -> int:
    """Run the lab and return the exit code."""
    require_linux()
    lab = chosen_lab(options)
    if not settings.quiet:
        tell(_plan_text(lab))
    if options.dry_run:
        hand_over("\n".join(_steps(lab.wirings)))
        return ExitCode.OK
    runs = runs_of(lab, options)
    interrupt = Interrupt()
    try:
        asyncio.run(_measured(settings, lab, runs, interrupt))
    finally:
        _tell_all(runs, quiet=settings.quiet)
    return _exit_code(settings, lab, runs, interrupt)


def _plan_text(lab: Lab) -> str:
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


async def _measured(
    settings: Settings, lab: Lab, runs: Sequence[LabRun], interrupt: Interrupt
) -> None:
    interrupt.install()

    def leaves_by(leave: Callable[[], None]) -> None:
        interrupt.leave_now = leave

    try:
        await measure_all(
            lab, runs, sink_for=partial(_lines_of, settings), leaves_by=leaves_by, say=tell
        )
    except asyncio.CancelledError:
        if interrupt.code is None:
            raise


def _lines_of(settings: Settings, name: str) -> Sink:
    """Return a sink that tells one wiring's run, its name before each line."""
    renderer = Renderer(quiet=settings.quiet, verbose=settings.verbose)

    def tell(event: BenchEvent) -> None:
        for line in renderer.lines(event):
            print(f"{name}: {line}", file=sys.stderr, flush=True)

    return tell


def _tell_all(runs: Sequence[LabRun], *, quiet: bool) -> None:
    """Tell and keep what every run measured, then all of them side by side.

    Raises:
        UsageError: a report could not be kept or its place not be told; the others were.
    """
    unkept: CniAdvisorError | None = None
    reports = {run.wiring.name: report for run in runs if (report := run.report) is not None}
    for run in runs:
        if (report := reports.get(run.wiring.name)) is not None:
            if not quiet:
                tell(f"\n{run.wiring.name}")
                tell_report(report)
            try:
                keep_report(report, run.outputs.report)
            except CniAdvisorError as error:
                unkept = unkept or error
    if reports and not quiet:
        tell(f"\n{lab_text(reports)}")
    if unkept is not None:
        raise unkept


def _exit_code(
    settings: Settings, lab: Lab, runs: Sequence[LabRun], interrupt: Interrupt
) -> ExitCode:
    """Return the code of the worst that happened, and say what it was."""
    if interrupt.code is not None:
        say(f"stopped by {interrupt.name}")
        return interrupt.code
    failed = [(run.wiring.name, run.failure) for run in runs if run.failure is not None]
    for name, failure in failed:
        say(f"{name}: {failure.message}", failure.hint)
    if failed:
        return failed[0][1].exit_code
    codes = [
        judge_report(
            finished_report(run.builder),
            lab.thresholds,
            quiet=settings.quiet,
            name=run.wiring.name,
        )
        for run in runs
    ]
    return next(
        (code for code in (ExitCode.THRESHOLD_FAILED, ExitCode.BENCHMARK_FAILED) if code in codes),
        ExitCode.OK,
    )

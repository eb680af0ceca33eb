"""The lab for the app: whether it can run here, and running it. Imported in a thread."""

import asyncio
from dataclasses import replace
from pathlib import Path

from cniadvisor.commands.app_core.owned_run import OwnedRun
from cniadvisor.commands.lab_choices import LabOptions
from cniadvisor.commands.lab_run import Lab, LabRun, chosen_lab, measure_all, runs_of
from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.lab.findings import wired_label
from cniadvisor.lab.ground import open_ground
from cniadvisor.lab.requirements import require_linux
from cniadvisor.lab.wire import NODES
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.report.toml_file import write
from cniadvisor.tui.runs import LabChoices, LabWiring, RunEnd


async def refusal() -> CniAdvisorError | None:
    """Return why the lab can't run on this machine, found out by trying; None where it can."""
    try:
        require_linux()
        async with open_ground():
            return None
    except CniAdvisorError as error:
        return error


def known_wirings() -> tuple[LabWiring, ...]:
    """Return what the lab can measure."""
    return tuple(
        LabWiring(name=name, words=f"{name}: {wired_label(make(NODES))}")
        for name, make in WIRINGS.items()
    )


_DEFAULTS = LabOptions(
    headless=False,
    wiring="",
    wire=None,
    delay=None,
    suite="",
    tests=None,
    repeats=None,
    duration=None,
    max_rate=None,
    seed=None,
    out=None,
    record=None,
    fail_below=(),
    fail_above=(),
    dry_run=False,
)


def prepared(choices: LabChoices, told: LabOptions | None) -> tuple[Lab, tuple[LabRun, ...]]:
    """Return what is measured and what it leaves.

    Args:
        choices: made in the app.
        told: what the command line says beside that.

    Raises:
        UsageError: an unknown wiring or suite, or a place that can't be written.
    """
    require_linux()
    options = replace(
        told or _DEFAULTS,
        wiring=",".join(choices.wirings),
        suite=choices.suite,
        wire=choices.wire,
    )
    lab = chosen_lab(options)
    return lab, runs_of(lab, options)


async def measure(lab: Lab, runs: tuple[LabRun, ...], owned: OwnedRun) -> RunEnd:
    """Measure until everything is gone again, and write what was measured."""
    failure: CniAdvisorError | None = None
    cancelled = False
    try:
        await measure_all(
            lab, runs, sink_for=owned.sink, leaves_by=owned.leaves_by, say=owned.wait_for
        )
    except CniAdvisorError as error:
        failure = error
    except asyncio.CancelledError:
        cancelled = True
    failure = failure or next((run.failure for run in runs if run.failure is not None), None)
    reports, unkept = await asyncio.to_thread(_kept, runs)
    return RunEnd(error=failure or unkept, cancelled=cancelled, reports=reports)


def _kept(runs: tuple[LabRun, ...]) -> tuple[tuple[Path, ...], CniAdvisorError | None]:
    """Write every report that can be; return where they are, and why others are not there."""
    places: list[Path] = []
    unkept: list[CniAdvisorError] = []
    for run in runs:
        report = run.report
        if report is not None:
            try:
                write(report, run.outputs.report)
            except CniAdvisorError as error:
                unkept.append(error)
            else:
                places.append(run.outputs.report)
    return tuple(places), _as_one(unkept)


def _as_one(errors: list[CniAdvisorError]) -> CniAdvisorError | None:
    if len(errors) < 2:
        return next(iter(errors), None)
    hints = dict.fromkeys(error.hint for error in errors)
    return UsageError("; ".join(error.message for error in errors), hint="; ".join(hints))

"""What a run gave: told, kept, and held against thresholds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.diagnose.diagnosing import diagnose
from cniadvisor.domain.errors import ExitCode
from cniadvisor.domain.events import Outcome
from cniadvisor.domain.report import Report
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.toml_file import dumps, write
from cniadvisor.stats.thresholds import Standing, Threshold, judge
from cniadvisor.wording.report import report_text
from cniadvisor.wording.thresholds import threshold_line


def finished_report(builder: ReportBuilder) -> Report:
    """Return the report of all events so far, with what stands out in it."""
    report = builder.report()
    return replace(report, diagnoses=diagnose(report))


def measured_report(builder: ReportBuilder) -> Report | None:
    """Return the report of all events so far; None when nothing was measured or probed.

    The error's message then says why, and a file would only repeat it.
    """
    report = finished_report(builder)
    told = report.trials or report.policy_probe is not None
    nothing = not told and report.run.outcome is Outcome.FAILED
    return None if nothing else report


def tell_report(report: Report) -> None:
    """Print a report on stderr, for a person."""
    tell(report_text(report))


def keep_report(report: Report, place: Path | None) -> None:
    """Write a report and print where it is; without a place the report itself, on stdout."""
    if place is None:
        hand_over(dumps(report), nl=False)
    else:
        write(report, place)
        hand_over(str(place))


def judge_report(
    report: Report, thresholds: Sequence[Threshold], *, quiet: bool, name: str = ""
) -> ExitCode:
    """Tell on stderr what became of every threshold, and return the exit code.

    A threshold that failed weighs more than one without a ratio: something was measured, and it
    is too little.

    Args:
        name: begins each line, where several reports are judged.
    """
    judgements = judge(thresholds, report.comparisons)
    for judgement in judgements:
        if not quiet or judgement.standing is not Standing.HELD:
            line = threshold_line(judgement)
            tell(f"{name}: {line}" if name else line)
    standings = {judgement.standing for judgement in judgements}
    if Standing.FAILED in standings:
        return ExitCode.THRESHOLD_FAILED
    if Standing.NO_RATIO in standings:
        return ExitCode.BENCHMARK_FAILED
    return ExitCode.OK

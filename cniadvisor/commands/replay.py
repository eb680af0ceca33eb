"""``cniadvisor replay``: a recorded run once more, as it was told."""

from dataclasses import dataclass
from pathlib import Path

from cniadvisor.commands.result import (
    finished_report,
    judge_report,
    keep_report,
    tell_report,
)
from cniadvisor.commands.telling import tell
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.events import Outcome, RunStarted
from cniadvisor.domain.report import Report
from cniadvisor.domain.settings import Settings
from cniadvisor.ending import say
from cniadvisor.headless.renderer import Renderer
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import read_recording
from cniadvisor.report.toml_file import require_writable
from cniadvisor.report.whole_file import is_same_file
from cniadvisor.resources import recording_or_shipped
from cniadvisor.stats.thresholds import parse_thresholds
from cniadvisor.wording.plan import plan_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """The options of ``cniadvisor replay``, as the command line gave them."""

    recording: Path | None
    out: str | None
    fail_below: tuple[str, ...]
    fail_above: tuple[str, ...]


def run_replay(settings: Settings, options: ReplayOptions) -> int:
    """Tell a recorded run as it was told, and return the exit code.

    stderr gets what the run printed there: plan, stream and report. Nothing is asked or waited
    for, and no cluster is needed.
    """
    recording = recording_or_shipped(options.recording)
    if options.out not in (None, "-"):
        _require_other_file(recording, Path(options.out))
        require_writable(Path(options.out))
    report = _told(settings, recording, options)
    if options.out is not None:
        keep_report(report, None if options.out == "-" else Path(options.out))
    thresholds = parse_thresholds(
        options.fail_below, options.fail_above, planned=report.plan.suite.tests
    )
    return judge_report(report, thresholds, quiet=settings.quiet)


def _told(settings: Settings, recording: Path, options: ReplayOptions) -> Report:
    renderer = Renderer(quiet=settings.quiet, verbose=settings.verbose)
    builder = ReportBuilder()
    notes: list[str] = []
    for event in read_recording(recording, tell=notes.append):
        if isinstance(event, RunStarted):
            # What can't be judged is said before a long story is told.
            parse_thresholds(options.fail_below, options.fail_above, planned=event.plan.suite.tests)
            if not settings.quiet:
                tell(plan_text(event.plan, event.target, event.findings))
        for line in renderer.lines(event):
            tell(line)
        builder(event)
    for note in notes:
        say(note)
    report = finished_report(builder)
    measured = report.trials or report.run.outcome is not Outcome.FAILED
    if measured and not settings.quiet:
        tell_report(report)
    return report


def _require_other_file(recording: Path, out: Path) -> None:
    """Refuse to write the report over the recording it is made from."""
    if is_same_file(out, recording):
        raise UsageError(
            "the report would replace the recording", hint="give the report another name: --out"
        )

"""``cniadvisor advise``: which CNI, from what you care about and what was measured."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from cniadvisor.advise.advising import advise
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.measured import OwnMeasurements, OwnReport, own_measurements
from cniadvisor.advise.prefill import Found, prefill, with_probe
from cniadvisor.advise.questionnaire import SCALE, Answers
from cniadvisor.advise.recommendation import Recommendation
from cniadvisor.advise.reference import Campaign
from cniadvisor.catalogue.answers_file import checked, parse_answers
from cniadvisor.commands.inventory import Seen, seen_in_file, seen_on_cluster
from cniadvisor.commands.profiles import known_catalogue
from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.domain.errors import AccessError, ClusterError, DeadlineError, ExitCode, UsageError
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.report import Report
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.wording.questions import unfilled_sentence

PRIORITIES = ("simplicity", "policy", "encryption", "balance")
_ABOVE_ALL = str(len(SCALE) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviseOptions:
    """The options of ``cniadvisor advise``, as the command line gave them."""

    answers: str | None
    priority: str | None
    report: tuple[str, ...]
    inventory: str | None
    no_cluster: bool
    references: bool
    output: str


def run_advise(settings: Settings, options: AdviseOptions) -> int:
    """Recommend a CNI and print the recommendation on stdout.

    Asks on a terminal, unless answers are given by file or by priority.

    Raises:
        UsageError: a file is wrong; names it, the line and what to do.
        AccessError, ClusterError, DeadlineError: the cluster that was asked for can't be read.
    """
    catalogue = known_catalogue(settings.profiles)
    given = _given(options, catalogue)
    seen = _seen(settings, options)
    own = _own(options.report, None if seen is None else seen.probe)
    found = with_probe(_found(catalogue, seen), own)
    if given is None and sys.stdin.isatty() and sys.stderr.isatty():
        given = _asked(catalogue, found, own)
    told = advise(catalogue, given or {}, today=date.today(), found=found, own=own)
    hand_over(_formatted(told, options))
    return ExitCode.OK


def _given(options: AdviseOptions, catalogue: Catalogue) -> Answers | None:
    """Return the answers of file and priority; None if there are neither.

    A priority is meant alone: it sets the other three to nothing, whatever the file says.
    """
    if options.answers is None and options.priority is None:
        return None
    answers: dict[str, str] = {}
    if options.answers is not None:
        path = Path(options.answers)
        text = _text_of(path)
        answers |= parse_answers(text, source=str(path), catalogue=catalogue)
    if options.priority is not None:
        for name in PRIORITIES:
            value = _ABOVE_ALL if name == options.priority else "0"
            answers[checked(name, value, catalogue).name] = value
    return answers


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"answers {printable(str(path))} can't be read: {reason}",
            hint='a file of answers is TOML: simplicity = 3, windows = true, kernel = "5.10"',
        ) from error


def _own(reports: tuple[str, ...], probe: PolicyProbe | None) -> OwnMeasurements:
    if not reports:
        return own_measurements((), probe=probe)
    from cniadvisor.report.toml_file import read
    from cniadvisor.report.whole_file import shown

    return own_measurements(
        [OwnReport(name=shown(Path(name)), report=read(Path(name))) for name in reports],
        probe=probe,
    )


def _read_references(campaigns: Sequence[Campaign]) -> Mapping[Path, Report]:
    from cniadvisor.report.toml_file import read

    return {path: read(path) for campaign in campaigns for path in campaign.reports}


def _found(catalogue: Catalogue, seen: Seen | None) -> Mapping[str, Found]:
    return {} if seen is None else prefill(catalogue, seen.findings, seen.inventory)


def _seen(settings: Settings, options: AdviseOptions) -> Seen | None:
    """Return what is known of the cluster; None, and a sentence why, where there is none."""
    if options.inventory is not None:
        return seen_in_file(options.inventory)
    if options.no_cluster:
        return None
    try:
        return asyncio.run(seen_on_cluster(settings))
    except (UsageError, AccessError, ClusterError, DeadlineError) as error:
        # Who names a cluster wants that one; nobody needs one to be advised.
        if settings.context is not None or settings.kubeconfig is not None:
            raise
        if not settings.quiet:
            tell(unfilled_sentence(error.message))
        return None


def _asked(catalogue: Catalogue, found: Mapping[str, Found], own: OwnMeasurements) -> Answers:
    from cniadvisor.headless.questionnaire import Questionnaire

    return Questionnaire(catalogue, found=found, measured=own.measured, read=_read, tell=tell).ask()


def _read(prompt: str) -> str:
    # input() would print its prompt on stdout, which is data only.
    click.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _formatted(told: Recommendation, options: AdviseOptions) -> str:
    if options.output == "json":
        from cniadvisor.advise.document import advice_json

        return advice_json(told)
    references = _read_references(told.campaigns) if options.references else None
    if options.output == "markdown":
        from cniadvisor.wording.advice_markdown import advice_markdown

        return advice_markdown(told, today=date.today(), references=references)
    from cniadvisor.wording.advice import advice_text

    return advice_text(told, today=date.today(), references=references)

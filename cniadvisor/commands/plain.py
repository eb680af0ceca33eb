"""``cniadvisor --plain``: the headless commands behind a numbered menu."""

import shlex
import sys
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from cniadvisor.cli import run
from cniadvisor.domain.errors import ExitCode
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.headless.plain_menu import Asker, Item, Words, entries, run_menu
from cniadvisor.resources import shipped_recording, suite_names

if TYPE_CHECKING:
    from cniadvisor.report.library import Entry as LibraryEntry

_MOST_REPORTS = 50


def run_plain(settings: Settings) -> int:
    """Offer the menu on stdin and stderr until somebody leaves; stdout is data only."""
    given = _options(settings)

    def do(words: Words) -> None:
        _tell(f"Command: {shlex.join(['cniadvisor', *given, *words])}")
        code = run([*given, *words])
        _tell(f"That command ended with code {int(code)}.")

    asker = Asker(read=_read, tell=_tell)
    run_menu(entries(_Offered(settings.profiles)), asker, do=do, read_only=settings.read_only)
    return ExitCode.OK


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _read() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _options(settings: Settings) -> list[str]:
    """Return the global options that say the same as ``settings``."""
    words: list[str] = []
    named = {
        "--context": settings.context,
        "--kubeconfig": settings.kubeconfig,
        "--namespace": settings.namespace,
        "--profiles": settings.profiles,
    }
    for option, value in named.items():
        words += [] if value is None else [option, value]
    flags = {
        "--read-only": settings.read_only,
        "--quiet": settings.quiet,
        "--verbose": settings.verbose,
    }
    return [*words, *(option for option, holds in flags.items() if holds)]


class _Offered:
    """What this installation and machine have.

    Args:
        profiles: the user's folder.
    """

    def __init__(self, profiles: str | None) -> None:
        self._profiles = profiles

    def suites(self) -> Sequence[Item]:
        return [Item(value=name, words=name) for name in suite_names()]

    def tests(self) -> Sequence[Item]:
        return [Item(value=test.value, words=test.value) for test in TestName]

    def wirings(self) -> Sequence[Item]:
        from cniadvisor.lab.wirings.catalogue import WIRINGS

        return [Item(value=name, words=name) for name in WIRINGS]

    def reports(self) -> Sequence[Item]:
        from platformdirs import user_data_path

        from cniadvisor.report.library import entries as found

        folder = user_data_path("cniadvisor") / "reports"
        readable = (entry for entry in found([folder]) if not entry.problem)
        return [_report(entry) for entry in islice(readable, _MOST_REPORTS)]

    def references(self) -> Sequence[Item]:
        from cniadvisor.commands.profiles import known_campaigns
        from cniadvisor.report.library import entries as found
        from cniadvisor.wording.campaigns import reference_words

        return [
            Item(value=item.value, words=f"{reference_words(campaign)}: {item.words}")
            for campaign in known_campaigns(self._profiles)
            for item in map(_report, found(campaign.reports))
        ]

    def recordings(self) -> Sequence[Item]:
        shipped = shipped_recording()
        if shipped is None:
            return []
        return [Item(value=str(shipped), words=printable(shipped.stem, limit=120))]


def _report(entry: "LibraryEntry") -> Item:
    told = [entry.started_at, f"{entry.cni} {entry.mode}".strip(), entry.suite, entry.context]
    outcome = entry.outcome.value if entry.outcome is not None else ""
    words = ", ".join(part for part in (*told, outcome) if part)
    return Item(value=str(entry.path), words=words)

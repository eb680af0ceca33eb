"""The whole product as a numbered menu of plain lines, for a screen reader or a simple terminal.

One line at a time, read from top to bottom: no alternate screen, no box drawing, no cursor. Every
entry asks a few questions and becomes a command that could have been typed; the command is shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class MenuLeft(Exception):  # noqa: N818 - says what happened
    """There is no more input: the terminal was closed, or ctrl+d pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to choose: its value in a command, and its words."""

    value: str
    words: str


class Asker:
    """Asks one question at a time.

    Args:
        read: returns the next line without its newline. Raises EOFError at the end.
        tell: prints one line.
    """

    def __init__(self, *, read: Callable[[], str], tell: Callable[[str], None]) -> None:
        self._read = read
        self.tell = tell

    def line(self, question: str, *, empty: str) -> str:
        """Ask for a line.

        Args:
            question: without a mark at its end.
            empty: what an empty line means, in words.
        """
        self.tell(f"{question}? An empty line means: {empty}.")
        return self._answer()

    def one(self, question: str, items: Sequence[Item], *, empty: str) -> str | None:
        """Ask for one of some items by its number; None for an empty line."""
        self._list(question, items)
        while True:
            self.tell(f"A number from 1 to {len(items)}. An empty line means: {empty}.")
            told = self._answer()
            if not told:
                return None
            found = _numbered(told, items)
            if found is not None:
                return found
            self.tell(f"There is no number {told[:20]}.")

    def some(self, question: str, items: Sequence[Item], *, empty: str) -> tuple[str, ...]:
        """Ask for some of the items by their numbers; none for an empty line."""
        self._list(question, items)
        while True:
            self.tell(
                f"Numbers from 1 to {len(items)} with spaces between. An empty line means: {empty}."
            )
            found = [_numbered(word, items) for word in self._answer().replace(",", " ").split()]
            chosen = tuple(value for value in found if value is not None)
            if len(chosen) == len(found):
                return tuple(dict.fromkeys(chosen))
            self.tell("One of these is no number of the list.")

    def _list(self, question: str, items: Sequence[Item]) -> None:
        self.tell(f"{question}?")
        for number, item in enumerate(items, start=1):
            self.tell(f"{number}. {item.words}")

    def _answer(self) -> str:
        try:
            return self._read().strip()
        except EOFError:
            raise MenuLeft from None


def _numbered(told: str, items: Sequence[Item]) -> str | None:
    if not (told.isascii() and told.isdigit()) or len(told) > 6:
        return None
    number = int(told)
    return items[number - 1].value if 1 <= number <= len(items) else None


Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the menu.

    Attributes:
        words: what it does.
        ask: asks what the command needs and returns its words; None when nothing is to be done.
        changes: it creates or removes something, so it is absent with ``--read-only``.
    """

    words: str
    ask: Callable[[Asker], Words | None]
    changes: bool = False


class Offers(Protocol):
    """What the menu lets one choose from."""

    def suites(self) -> Sequence[Item]:
        """Return the suites that ship."""
        ...

    def tests(self) -> Sequence[Item]:
        """Return the tests."""
        ...

    def wirings(self) -> Sequence[Item]:
        """Return the lab's wirings."""
        ...

    def reports(self) -> Sequence[Item]:
        """Return the reports on this machine, newest first."""
        ...

    def references(self) -> Sequence[Item]:
        """Return reports that are not the user's, to compare with."""
        ...

    def recordings(self) -> Sequence[Item]:
        """Return the recordings that can be told again."""
        ...


def entries(offers: Offers) -> tuple[Entry, ...]:
    """Return the menu."""

    def bench(asker: Asker) -> Words:
        return ("bench", "--headless", *_run_choices(asker, offers))

    def lab(asker: Asker) -> Words:
        wirings = asker.some("Which wirings", offers.wirings(), empty="the usual two")
        chosen = ("--wiring", ",".join(wirings)) if wirings else ()
        return ("lab", "--headless", *chosen, *_run_choices(asker, offers))

    def show(asker: Asker) -> Words | None:
        return _with_reports(asker, offers, "show", at_least=1)

    def compare(asker: Asker) -> Words | None:
        return _with_reports(asker, offers, "compare", at_least=2)

    def export(asker: Asker) -> Words | None:
        forms = tuple(Item(value=form, words=form) for form in ("csv", "json", "markdown"))
        form = asker.one("In which form", forms, empty="csv") or "csv"
        place = asker.line("To which file", empty="print it here")
        told = ("export", "--format", form, *(("--out", place) if place else ()))
        return _with_reports(asker, offers, *told, at_least=1)

    def replay(asker: Asker) -> Words | None:
        recordings = offers.recordings()
        if not recordings:
            asker.tell("There is no recording. `cniadvisor bench --record FILE` makes one.")
            return None
        chosen = asker.one("Which recording", recordings, empty="none, go back")
        return None if chosen is None else ("replay", chosen)

    def advise(asker: Asker) -> Words:
        reports = offers.reports()
        chosen = (
            asker.some("Which reports count as evidence", reports, empty="none") if reports else ()
        )
        return ("advise", *(word for report in chosen for word in ("--report", report)))

    return (
        Entry(words="What runs in this cluster", ask=lambda _: ("detect",)),
        Entry(words="Why we think so", ask=lambda _: ("detect", "--explain")),
        Entry(
            words="What a benchmark would create and move, without creating it",
            ask=lambda asker: ("bench", "--dry-run", *_run_choices(asker, offers)),
        ),
        Entry(words="Run a benchmark; it shows the plan and asks first", ask=bench, changes=True),
        Entry(words="Measure on this machine, without a cluster", ask=lab),
        Entry(words="Hear a recorded run again", ask=replay),
        Entry(words="Read a report", ask=show),
        Entry(words="Compare reports", ask=compare),
        Entry(words="Turn reports into CSV, JSON or Markdown", ask=export),
        Entry(words="Find the CNI that fits, question by question", ask=advise),
        Entry(
            words="Try whether NetworkPolicy is enforced; it shows the plan and asks first",
            ask=lambda _: ("probe", "policy"),
            changes=True,
        ),
        Entry(
            words="Remove what earlier runs left behind", ask=lambda _: ("cleanup",), changes=True
        ),
        Entry(words="Versions, places and the context in use", ask=lambda _: ("info",)),
        Entry(words="The settings in force", ask=lambda _: ("config", "show")),
    )


def run_menu(
    listed: Sequence[Entry], asker: Asker, *, do: Callable[[Words], None], read_only: bool
) -> None:
    """Offer the menu until somebody leaves.

    Args:
        listed: the entries.
        asker: asks.
        do: runs a command, given its words.
        read_only: leave out what creates or removes something.
    """
    offered = [entry for entry in listed if not (entry.changes and read_only)]
    items = [Item(value=str(index), words=entry.words) for index, entry in enumerate(offered)]
    while True:
        try:
            chosen = asker.one("What do you want to do", items, empty="leave")
            words = None if chosen is None else offered[int(chosen)].ask(asker)
        except MenuLeft:
            return
        if chosen is None:
            return
        if words is not None:
            do(words)


def _run_choices(asker: Asker, offers: Offers) -> Words:
    suite = asker.one("Which suite", offers.suites(), empty="quick")
    tests = asker.some("Which tests", offers.tests(), empty="the suite's")
    return (
        *(("--suite", suite) if suite else ()),
        *(("--tests", ",".join(tests)) if tests else ()),
    )


def _with_reports(asker: Asker, offers: Offers, *words: str, at_least: int) -> Words | None:
    reports = [*offers.reports(), *offers.references()]
    if len(reports) < at_least:
        asker.tell(f"There are {len(reports)} reports on this machine; this needs {at_least}.")
        return None
    chosen = asker.some("Which reports", reports, empty="none, go back")
    if not chosen:
        return None
    if len(chosen) < at_least:
        asker.tell(f"This needs {at_least} reports.")
        return None
    return (*words, *chosen)

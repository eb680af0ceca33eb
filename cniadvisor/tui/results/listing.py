"""The list of reports: which of them, in what order, in what words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cniadvisor.domain.events import Outcome
from cniadvisor.domain.words import counted
from cniadvisor.report.library import Entry
from cniadvisor.tui.symbols import Symbols
from cniadvisor.wording.subject import subject

__all__ = [
    "HEADER",
    "Order",
    "cells",
    "heading",
    "matching",
    "ordered",
]

# The first column holds the letter of a marked report, and its room when none is marked.
HEADER = (" ", "Started (UTC)", "CNI", "Outcome", "Suite", "Context", "File")

UNREADABLE = "can't be read"


class Order(StrEnum):
    """By what the list is sorted; the value is what a person reads."""

    NEWEST = "newest first"
    CNI = "by CNI"
    CONTEXT = "by context"
    SUITE = "by suite"
    OUTCOME = "by outcome"
    FILE = "by file name"

    @property
    def next(self) -> "Order":
        """The order that follows when a person asks for another."""
        every = list(Order)
        return every[(every.index(self) + 1) % len(every)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is shown and searched of an entry, by name of the field a filter may ask for."""

    started: str
    cni: str
    outcome: str
    suite: str
    context: str
    file: str
    kind: str
    test: str
    run: str
    group: str

    def field(self, name: str) -> str | None:
        return getattr(self, name) if name in _Told.__slots__ else None

    @property
    def every(self) -> str:
        return "\n".join(getattr(self, name) for name in _Told.__slots__)


def _told(entry: Entry) -> _Told:
    return _Told(
        # 2026-11-22T10:15:00Z, to the minute.
        started=entry.started_at[:16].replace("T", " "),
        cni="" if entry.problem else subject(cni=entry.cni, mode=entry.mode),
        outcome=UNREADABLE if entry.outcome is None else entry.outcome.value,
        suite=entry.suite,
        context=entry.context,
        file=entry.name,
        kind=entry.kind,
        test=" ".join(entry.tests),
        run=entry.run_id,
        group=entry.group,
    )


def matching(entries: Iterable[Entry], wanted: str) -> tuple[Entry, ...]:
    """Return the entries that have every word of ``wanted``, whatever its case.

    A word is looked for everywhere; ``cni:flannel`` only there (also ``outcome:``, ``context:``,
    ``suite:``, ``test:``, ``file:``, ``kind:``, ``run:``, ``started:``, ``group:``); ``!word`` must
    not occur.
    """
    words = wanted.casefold().split()
    return tuple(entry for entry in entries if all(_has(_told(entry), word) for word in words))


def _has(told: _Told, word: str) -> bool:
    bare = word.removeprefix("!")
    name, colon, rest = bare.partition(":")
    named = told.field(name) if colon else None
    where, what = (told.every, bare) if named is None else (named, rest)
    return (what in where.casefold()) is not word.startswith("!")


def ordered(entries: Iterable[Entry], order: Order) -> tuple[Entry, ...]:
    """Return the entries sorted; among equals the newest first, and what can't be read last.

    The user's own come first, then one group after the other.
    """
    newest = sorted(entries, key=lambda entry: (entry.started_at, entry.name), reverse=True)
    name = {Order.NEWEST: "", Order.FILE: "file"}.get(order, order.value.removeprefix("by "))
    if name:
        newest.sort(key=lambda entry: (_told(entry).field(name.casefold()) or "").casefold())
    return tuple(sorted(newest, key=lambda entry: (entry.group, bool(entry.problem))))


def cells(entry: Entry, *, letter: str, symbols: Symbols) -> tuple[str, ...]:
    """Return the cells of an entry under :data:`HEADER`.

    Args:
        entry: printable already.
        letter: what it is called in charts; empty when it is not marked.
        symbols: the marks that stand beside the outcome's word.
    """
    told = _told(entry)
    mark = {Outcome.COMPLETE: symbols.good, Outcome.PARTIAL: symbols.warning}.get(
        entry.outcome or Outcome.FAILED, symbols.bad
    )
    outcome = f"{mark} {told.outcome}"
    return (letter or " ", told.started, told.cni, outcome, told.suite, told.context, told.file)


def row_words(entry: Entry) -> str:
    """Return an entry in one line, for a list to choose from."""
    told = _told(entry)
    parts = (told.started, told.cni, told.outcome, told.suite, told.context, told.file)
    return "  ".join(part for part in parts if part)


def heading(
    shown: Sequence[Entry], every: Sequence[Entry], *, order: Order, wanted: str, reading: bool
) -> str:
    """Say what the list shows: how many of how many, in which order, found by what."""
    references = sum(bool(entry.group) for entry in every)
    number = counted(len(every) - references, "report")
    if references:
        number += f" and {references} for reference"
    if wanted.strip():
        number = f'{len(shown)} of {number} with "{wanted.strip()}"'
    broken = sum(bool(entry.problem) for entry in shown)
    parts = [f"{number}, {order.value}"]
    if broken:
        parts.append(f"{broken} can't be read")
    if reading:
        parts.append("reading more")
    return "; ".join(parts)

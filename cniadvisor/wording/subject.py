"""What a report is of, in two or three words: a name for a line in a chart or a row in a list."""

from collections.abc import Sequence
from string import ascii_uppercase

from cniadvisor.domain.findings import WIRED_AS
from cniadvisor.domain.report import Report
from cniadvisor.domain.text import printable

LETTERS = ascii_uppercase
"""What several reports are called, in their order; there are no more."""

NO_CNI = "CNI not found out"

_LIMIT = 30


def subject(*, cni: str | None, mode: str | None) -> str:
    """Return ``flannel vxlan``: the component that wires pods, and its data path.

    What a lab wired is ``lab: wired as Flannel, VXLAN``: cut at the end its whole name would be the
    same for every wiring.
    """
    if not cni:
        return NO_CNI
    if cni.startswith(WIRED_AS):
        return printable(f"lab: wired as {cni.removeprefix(WIRED_AS)}", limit=_LIMIT)
    return printable(f"{cni} {mode}" if mode else cni, limit=_LIMIT)


def report_subject(report: Report) -> str:
    """Return what a report is of."""
    primary = report.findings.primary
    return subject(cni=primary.name if primary else None, mode=primary.mode if primary else None)


def told_apart(reports: Sequence[Report]) -> tuple[str, ...]:
    """Return a name for each of at most 26 reports: one alone is its subject, several get a letter.

    The letters are those of a comparison of the same reports in the same order.
    """
    names = [report_subject(report) for report in reports]
    if len(names) == 1:
        return tuple(names)
    return tuple(f"{letter} {name}" for letter, name in zip(LETTERS, names, strict=False))

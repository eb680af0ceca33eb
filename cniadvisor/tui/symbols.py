"""Marks that stand beside a word, in what the terminal can show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbols:
    """A mark for each state; a word always stands beside it."""

    good: str
    bad: str
    warning: str
    unknown: str
    chosen: str
    bullet: str
    bar: str


UNICODE = Symbols(good="✓", bad="✗", warning="!", unknown="?", chosen="●", bullet="•", bar="█")
ASCII = Symbols(good="+", bad="x", warning="!", unknown="?", chosen="*", bullet="-", bar="#")


def symbols_for(*, encoding: str | None, term: str | None) -> Symbols:
    """Return the marks for a terminal: the Linux console's font has no others than ASCII's.

    Args:
        encoding: of the stream the terminal reads, as Python names it.
        term: the variable TERM.
    """
    named = (encoding or "").lower().replace("-", "").replace("_", "")
    return UNICODE if named in ("utf8", "utf8sig") and term not in ("linux", "dumb") else ASCII

"""What "simple" or "light" means: axes from 0 to 1 over facts. Data: ``profiles/axes.toml``."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One fact that an axis looks at; all criteria of an axis count the same.

    A flag is 1 or 0. With ``least`` a number counts ``least / number``, at most 1: ratios need no
    worst value, which would be whatever the worst CNI happens to have.

    Attributes:
        only_if: it counts only if an answer asks for this.
    """

    key: str
    least: float | None = None
    only_if: str = ""


class By(StrEnum):
    """What an axis is computed from that is no fact of a profile."""

    CURRENT = "current"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis; exactly one of ``criteria``, ``worst_of`` and ``by`` is set.

    Attributes:
        why: what it means, in words.
        headline: the fact that says whether a CNI can do it at all.
        article: what the article the project began with recommends for this priority alone.
    """

    name: str
    title: str
    why: str
    criteria: tuple[Criterion, ...] = ()
    worst_of: tuple[str, ...] = ()
    by: By | None = None
    headline: str = ""
    article: str = ""

"""Points made fit to be drawn: finite, cut at gaps, and no more than can be seen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from cniadvisor.stats.decimate import decimate

LARGEST = 1e300
"""What is beyond would overflow where an axis is divided; it is left out like an infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a line without gaps: as many finite xs as ys, at least one."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    x: float
    y: float
    segment: int


def drawable(value: float | None) -> bool:
    """Whether a value can be drawn: there, finite and not absurd."""
    return value is not None and math.isfinite(value) and abs(value) <= LARGEST


def finite(values: Iterable[float | None]) -> tuple[float, ...]:
    """Return the values that can be drawn."""
    return tuple(value for value in values if value is not None and drawable(value))


def segments(points: Sequence[tuple[float, float | None]], *, columns: int) -> tuple[Segment, ...]:
    """Return what is to be drawn of a line on so many columns: at most two points a column.

    A point that can't be drawn is a gap; the line goes on behind it as another segment. Of many
    points each bucket's lowest and highest stay, so a spike of one second is still seen.

    Args:
        points: x and y, x ascending.
        columns: at least 1.
    """
    kept: list[_Placed] = []
    number = 0
    for x, y in points:
        if y is not None and drawable(x) and drawable(y):
            kept.append(_Placed(x, y, number))
        else:
            number += 1
    thinned = decimate(kept, limit=2 * max(1, columns), measures=(lambda placed: placed.y,))
    pieces: list[Segment] = []
    for _, group in groupby(thinned, key=lambda placed: placed.segment):
        piece = list(group)
        pieces.append(Segment(xs=tuple(one.x for one in piece), ys=tuple(one.y for one in piece)))
    return tuple(pieces)

"""Which of several ratios is ahead of which, and where that is not decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from cniadvisor.domain.report import Interval
from cniadvisor.stats.comparison import INDIFFERENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """Pairs of places: ``ahead`` (the better one first), and those between which nothing is said.

    There is no ranking: being undecided is not transitive.
    """

    ahead: tuple[tuple[int, int], ...]
    undecided: tuple[tuple[int, int], ...]


def ordering(intervals: Sequence[Interval | None], *, higher_is_better: bool) -> Ordering:
    """Order ratios to each one's own baseline by their 95 % intervals; None is left out.

    One is ahead only if its whole interval lies beyond the other's by more than the 1 % that
    makes no difference. Intervals that do not touch are a stricter test than an interval of the
    difference, so this errs towards saying nothing.
    """
    ahead: list[tuple[int, int]] = []
    undecided: list[tuple[int, int]] = []
    known = [(place, interval) for place, interval in enumerate(intervals) if interval is not None]
    for (first, one), (second, other) in combinations(known, 2):
        if _beyond(one, other):
            ahead.append((first, second) if higher_is_better else (second, first))
        elif _beyond(other, one):
            ahead.append((second, first) if higher_is_better else (first, second))
        else:
            undecided.append((first, second))
    return Ordering(ahead=tuple(sorted(ahead)), undecided=tuple(undecided))


def _beyond(one: Interval, other: Interval) -> bool:
    return one.low > other.high * INDIFFERENT.high

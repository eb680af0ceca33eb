"""The charts there are, as data: what is drawn, not how.

Every line, level and group has a name, a meaning (its colour) and a mark: the one letter that
stands beside it in the legend and in the chart, because a colour says nothing alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from string import ascii_uppercase
from typing import TypeAlias

from cniadvisor.tui.theme import Meaning

FURTHER = (
    Meaning.OTHER1,
    Meaning.OTHER2,
    Meaning.OTHER3,
    Meaning.OTHER4,
    Meaning.OTHER5,
    Meaning.OTHER6,
)
"""The meanings of lines that are neither the pod path nor the baseline, in their order."""


class Across(StrEnum):
    """What a line chart's horizontal axis counts."""

    SECONDS = "elapsed seconds"
    ROUNDS = "rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through ``points`` (x ascending); a y that is missing or not finite is a gap."""

    name: str
    meaning: Meaning
    points: tuple[tuple[float, float | None], ...]
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A horizontal line at one value."""

    name: str
    meaning: Meaning
    value: float
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """Lines and levels over time or rounds.

    Attributes:
        unit: of every value (``Mbit/s``, ``us``, ``m`` for millicores, ``MiB``, ``%``).
        across_to: the horizontal axis reaches at least so far, from 0; None fits the points.
        from_zero: the vertical axis has 0 on it: heights can be compared.
        empty: what is said while there are no points.
    """

    title: str
    unit: str
    lines: tuple[Line, ...] = ()
    levels: tuple[Level, ...] = ()
    across: Across = Across.SECONDS
    across_to: float | None = None
    from_zero: bool = True
    empty: str = "No figures yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The values of one group, in the order they were measured."""

    name: str
    meaning: Meaning
    values: tuple[float, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionChart:
    """Every trial as a point, its group's quartiles as a box and its median as a line."""

    title: str
    unit: str
    groups: tuple[Group, ...] = ()
    from_zero: bool = False
    empty: str = "No figures yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; ``part`` of its value is told apart (softirq of all CPU time)."""

    name: str
    meaning: Meaning
    value: float
    part: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars from zero; ``part_name`` is what their parts are."""

    title: str
    unit: str
    bars: tuple[Bar, ...] = ()
    part_name: str = ""
    part_meaning: Meaning = Meaning.SOFTIRQ
    empty: str = "No figures yet."


Chart: TypeAlias = LineChart | DistributionChart | BarChart


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One entry of a legend."""

    mark: str
    name: str
    meaning: Meaning


def legend(chart: Chart) -> tuple[Key, ...]:
    """Return the legend's entries in the order lines, levels or groups have; bars name themselves.

    Whoever brings no mark gets the letter of its place.
    """
    match chart:
        case LineChart():
            entries = (*chart.lines, *chart.levels)
        case DistributionChart():
            entries = chart.groups
        case BarChart():
            return ()
    return tuple(
        Key(
            mark=entry.mark or ascii_uppercase[place % len(ascii_uppercase)],
            name=entry.name,
            meaning=entry.meaning,
        )
        for place, entry in enumerate(entries)
    )

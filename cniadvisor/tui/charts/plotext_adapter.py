"""A chart as terminal text: the one importer of plotext.

plotext draws on one global figure, so only the app's own thread may call this. It is handed
places between 0 and 1, never values: what is huge, negative or not finite never reaches it, and
ticks and labels are ours. Its legend would cover the data and its text counts characters, not
columns, so all it is told to write are ticks and marks in ASCII.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Protocol, cast

from cniadvisor.tui.charts.axes import Axis, Tick, count_axis, time_axis, value_axis
from cniadvisor.tui.charts.bars import bars_text
from cniadvisor.tui.charts.chart import (
    Across,
    BarChart,
    Chart,
    DistributionChart,
    Key,
    LineChart,
    legend,
)
from cniadvisor.tui.charts.series import Segment, finite, segments
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.theme import Meaning

SMALLEST = (24, 4)
"""Columns and rows below which there is no picture."""

_PLOTEXT_MARKERS = {ChartMarker.BRAILLE: "braille", ChartMarker.BLOCK: "hd"}
_ASCII_FRAME = str.maketrans("│─┤├┴┬┼┐┌└┘", "|-||--+++++")
_BOX_NEEDS = 4
_BOX_HALF = 0.3

Colours = Mapping[Meaning, str]
"""Meaning -> ``#rrggbb``; a meaning that is missing is drawn in the terminal's own colour."""

_Colour = tuple[int, int, int] | str


class _Plotext(Protocol):
    """What is used of plotext, which has no types."""

    def clear_figure(self) -> None: ...
    def limit_size(self, width: bool, height: bool) -> None: ...
    def plot_size(self, width: int, height: int) -> object: ...
    def canvas_color(self, color: str) -> None: ...
    def axes_color(self, color: str) -> None: ...
    def ticks_color(self, color: _Colour) -> None: ...
    def xaxes(self, lower: bool, upper: bool) -> None: ...
    def yaxes(self, left: bool, right: bool) -> None: ...
    def xlim(self, left: float, right: float) -> None: ...
    def ylim(self, lower: float, upper: float) -> None: ...
    def xticks(self, ticks: list[float], labels: list[str]) -> None: ...
    def yticks(self, ticks: list[float], labels: list[str]) -> None: ...
    def plot(self, *points: list[float], marker: str, color: _Colour) -> None: ...
    def scatter(self, *points: list[float], marker: str, color: _Colour) -> None: ...
    def hline(self, coordinate: float, color: _Colour) -> None: ...
    def text(self, label: str, x: float, y: float, *, color: _Colour) -> None: ...
    def build(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stroke:
    """A segment in places between 0 and 1, drawn through or as single points."""

    segment: Segment
    key: Key
    joined: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """Everything plotext is told."""

    across: Axis
    up: Axis
    strokes: tuple[_Stroke, ...] = ()
    levels: tuple[tuple[float, Key], ...] = ()
    marks: tuple[tuple[float, float, Key], ...] = ()


def draw(chart: Chart, *, width: int, height: int, marker: ChartMarker, colours: Colours) -> str:
    """Return a chart of exactly ``height`` lines (bars: at most) with ANSI colours.

    Empty where there is nothing to draw, or no room for it (below :data:`SMALLEST`; bars need
    only a line each): then the chart's sentence has to do.
    """
    if isinstance(chart, BarChart):
        return bars_text(chart, width=width, height=height, marker=marker, colours=colours)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return ""
    drawing = (
        _lines(chart, width=width, height=height)
        if isinstance(chart, LineChart)
        else _distribution(chart, height=height)
    )
    if drawing is None:
        return ""
    return _plotted(drawing, width=width, height=height, marker=marker, colours=colours)


def _lines(chart: LineChart, *, width: int, height: int) -> _Drawing | None:
    keys = legend(chart)
    cut = [segments(line.points, columns=width) for line in chart.lines]
    levels = [
        (level.value, key)
        for level, key in zip(chart.levels, keys[len(chart.lines) :], strict=True)
        if finite([level.value])
    ]
    xs = [x for pieces in cut for piece in pieces for x in piece.xs]
    ys = [y for pieces in cut for piece in pieces for y in piece.ys]
    waiting = bool(levels) and chart.across_to is not None
    if not xs and not waiting:
        return None
    up = value_axis(
        [*ys, *(value for value, _ in levels)],
        unit=chart.unit,
        rows=height,
        from_zero=chart.from_zero,
    )
    across = (
        time_axis(xs, columns=width, at_least_s=chart.across_to)
        if chart.across is Across.SECONDS
        else count_axis(xs, columns=width)
    )
    strokes = tuple(
        _Stroke(segment=_placed(piece, across, up), key=key)
        for pieces, key in zip(cut, keys, strict=False)
        for piece in pieces
    )
    ends = {stroke.key: stroke.segment for stroke in strokes}
    return _Drawing(
        across=across,
        up=up,
        strokes=strokes,
        levels=tuple((up.share(value), key) for value, key in levels),
        marks=(
            *((end.xs[-1], end.ys[-1], key) for key, end in ends.items()),
            *((1.0, up.share(value), key) for value, key in levels),
        ),
    )


def _distribution(chart: DistributionChart, *, height: int) -> _Drawing | None:
    every = [finite(group.values) for group in chart.groups]
    values = [value for group in every for value in group]
    if not values:
        return None
    up = value_axis(values, unit=chart.unit, rows=height, from_zero=chart.from_zero)
    keys = legend(chart)
    across = Axis(
        low=0.0,
        high=float(len(every)),
        ticks=tuple(Tick(value=place + 0.5, label=key.mark) for place, key in enumerate(keys)),
    )
    strokes = tuple(
        stroke
        for place, (group, key) in enumerate(zip(every, keys, strict=True))
        for stroke in _group(group, key, centre=place + 0.5, across=across, up=up)
    )
    return _Drawing(across=across, up=up, strokes=strokes)


def _group(
    values: Sequence[float], key: Key, *, centre: float, across: Axis, up: Axis
) -> Iterator[_Stroke]:
    """Yield box, median and points; the points lie in the order they were measured."""
    if not values:
        return

    def stroke(points: Sequence[tuple[float, float]], *, joined: bool = True) -> _Stroke:
        piece = Segment(xs=tuple(x for x, _ in points), ys=tuple(y for _, y in points))
        return _Stroke(segment=_placed(piece, across, up), key=key, joined=joined)

    left, right = centre - _BOX_HALF, centre + _BOX_HALF
    if len(values) >= _BOX_NEEDS:
        low, _, high = quantiles(values, n=4, method="inclusive")
        box = ((left, low), (right, low), (right, high), (left, high), (left, low))
        yield stroke(box)
    middle = median(values)
    yield stroke(((left, middle), (right, middle)))
    gap = 2 * _BOX_HALF / (len(values) + 1)
    spread = [(left + gap * (place + 1), value) for place, value in enumerate(values)]
    yield stroke(spread, joined=False)


def _placed(piece: Segment, across: Axis, up: Axis) -> Segment:
    return Segment(
        xs=tuple(across.share(x) for x in piece.xs), ys=tuple(up.share(y) for y in piece.ys)
    )


def _plotted(
    drawing: _Drawing, *, width: int, height: int, marker: ChartMarker, colours: Colours
) -> str:
    import plotext  # pyright: ignore[reportMissingTypeStubs]

    plot = cast("_Plotext", plotext)
    plot.clear_figure()
    plot.limit_size(False, False)
    plot.plot_size(width, height)
    plot.canvas_color("default")
    plot.axes_color("default")
    plot.ticks_color(_rgb(colours, Meaning.MUTED))
    plot.xaxes(True, False)
    plot.yaxes(True, False)
    plot.xlim(0.0, 1.0)
    plot.ylim(0.0, 1.0)
    plot.yticks(*_ticks(drawing.up))
    plot.xticks(*_ticks(drawing.across))
    for value, key in drawing.levels:
        plot.hline(value, _rgb(colours, key.meaning))
    for stroke in drawing.strokes:
        paint = plot.plot if stroke.joined else plot.scatter
        paint(
            list(stroke.segment.xs),
            list(stroke.segment.ys),
            marker=_marker(marker, stroke),
            color=_rgb(colours, stroke.key.meaning),
        )
    # The axis and its labels take two rows.
    for x, y, key in _apart(drawing.marks, columns=width, rows=height - 2):
        plot.text(key.mark, x, y, color=_rgb(colours, key.meaning))
    text = plot.build().rstrip("\n")
    plot.clear_figure()
    return text.translate(_ASCII_FRAME) if marker is ChartMarker.ASCII else text


def _ticks(axis: Axis) -> tuple[list[float], list[str]]:
    return [axis.share(tick.value) for tick in axis.ticks], [tick.label for tick in axis.ticks]


def _marker(marker: ChartMarker, stroke: _Stroke) -> str:
    if marker is ChartMarker.ASCII:
        return stroke.key.mark.lower()
    return _PLOTEXT_MARKERS[marker] if stroke.joined else "dot"


def _apart(
    marks: Sequence[tuple[float, float, Key]], *, columns: int, rows: int
) -> Iterator[tuple[float, float, Key]]:
    """Move marks that would cover each other a row up or down; what is higher stays above."""
    placed: list[tuple[float, int, Key]] = []
    for x, y, key in sorted(marks, key=lambda mark: mark[1]):
        below = [row for other, row, _ in placed if abs(other - x) * columns < 2]
        placed.append((x, max([round(y * (rows - 1)), *(row + 1 for row in below)]), key))
    ceiling: list[tuple[float, int]] = []
    for x, row, key in reversed(placed):
        above = [other for at, other in ceiling if abs(at - x) * columns < 2]
        free = min([row, rows - 1, *(other - 1 for other in above)])
        ceiling.append((x, free))
        yield x, max(0, free) / max(1, rows - 1), key


def _rgb(colours: Colours, meaning: Meaning) -> _Colour:
    told = colours.get(meaning)
    if told is None:
        return "default"
    return int(told[1:3], 16), int(told[3:5], 16), int(told[5:7], 16)

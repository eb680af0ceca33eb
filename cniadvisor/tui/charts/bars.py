"""Bars as lines of text: a name, the bar, and the value written out at its end."""

from collections.abc import Mapping

from rich.cells import cell_len, set_cell_size

from cniadvisor.domain.text import printable
from cniadvisor.tui.charts.chart import Bar, BarChart
from cniadvisor.tui.charts.series import drawable
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording.words import quantity

_FILL = {ChartMarker.BRAILLE: "█▓", ChartMarker.BLOCK: "█▓", ChartMarker.ASCII: "=#"}
_WIDEST_NAME = 24
_SHORTEST_BAR = 4


def bars_text(
    chart: BarChart,
    *,
    width: int,
    height: int,
    marker: ChartMarker,
    colours: Mapping[Meaning, str],
) -> str:
    """Return a line for every bar that has a value, as many as there is room for.

    The part of a bar is at its beginning and filled differently. Empty when there is no bar, or
    no room for one.
    """
    bars = [bar for bar in chart.bars if drawable(bar.value)][:height]
    if not bars:
        return ""
    names = [printable(bar.name, limit=200) for bar in bars]
    told = [_told(chart, bar) for bar in bars]
    column = min(_WIDEST_NAME, max(cell_len(name) for name in names))
    room = width - column - max(len(words) for words in told) - 2
    if room < _SHORTEST_BAR:
        return ""
    largest = max(abs(bar.value) for bar in bars) or 1.0
    whole, part = _FILL[marker]
    lines: list[str] = []
    for bar, name, words in zip(bars, names, told, strict=True):
        length = _cells(bar.value, largest, room)
        inner = min(length, _cells(bar.part or 0.0, largest, room))
        lines.append(
            f"{set_cell_size(name, column)} "
            + _painted(part * inner, colours.get(chart.part_meaning))
            + _painted(whole * (length - inner), colours.get(bar.meaning))
            + f" {words}"
        )
    return "\n".join(lines)


def _told(chart: BarChart, bar: Bar) -> str:
    words = quantity(bar.value, chart.unit)
    if bar.part is None or not drawable(bar.part):
        return words
    return f"{words}, {quantity(bar.part, chart.unit)} {chart.part_name}".rstrip()


def _cells(value: float, largest: float, room: int) -> int:
    if not drawable(value):
        return 0
    return max(0, min(room, round(value / largest * room)))


def _painted(text: str, colour: str | None) -> str:
    if colour is None or not text:
        return text
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"\x1b[38;2;{red};{green};{blue}m{text}\x1b[0m"

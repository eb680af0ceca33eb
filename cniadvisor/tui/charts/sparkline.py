"""A strip of one line: the newest values, each a column high by its share of the top."""

from collections.abc import Sequence

from cniadvisor.tui.charts.series import drawable
from cniadvisor.tui.options import ChartMarker

_LEVELS = {
    ChartMarker.BRAILLE: "▁▂▃▄▅▆▇█",
    ChartMarker.BLOCK: "▁▂▃▄▅▆▇█",
    ChartMarker.ASCII: "._-~=+*#",
}


def sparkline(
    values: Sequence[float | None], *, width: int, top: float, marker: ChartMarker
) -> str:
    """Return the last ``width`` values; a value that is missing is a space.

    Args:
        values: oldest first.
        top: what fills the column; what is above does not go higher.
    """
    levels = _LEVELS[marker]
    newest = values[-width:] if width > 0 else ()
    return "".join(_level(value, top, levels) for value in newest).rjust(max(0, width))


def _level(value: float | None, top: float, levels: str) -> str:
    if value is None or not drawable(value):
        return " "
    share = min(1.0, max(0.0, value / top)) if top > 0 else 0.0
    return levels[min(len(levels) - 1, int(share * len(levels)))]

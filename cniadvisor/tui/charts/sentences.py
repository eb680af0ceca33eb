"""What a chart says, as a sentence that stands alone: for those who can't see it, or have no room.

Nothing is ranked here: a chart shows figures, verdicts come from ``stats``.
"""

from collections.abc import Sequence
from statistics import median

from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.tui.charts.chart import Across, BarChart, Chart, DistributionChart, LineChart
from cniadvisor.tui.charts.series import drawable, finite
from cniadvisor.wording.words import duration, quantity, quantity_range


def chart_sentence(chart: Chart) -> str:
    """Return the sentence of any chart; that it is empty when it has nothing to show."""
    match chart:
        case LineChart():
            parts = _lines(chart)
        case DistributionChart():
            parts = [
                f"{_name(group.name)} {_spread(values, chart.unit)} in "
                f"{counted(len(values), 'trial')}"
                for group in chart.groups
                if (values := finite(group.values))
            ]
        case BarChart():
            parts = [
                f"{_name(bar.name)} {quantity(bar.value, chart.unit)}"
                for bar in chart.bars
                if drawable(bar.value)
            ]
    return f"{'; '.join(parts)}." if parts else chart.empty


def _lines(chart: LineChart) -> list[str]:
    parts: list[str] = []
    for line in chart.lines:
        xs = [x for x, y in line.points if drawable(x) and drawable(y)]
        values = finite(y for x, y in line.points if drawable(x))
        if not values:
            continue
        length = (
            duration(xs[-1] if chart.across_to is not None else xs[-1] - xs[0])
            if chart.across is Across.SECONDS
            else counted(len(values), "round")
        )
        parts.append(f"{_name(line.name)} {_spread(values, chart.unit)} in {length}")
    if parts:
        parts += [
            f"{_name(level.name)} {quantity(level.value, chart.unit)}"
            for level in chart.levels
            if drawable(level.value)
        ]
    return parts


def _spread(values: Sequence[float], unit: str) -> str:
    """Say the median and the range of at least one value."""
    if min(values) == max(values):
        return quantity(values[0], unit)
    spread = quantity_range(min(values), max(values), unit)
    return f"median {quantity(median(values), unit)}, {spread},"


def _name(name: str) -> str:
    return printable(name, limit=80)

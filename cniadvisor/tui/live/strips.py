"""CPU and memory of the machines as strips of text."""

from cniadvisor.domain.measurement import Role
from cniadvisor.domain.report import Machine
from cniadvisor.tui.charts.sparkline import sparkline
from cniadvisor.tui.cutting import fitted
from cniadvisor.tui.live.cells import Cell
from cniadvisor.tui.live.series import NodePoint, NodeSeries
from cniadvisor.tui.live.state import LiveState
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording.live import NOTHING, cpu_words, memory_words

_NAMES = {Machine.CLIENT: "client", Machine.SERVER: "server", Machine.MACHINE: "machine"}
_NAME_WIDTH = 8
_WORDS_WIDTH = 40
_MEMORY_WIDTH = 10
_SHORTEST = 4
_TALL_WORDS = 42


def strips_of(
    state: LiveState, *, width: int, tall: bool, marker: ChartMarker
) -> tuple[tuple[Cell, ...], ...]:
    """Return lines of cells: one for each machine, or ``tall`` three, softirq and memory apart."""
    lines: list[tuple[Cell, ...]] = []
    for role, series in state.nodes.items():
        if tall:
            lines += _tall(series, width, _memory_top(state, role, series), marker)
        else:
            lines.append(_one_line(series, width, marker))
    return tuple(lines)


def _one_line(series: NodeSeries, width: int, marker: ChartMarker) -> tuple[Cell, ...]:
    point = series.points[-1]
    name = Cell(text=_NAMES[series.machine].ljust(_NAME_WIDTH), meaning=Meaning.MUTED)
    words = Cell(text=_cpu(point, series.cores))
    memory = Cell(text=_memory(point).rjust(_MEMORY_WIDTH))
    room = width - _NAME_WIDTH - _WORDS_WIDTH - _MEMORY_WIDTH - 1
    if room < _SHORTEST:
        line = f"{name.text}{words.text}, {memory.text.strip()}"
        return (Cell(text=fitted(line, width)),)
    busy = [one.busy_millicores for one in series.points]
    strip = sparkline(busy, width=room, top=_top(series), marker=marker)
    return (
        name,
        Cell(text=fitted(words.text, _WORDS_WIDTH)),
        Cell(text=strip, meaning=Meaning.CPU),
        Cell(text=f" {memory.text}"),
    )


def _tall(
    series: NodeSeries, width: int, memory_top: float, marker: ChartMarker
) -> list[tuple[Cell, ...]]:
    point = series.points[-1]
    busy, softirq = point.busy_millicores, point.softirq_millicores
    kinds = (
        (
            "CPU",
            NOTHING if busy is None else cpu_words(busy, None, series.cores),
            [one.busy_millicores for one in series.points],
            _top(series),
            Meaning.CPU,
        ),
        (
            "softirq",
            NOTHING if softirq is None else f"{softirq:.0f} m",
            [one.softirq_millicores for one in series.points],
            _top(series),
            Meaning.SOFTIRQ,
        ),
        (
            "memory",
            _memory(point),
            [one.memory_used_mib for one in series.points],
            memory_top,
            Meaning.MEMORY,
        ),
    )
    lines: list[tuple[Cell, ...]] = []
    for place, (kind, words, values, top, meaning) in enumerate(kinds):
        name = _NAMES[series.machine] if place == 0 else ""
        told = f"{name.ljust(_NAME_WIDTH)}{kind.ljust(9)}{words}"
        room = width - _TALL_WORDS
        if room < _SHORTEST:
            lines.append((Cell(text=fitted(told, width)),))
            continue
        strip = sparkline(values, width=room, top=top, marker=marker)
        lines.append((Cell(text=fitted(told, _TALL_WORDS)), Cell(text=strip, meaning=meaning)))
    return lines


def _top(series: NodeSeries) -> float:
    return 1000.0 * series.cores


def _memory_top(state: LiveState, role: Role, series: NodeSeries) -> float:
    """Return the node's memory where the API told it, else the most that was seen."""
    seen = [one.memory_used_mib for one in series.points if one.memory_used_mib is not None]
    if state.started is None:
        return max(seen, default=1.0)
    pair = state.started.target.pair
    node = pair.client if role is Role.CLIENT else pair.server
    return max([float(node.memory_mib), *seen])


def _cpu(point: NodePoint, cores: int) -> str:
    busy = point.busy_millicores
    return NOTHING if busy is None else cpu_words(busy, point.softirq_millicores, cores)


def _memory(point: NodePoint) -> str:
    return NOTHING if point.memory_used_mib is None else memory_words(point.memory_used_mib)

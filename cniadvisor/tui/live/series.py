"""What the Live screen draws, kept small however long a run is."""

import math
from dataclasses import dataclass

from cniadvisor.domain.events import NodeSample, ThroughputSample
from cniadvisor.domain.measurement import TrialId
from cniadvisor.domain.report import Machine
from cniadvisor.tui.charts.series import segments

Points = tuple[tuple[float, float | None], ...]

MOST_POINTS = 1200
"""Beyond, a trial is thinned to half as many; peaks and dips stay."""

MOST_NODE_POINTS = 300
"""Five minutes of a node, second by second; older ones go."""

_LONGEST_STEP_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSeries:
    """One trial second by second.

    Attributes:
        points: second of the trial and Mbit/s, ascending; a value that is missing is None.
        on_the_wire: the values are what the interface counted, headers included.
        ended: the trial is over.
    """

    trial: TrialId
    points: Points = ()
    on_the_wire: bool = False
    ended: bool = False

    @property
    def last_mbit_per_s(self) -> float | None:
        """The newest value."""
        return self.points[-1][1] if self.points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePoint:
    """One second of a node; None where it is not known."""

    at_s: float
    busy_millicores: float | None
    softirq_millicores: float | None
    memory_used_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSeries:
    """A machine's last minutes."""

    machine: Machine
    cores: int
    points: tuple[NodePoint, ...] = ()


def with_second(points: Points, sample: ThroughputSample) -> Points:
    """Return a trial's points and one more; at most :data:`MOST_POINTS`.

    Seconds that were not told are a gap. One that is not after the last is left out.
    """
    if not math.isfinite(sample.second):
        return points
    last = points[-1][0] if points else None
    if last is not None and sample.second <= last:
        return points
    value = sample.mbit_per_s if math.isfinite(sample.mbit_per_s) else None
    gap: Points = ()
    if last is not None and sample.second - last > _LONGEST_STEP_S:
        gap = (((last + sample.second) / 2, None),)
    more = (*points, *gap, (sample.second, value))
    return thinned(more) if len(more) > MOST_POINTS else more


def thinned(points: Points) -> Points:
    """Return at most half of :data:`MOST_POINTS`, values and gaps together; peaks and dips stay."""
    joined: list[tuple[float, float | None]] = []
    for piece in segments(points, columns=MOST_POINTS // 8):
        if joined:
            joined.append(((joined[-1][0] + piece.xs[0]) / 2, None))
        joined += zip(piece.xs, piece.ys, strict=True)
    return tuple(joined)


def with_node(series: NodeSeries, sample: NodeSample) -> NodeSeries:
    """Return a machine's series and one second more; the oldest goes."""
    point = NodePoint(
        at_s=sample.at_s,
        busy_millicores=_known(sample.cpu.busy_millicores),
        softirq_millicores=_known(sample.cpu.softirq_millicores),
        memory_used_mib=_known(sample.memory_used_mib),
    )
    return NodeSeries(
        machine=series.machine,
        cores=sample.cpu.cores,
        points=(*series.points[-(MOST_NODE_POINTS - 1) :], point),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None

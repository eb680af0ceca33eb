"""From readings of the metrics API to one mean over a phase of a run, or why there is none. Pure.

The metrics API tells means over windows of its own, 15 to 60 s long. A window that reaches beyond
a phase holds something of the next one, so only windows wholly within count; and a mean over less
than half of a phase does not speak for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cniadvisor.domain.measurement import AgentUse
from cniadvisor.metrics.readings import PodReading

COVERED_AT_LEAST = 0.5
"""The part of a phase that windows must cover for their mean to stand for it."""

TOLERANCE = timedelta(seconds=1)
"""Timestamps are whole seconds, and so is the header the clocks are compared by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A span of a run by the cluster's clock; ``name`` as in "the idle phase"."""

    name: str
    start: datetime
    end: datetime

    @property
    def length_s(self) -> float:
        """How long it was."""
        return (self.end - self.start).total_seconds()


def use_over(readings: Sequence[PodReading], container: str, phase: Phase) -> AgentUse | str:
    """Return a container's mean over ``phase``, each window weighted by its length.

    Otherwise a sentence that says why it is not resolved.
    """
    within = [one for one in windows_within(readings, phase) if container in one.containers]
    covered_s = sum(one.window_s for one in within)
    if not within or covered_s < COVERED_AT_LEAST * phase.length_s:
        return _too_few(readings, covered_s, len(within), phase)
    return AgentUse(
        cpu_millicores=sum(o.containers[container].cpu_millicores * o.window_s for o in within)
        / covered_s,
        memory_mib=sum(o.containers[container].memory_mib * o.window_s for o in within) / covered_s,
        windows=len(within),
        covered_s=covered_s,
    )


def windows_within(readings: Sequence[PodReading], phase: Phase) -> list[PodReading]:
    """Return the readings whose windows lie wholly within ``phase`` and beside each other.

    Some metrics servers answer with the last five minutes, whenever they are asked: windows that
    overlap one already taken are left out, so that nothing is counted twice.
    """
    taken: list[PodReading] = []
    for one in sorted(readings, key=lambda reading: reading.ended):
        inside = one.began >= phase.start - TOLERANCE and one.ended <= phase.end + TOLERANCE
        if inside and (not taken or one.began >= taken[-1].ended - TOLERANCE):
            taken.append(one)
    return taken


def _too_few(readings: Sequence[PodReading], covered_s: float, number: int, phase: Phase) -> str:
    if not readings:
        return "the metrics API told nothing about this pod"
    longest = max(one.window_s for one in readings)
    counted = "no window" if number == 0 else f"{number} window{'s' if number > 1 else ''}"
    covering = f", {covered_s:.0f} s together," if number else ""
    return (
        f"{counted} of the metrics API (up to {longest:.0f} s each){covering} "
        f"{'lie' if number > 1 else 'lies'} within the {phase.length_s:.0f} s of the {phase.name} "
        "phase, too little for a mean"
    )

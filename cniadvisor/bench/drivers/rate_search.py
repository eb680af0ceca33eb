"""Searching the highest rate that loses next to nothing: pure, one step after the other."""

import math
from dataclasses import dataclass

MOST_STEPS = 7
"""Rates that are tried at most."""

RUNS_PER_STEP = 2
"""A rate passes if this many transfers of this many pass."""

PASSING_LOSS_PERCENT = 0.1
RESOLUTION = 1.02
"""The search ends when the lowest failing rate is at most this many times the highest passing."""

_UP = 1.5
_DOWN = 0.5
_SENDER_KEPT_UP = 0.95
"""Below this share of the asked rate, the sender is what limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One transfer at the rate of its step, in Mbit/s as the tool told them."""

    offered_mbit_per_s: float
    received_mbit_per_s: float
    loss_percent: float

    @property
    def passes(self) -> bool:
        """Whether next to nothing was lost."""
        return self.loss_percent <= PASSING_LOSS_PERCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rate that was tried; a first run that fails settles it."""

    rate_mbit_per_s: float
    runs: tuple[Run, ...]

    @property
    def passed(self) -> bool:
        """Whether all runs passed."""
        return len(self.runs) == RUNS_PER_STEP and all(run.passes for run in self.runs)

    @property
    def sender_bound(self) -> bool:
        """Whether the sender could not send as fast as it was asked to."""
        slowest = min(run.offered_mbit_per_s for run in self.runs)
        return slowest < _SENDER_KEPT_UP * self.rate_mbit_per_s

    @property
    def received_mbit_per_s(self) -> float:
        """What arrived in the slower of the runs."""
        return min(run.received_mbit_per_s for run in self.runs)


def best_step(steps: tuple[Step, ...]) -> Step | None:
    """Return the passing step of the highest rate; None when no rate passed."""
    return max(
        (step for step in steps if step.passed), key=lambda step: step.rate_mbit_per_s, default=None
    )


def lowest_failing(steps: tuple[Step, ...]) -> float | None:
    """Return the lowest rate that failed above every rate that passed; None when there is none."""
    best = best_step(steps)
    floor = 0.0 if best is None else best.rate_mbit_per_s
    return min(
        (
            step.rate_mbit_per_s
            for step in steps
            if not step.passed and step.rate_mbit_per_s > floor
        ),
        default=None,
    )


def next_rate(
    steps: tuple[Step, ...], *, start_mbit_per_s: float, most_mbit_per_s: float | None
) -> float | None:
    """Return the rate to try next; None when the search is over.

    Begins at ``start``, halves until a rate passes or goes up by half until one fails (never above
    ``most``, nor further than the sender can), then takes the geometric mean of the bracket.
    """
    limit = math.inf if most_mbit_per_s is None else most_mbit_per_s
    if not steps:
        return min(start_mbit_per_s, limit)
    if len(steps) >= MOST_STEPS:
        return None
    best, failing = best_step(steps), lowest_failing(steps)
    if best is None:
        return _DOWN * min(step.rate_mbit_per_s for step in steps)
    passing = best.rate_mbit_per_s
    if failing is None:
        return None if best.sender_bound or passing >= limit else min(_UP * passing, limit)
    return None if failing <= RESOLUTION * passing else math.sqrt(passing * failing)

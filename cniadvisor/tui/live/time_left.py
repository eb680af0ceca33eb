"""How long a run will still take: an estimate from its plan and from how long its trials took."""

from dataclasses import dataclass

from cniadvisor.domain.events import Phase
from cniadvisor.domain.plan import Plan

_CLOSING_S = 10.0
"""Clean-up, as seen on an idle cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How far a run is in time; ``finished`` counts first attempts of trials."""

    at_s: float
    phase: Phase | None
    measuring_since_s: float | None
    last_end_s: float | None
    finished: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """``at_most``: rounds that may not be needed are counted, too."""

    seconds: float
    at_most: bool = False


def time_left(plan: Plan, clock: Clock) -> TimeLeft | None:
    """Return how long the run will still take, clean-up included; None when nobody can tell."""
    if plan.trial_count < 1 or clock.phase is Phase.CLOSE:
        return None
    if clock.measuring_since_s is None:
        least = plan.measuring_s + _CLOSING_S
        return TimeLeft(seconds=max(plan.expected_s - clock.at_s, least))
    trials = plan.trial_count
    extra = clock.finished >= trials
    if extra:
        trials = plan.suite.max_rounds * len(plan.suite.tests) * len(plan.paths)
    since = clock.last_end_s if clock.last_end_s is not None else clock.measuring_since_s
    each = (
        (since - clock.measuring_since_s) / clock.finished
        if clock.finished
        else plan.measuring_s / plan.trial_count
    )
    # The trial that runs has used up its own time at most, however long it takes.
    spent = min(each, max(0.0, clock.at_s - since))
    left = max(0.0, (trials - clock.finished) * each - spent)
    return TimeLeft(seconds=left + _CLOSING_S, at_most=extra)

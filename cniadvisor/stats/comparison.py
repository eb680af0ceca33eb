"""The pod path against the host-network baseline, from pairs measured back to back.

The ratio is the geometric mean of the pairs' ratios with a t interval on their logarithms: what
changes both halves of a pair cancels, and twice as fast weighs as much as half as fast.
Bootstrapped medians gave 5 to 8.5 % false alarms at 5 to 10 pairs; this keeps to 5 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from cniadvisor.domain.measurement import FIGURES, TestName
from cniadvisor.domain.report import Comparison, Interval, Verdict
from cniadvisor.stats.student_t import quantile_95

MINIMUM_PAIRS = 3
"""Fewer pairs give no verdict."""

INDIFFERENT = Interval(low=0.99, high=1.01)
"""A ratio in here makes no difference to anybody: the zone of +-1 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One round of one test: both paths, measured back to back, in the unit of its figure."""

    round: int
    pod: float
    host: float

    @property
    def impossible(self) -> str | None:
        """Say in a sentence why there is no ratio; None when there is one."""
        for path, value in (("pod", self.pod), ("host", self.host)):
            if not (value > 0 and math.isfinite(value)):
                return f"round {self.round}: {value:g} on the {path} path is impossible"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRatio:
    """Geometric mean of n >= 2 ratios and its 95 % interval."""

    ratio: float
    interval: Interval

    @property
    def half_width_percent(self) -> float:
        """Half the interval's width on the logarithmic scale, in percent of the ratio."""
        return 100 * (math.sqrt(self.interval.high / self.interval.low) - 1)


def paired_ratio(pairs: Sequence[Pair]) -> PairedRatio | None:
    """Return the pairs' pod/host ratio with its interval; None for fewer than two usable pairs.

    Impossible pairs are left out. The scheduler stops on ``half_width_percent``, never on the
    verdict.
    """
    logs = [math.log(pair.pod) - math.log(pair.host) for pair in pairs if not pair.impossible]
    if len(logs) < 2:
        return None
    centre = fmean(logs)
    half = quantile_95(len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    return PairedRatio(
        ratio=math.exp(centre),
        interval=Interval(low=math.exp(centre - half), high=math.exp(centre + half)),
    )


def verdict_of(interval: Interval, *, higher_is_better: bool) -> Verdict:
    """Say what an interval of pod/host allows to say of the pod path.

    Only an interval wholly outside the zone of +-1 % is a difference.
    """
    if interval.low > INDIFFERENT.high:
        return Verdict.FASTER if higher_is_better else Verdict.SLOWER
    if interval.high < INDIFFERENT.low:
        return Verdict.SLOWER if higher_is_better else Verdict.FASTER
    return Verdict.NO_DETECTABLE_DIFFERENCE


def compare(test: TestName, pairs: Sequence[Pair], *, dropped: Sequence[str] = ()) -> Comparison:
    """Compare the paths of one test.

    ``dropped`` says which pairs are missing already; pairs with a value that cannot be (zero,
    negative, not finite) are dropped here and told as well. Flags are the caller's.
    """
    impossible = tuple(reason for pair in pairs if (reason := pair.impossible))
    usable = [pair for pair in pairs if not pair.impossible]
    dropped = (*dropped, *impossible)
    found = paired_ratio(usable)
    if len(usable) < MINIMUM_PAIRS or found is None:
        return Comparison(
            test=test,
            pairs=len(usable),
            ratio=None,
            ratio_95=None,
            half_width_percent=None,
            verdict=Verdict.NO_VERDICT,
            reason=_too_few(len(usable)),
            dropped=dropped,
        )
    return Comparison(
        test=test,
        pairs=len(usable),
        ratio=found.ratio,
        ratio_95=found.interval,
        half_width_percent=found.half_width_percent,
        verdict=verdict_of(found.interval, higher_is_better=FIGURES[test].higher_is_better),
        dropped=dropped,
    )


def _too_few(pairs: int) -> str:
    have = {0: "no usable pair", 1: "only 1 usable pair"}.get(pairs, f"only {pairs} usable pairs")
    return f"{have} of pod and host trials; a verdict needs {MINIMUM_PAIRS}"

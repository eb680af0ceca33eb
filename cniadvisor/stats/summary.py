"""What the values of one test on one path look like."""

import math
from collections.abc import Sequence
from statistics import fmean, median, quantiles, stdev

from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Interval, Summary
from cniadvisor.stats.student_t import quantile_95

UNSTABLE_CV_PERCENT = 5.0
"""Above this coefficient of variation the values of a path are called unstable."""


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Return the 95 % t interval of the mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    mean = fmean(values)
    half = quantile_95(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(low=mean - half, high=mean + half)


def cv_percent(values: Sequence[float]) -> float | None:
    """Return the coefficient of variation (sample standard deviation over mean) in percent.

    None for fewer than two values, or when the mean is not positive: there it means nothing.
    """
    if len(values) < 2:
        return None
    mean = fmean(values)
    return 100 * stdev(values) / mean if mean > 0 else None


def summarise(
    values: Sequence[float], *, test: TestName, path: PathName, failed: int = 0
) -> Summary:
    """Summarise the values of one test on one path, given in the unit of the test's figure.

    Quartiles are interpolated linearly between the sorted values (Hyndman and Fan's type 7, what
    numpy and spreadsheets do by default); of a single value they are that value.

    Raises:
        ValueError: there is no value.
    """
    if not values:
        raise ValueError(f"no value of {test} on the {path} path to summarise")
    if len(values) > 1:
        q1, _, q3 = quantiles(values, n=4, method="inclusive")
    else:
        q1 = q3 = values[0]
    cv = cv_percent(values)
    return Summary(
        test=test,
        path=path,
        unit=FIGURES[test].unit,
        n=len(values),
        failed=failed,
        median=median(values),
        q1=q1,
        q3=q3,
        minimum=min(values),
        maximum=max(values),
        mean=fmean(values),
        mean_95=mean_interval(values),
        cv_percent=cv,
        unstable=cv is not None and cv > UNSTABLE_CV_PERCENT,
    )

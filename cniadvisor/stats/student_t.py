"""Student's t distribution for whole degrees of freedom, without a table and without scipy."""

import math
from functools import lru_cache


def two_sided_probability(t: float, degrees: int) -> float:
    """Return P(|T| <= t) for ``degrees`` >= 1 degrees of freedom and t >= 0.

    The finite sums of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 (odd
    degrees) and 26.7.4 (even degrees).
    """
    theta = math.atan2(t, math.sqrt(degrees))
    cos_squared = math.cos(theta) ** 2
    odd = degrees % 2 == 1
    term = math.cos(theta) if odd else 1.0
    total = 0.0
    for k in range(degrees // 2):
        total += term
        numerator, denominator = (2 * k + 2, 2 * k + 3) if odd else (2 * k + 1, 2 * k + 2)
        term *= cos_squared * numerator / denominator
    if odd:
        return 2 / math.pi * (theta + math.sin(theta) * total)
    return math.sin(theta) * total


@lru_cache(maxsize=256)
def quantile_95(degrees: int) -> float:
    """Return the t with P(|T| <= t) = 0.95: the half-width of a 95 % interval in standard errors.

    Raises:
        ValueError: ``degrees`` is below 1.
    """
    if degrees < 1:
        raise ValueError("Student's t needs at least 1 degree of freedom")
    # t falls from 12.71 at one degree of freedom to 1.96 for infinitely many.
    low, high = 1.9, 12.8
    while high - low > 1e-10:
        middle = (low + high) / 2
        if two_sided_probability(middle, degrees) < 0.95:
            low = middle
        else:
            high = middle
    return (low + high) / 2

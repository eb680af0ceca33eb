"""Thinning a series without losing what a reader looks for in it: its peaks and dips."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Sample = TypeVar("Sample")


def decimate(
    samples: Sequence[Sample],
    *,
    limit: int,
    measures: Sequence[Callable[[Sample], float | None]],
) -> tuple[Sample, ...]:
    """Return at most ``limit`` of the samples, in order; all of them if they are no more.

    The series is cut into equal buckets; of each bucket the samples with the lowest and the
    highest value of every measure stay. A measure that is None somewhere skips that sample.

    Raises:
        ValueError: ``limit`` does not even hold one bucket (two samples a measure).
    """
    if len(samples) <= limit:
        return tuple(samples)
    per_bucket = 2 * len(measures)
    buckets = limit // per_bucket
    if buckets < 1:
        raise ValueError(f"a limit of {limit} is below one bucket of {per_bucket}")
    kept: set[int] = set()
    for bucket in range(buckets):
        start = bucket * len(samples) // buckets
        end = (bucket + 1) * len(samples) // buckets
        for measure in measures:
            values = [
                (value, index)
                for index in range(start, end)
                if (value := measure(samples[index])) is not None
            ]
            if values:
                kept.add(min(values)[1])
                kept.add(max(values)[1])
    return tuple(samples[index] for index in sorted(kept))

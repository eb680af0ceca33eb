"""Thresholds on a ratio: what a pipeline fails on, and only when the whole interval says so."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Comparison
from cniadvisor.domain.text import printable


class Side(StrEnum):
    """On which side of a threshold a ratio fails."""

    BELOW = "below"
    ABOVE = "above"


LARGEST = {Side.BELOW: 10.0, Side.ABOVE: 100.0}
"""A threshold beyond is a slip, percent for a ratio mostly: nothing could ever fail or pass it."""

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """``tcp=0.9`` on the command line: a limit to the pod/host ratio of a test."""

    test: TestName
    side: Side
    ratio: float

    @property
    def option(self) -> str:
        """The option as it is written: ``--fail-below tcp=0.9``."""
        return f"--fail-{self.side} {self.test}={self.ratio:g}"


class Standing(StrEnum):
    """Where a ratio's interval lies: wholly on the good side, wholly on the bad, on both, or none.

    An interval on both sides does not fail, because nothing is decided inside the noise.
    """

    HELD = "held"
    FAILED = "failed"
    UNDECIDED = "undecided"
    NO_RATIO = "no ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A threshold, where the ratio stands, and what it was compared from (None: not measured)."""

    threshold: Threshold
    standing: Standing
    comparison: Comparison | None


def parse_thresholds(
    below: Iterable[str], above: Iterable[str], *, planned: Sequence[TestName]
) -> tuple[Threshold, ...]:
    """Read what ``--fail-below`` and ``--fail-above`` were given: ``tcp=0.9``, several by comma.

    Args:
        below: values of ``--fail-below``.
        above: values of ``--fail-above``.
        planned: the tests of the run.

    Raises:
        UsageError: not a known test that the run has, not a positive ratio, or said twice.
    """
    found: list[Threshold] = []
    for side, given in ((Side.BELOW, below), (Side.ABOVE, above)):
        for text in (part.strip() for value in given for part in value.split(",")):
            threshold = _parse(text, side, planned)
            if any((known.test, known.side) == (threshold.test, side) for known in found):
                raise UsageError(f"--fail-{side} has two thresholds for {threshold.test}")
            found.append(threshold)
    return tuple(found)


def judge(
    thresholds: Iterable[Threshold], comparisons: Sequence[Comparison]
) -> tuple[Judgement, ...]:
    """Hold every threshold against the comparison of its test."""
    by_test = {comparison.test: comparison for comparison in comparisons}
    return tuple(
        Judgement(
            threshold=threshold,
            standing=_standing(threshold, by_test.get(threshold.test)),
            comparison=by_test.get(threshold.test),
        )
        for threshold in thresholds
    )


def _standing(threshold: Threshold, comparison: Comparison | None) -> Standing:
    interval = comparison.ratio_95 if comparison is not None else None
    if interval is None:
        return Standing.NO_RATIO
    if threshold.side is Side.BELOW:
        failed, held = interval.high < threshold.ratio, interval.low >= threshold.ratio
    else:
        failed, held = interval.low > threshold.ratio, interval.high <= threshold.ratio
    if failed:
        return Standing.FAILED
    return Standing.HELD if held else Standing.UNDECIDED


def _parse(text: str, side: Side, planned: Sequence[TestName]) -> Threshold:
    option = f"--fail-{side}"
    name, equals, number = (part.strip() for part in text.partition("="))
    if not equals:
        raise UsageError(
            f"{option} {printable(text, limit=80) or '(empty)'}: not a test and a ratio",
            hint=f"write it like this: {option} {planned[0] if planned else 'tcp'}=0.9",
        )
    if name not in planned:
        similar = get_close_matches(name[:80], planned, n=1)
        raise UsageError(
            f"{option} {printable(text, limit=80)}: the run has no test "
            f"{printable(name, limit=80) or 'without a name'}",
            hint=f"did you mean {similar[0]}?" if similar else f"it has {', '.join(planned)}",
        )
    ratio = float(number) if _NUMBER.fullmatch(number) else math.nan
    if not 0 < ratio <= LARGEST[side]:
        raise UsageError(
            f"{option} {printable(text, limit=80)}: the ratio must be a number above 0 and at "
            f"most {LARGEST[side]:g}",
            hint="0.9 means 90 % of the host-network baseline",
        )
    return Threshold(test=TestName(name), side=side, ratio=ratio)

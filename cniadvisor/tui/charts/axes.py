"""Axes with ticks people count in, and a unit on every label."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cniadvisor.wording.words import duration, rate_unit

_MANTISSAS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)
_ROWS_A_TICK = 3
_COLUMNS_A_TICK = 12
_COLUMNS_A_NUMBER = 6
_NARROWEST = 1e-9
_SMALLEST_SPAN = 1e-290
_LONG = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis and what is written there."""

    value: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From ``low`` to ``high``, which differ, with ticks in between."""

    low: float
    high: float
    ticks: tuple[Tick, ...]

    def share(self, value: float) -> float:
        """Return where a value lies: 0 at ``low``, 1 at ``high``, never outside."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def nice_step(span: float, *, most: int) -> float:
    """Return the smallest 1, 2, 2.5 or 5 times a power of ten with at most ``most`` in ``span``.

    Args:
        span: positive.
        most: at least 1.
    """
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in _MANTISSAS if m * power >= rough * (1 - 1e-9))


def value_axis(values: Sequence[float], *, unit: str, rows: int, from_zero: bool) -> Axis:
    """Return the vertical axis of finite values on so many rows.

    Both ends are ticks. ``from_zero`` puts 0 on it.
    """
    low, high = _span(values, from_zero=from_zero)
    step = nice_step(high - low, most=max(1, rows // _ROWS_A_TICK))
    first, last = math.floor(low / step), math.ceil(high / step)
    if last == first:
        last += 1
    label = _value_label(unit, largest=max(abs(first), abs(last)) * step, step=step)
    return Axis(
        low=first * step,
        high=last * step,
        ticks=tuple(
            Tick(value=number * step, label=label(number * step))
            for number in range(first, last + 1)
        ),
    )


def time_axis(seconds: Sequence[float], *, columns: int, at_least_s: float | None = None) -> Axis:
    """Return the horizontal axis of elapsed seconds: ``30 s``, ``2 min``.

    ``at_least_s`` makes it reach from 0 to there, so that a line grows into it.
    """
    shown = [*seconds] if at_least_s is None else [*seconds, 0.0, at_least_s]
    low, high = _span(shown, from_zero=False)
    most = max(1, columns // _COLUMNS_A_TICK)
    step = _time_step(high - low, most)
    return Axis(low=low, high=high, ticks=_between(low, high, step, _time_label(step)))


def count_axis(numbers: Sequence[float], *, columns: int) -> Axis:
    """Return the horizontal axis of whole numbers, such as rounds; only whole ones are ticks."""
    low, high = _span(numbers, from_zero=False)
    low, high = (low - 0.5, high + 0.5) if high - low < 1 else (low, high)
    step = max(1.0, math.ceil(nice_step(high - low, most=max(1, columns // _COLUMNS_A_NUMBER))))
    return Axis(low=low, high=high, ticks=_between(low, high, step, lambda value: f"{value:.0f}"))


def _span(values: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    """Return two ends that differ by enough to divide by."""
    shown = [*values, 0.0] if from_zero or not values else values
    low, high = min(shown), max(shown)
    largest = max(abs(low), abs(high))
    if high - low > max(_NARROWEST * largest, _SMALLEST_SPAN):
        return low, high
    if largest <= _SMALLEST_SPAN:
        return 0.0, 1.0
    room = 0.05 * largest
    return low - room, high + room


def _between(
    low: float, high: float, step: float, told: Callable[[float], str]
) -> tuple[Tick, ...]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(
        Tick(value=number * step, label=told(number * step)) for number in range(first, last + 1)
    )


def _time_step(span: float, most: int) -> float:
    if span / most < 1:
        step = nice_step(span, most=most)
        return 1.0 if step > 0.5 else step
    fitting = (step for step in _SECONDS if span / step <= most)
    found = next(fitting, None)
    return float(found) if found is not None else nice_step(span / 86400, most=most) * 86400


def _time_label(step: float) -> Callable[[float], str]:
    if step >= 1:
        return duration
    decimals = _decimals(step)
    return lambda value: f"{value:.{decimals}f} s"


def _value_label(unit: str, *, largest: float, step: float) -> Callable[[float], str]:
    factor, shown = rate_unit(largest) if unit == "Mbit/s" else (1.0, unit)
    decimals = _decimals(step / factor)

    def label(value: float) -> str:
        scaled = value / factor + 0.0
        if largest / factor >= _LONG or decimals > 6:
            return f"{scaled:.3g} {shown}"
        return f"{scaled:.{decimals}f} {shown}"

    return label


def _decimals(step: float) -> int:
    """Return how many decimals show a step as it is."""
    power = math.floor(math.log10(step) + 1e-9)
    mantissa = step / 10.0**power
    return max(0, -power + (1 if abs(mantissa - 2.5) < 1e-6 else 0))

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.tui.charts.axes import Axis, count_axis, nice_step, time_axis, value_axis
from cniadvisor.tui.charts.series import LARGEST

FINITE = st.floats(min_value=-LARGEST, max_value=LARGEST)


def labels(axis: Axis) -> list[str]:
    return [tick.label for tick in axis.ticks]


@pytest.mark.parametrize(
    ("span", "most", "step"),
    [(10, 5, 2), (10, 4, 2.5), (10, 3, 5), (10, 10, 1), (0.7, 4, 0.2), (9410, 5, 2000)],
)
def test_steps_are_one_two_two_and_a_half_or_five(span: float, most: int, step: float) -> None:
    assert nice_step(span, most=most) == pytest.approx(step)


def test_rates_are_told_in_the_unit_that_suits_them() -> None:
    axis = value_axis([8910.5, 9410.25], unit="Mbit/s", rows=15, from_zero=True)
    assert labels(axis) == [
        "0 Gbit/s",
        "2 Gbit/s",
        "4 Gbit/s",
        "6 Gbit/s",
        "8 Gbit/s",
        "10 Gbit/s",
    ]
    assert (axis.low, axis.high) == (0, 10_000)


def test_a_narrow_range_has_labels_that_differ() -> None:
    axis = value_axis([9380.0, 9402.0], unit="Mbit/s", rows=12, from_zero=False)
    assert labels(axis)[:2] == ["9.38 Gbit/s", "9.39 Gbit/s"]
    assert len(set(labels(axis))) == len(labels(axis))


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([], 0, 1), ([0.0], 0, 1), ([-5.0], -6, 0), ([7.0, 7.0], 0, 7.5), ([5e-324], 0, 1)],
)
def test_no_value_one_value_and_equal_values_have_an_axis(
    values: list[float], low: float, high: float
) -> None:
    axis = value_axis(values, unit="us", rows=10, from_zero=True)
    assert (axis.low, axis.high) == (low, high)


def test_equal_values_without_zero_lie_inside() -> None:
    axis = value_axis([7.0, 7.0], unit="us", rows=10, from_zero=False)
    assert axis.low < 7 < axis.high


def test_absurd_values_have_short_labels() -> None:
    axis = value_axis([1e300], unit="Mbit/s", rows=10, from_zero=True)
    assert axis.ticks[-1].label == "1e+294 Tbit/s"


def test_elapsed_time_is_told_in_seconds_and_minutes() -> None:
    assert labels(time_axis([0.0, 60.0], columns=50)) == ["0 s", "20 s", "40 s", "1 min"]
    assert labels(time_axis([0.0, 240.0], columns=40)) == ["0 s", "2 min", "4 min"]
    assert labels(time_axis([0.0, 1.0], columns=40)) == ["0.0 s", "0.5 s", "1.0 s"]
    assert labels(time_axis([], columns=40, at_least_s=10.0)) == ["0 s", "5 s", "10 s"]


def test_the_axis_of_a_running_trial_waits_for_its_end() -> None:
    axis = time_axis([1.0, 2.0], columns=60, at_least_s=10.0)
    assert (axis.low, axis.high) == (0, 10)


def test_rounds_are_whole() -> None:
    assert labels(count_axis([1.0, 2.0, 3.0], columns=80)) == ["1", "2", "3"]
    assert labels(count_axis([1.0], columns=80)) == ["1"]
    many = [float(number) for number in range(1, 21)]
    assert labels(count_axis(many, columns=40)) == ["5", "10", "15", "20"]


@given(
    values=st.lists(FINITE, max_size=20),
    rows=st.integers(min_value=1, max_value=60),
    from_zero=st.booleans(),
    unit=st.sampled_from(["Mbit/s", "us", "MiB", "%"]),
)
def test_every_value_lies_on_its_axis_and_every_label_is_short_and_has_its_unit(
    values: list[float], rows: int, from_zero: bool, unit: str
) -> None:
    axis = value_axis(values, unit=unit, rows=rows, from_zero=from_zero)
    assert axis.low < axis.high
    assert math.isfinite(axis.low)
    assert math.isfinite(axis.high)
    hair = 1e-6 * (axis.high - axis.low)
    assert all(axis.low - hair <= value <= axis.high + hair for value in values)
    assert not from_zero or axis.low <= 0 <= axis.high
    assert 2 <= len(axis.ticks) <= max(1, rows // 3) + 3
    places = [axis.share(tick.value) for tick in axis.ticks]
    assert places == sorted(set(places))
    for tick in axis.ticks:
        assert len(tick.label) <= 24
        assert tick.label.split(" ")[1].endswith("bit/s" if unit == "Mbit/s" else unit)


@given(
    seconds=st.lists(st.floats(min_value=0, max_value=1e12), max_size=20),
    columns=st.integers(min_value=1, max_value=300),
    at_least_s=st.none() | st.floats(min_value=0, max_value=1e5),
)
def test_every_second_lies_on_its_axis(
    seconds: list[float], columns: int, at_least_s: float | None
) -> None:
    axis = time_axis(seconds, columns=columns, at_least_s=at_least_s)
    assert axis.low < axis.high
    assert all(axis.low <= second <= axis.high for second in seconds)
    assert len(axis.ticks) <= max(1, columns // 12) + 1
    assert all(0 <= axis.share(tick.value) <= 1 for tick in axis.ticks)

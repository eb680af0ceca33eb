import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.report import Summary
from cniadvisor.stats.summary import cv_percent, mean_interval, summarise

values_of_a_path = st.lists(
    st.floats(min_value=1e-2, max_value=1e6, allow_subnormal=False), min_size=1, max_size=40
)


def summary(values: list[float]) -> Summary:
    return summarise(values, test=TestName.TCP, path=PathName.POD)


def test_known_values() -> None:
    # Worked by hand: mean 5, s = sqrt(32 / 7) = 2.138, t(7) = 2.3646.
    found = summarise([2, 4, 4, 4, 5, 5, 7, 9], test=TestName.TCP, path=PathName.HOST, failed=2)
    assert (found.n, found.failed, found.unit) == (8, 2, "Mbit/s")
    assert (found.median, found.q1, found.q3) == (4.5, 4.0, 5.5)
    assert (found.minimum, found.maximum, found.mean) == (2, 9, 5)
    assert found.mean_95 is not None
    assert found.mean_95.low == pytest.approx(5 - 2.3646 * 2.13809 / 8**0.5, abs=1e-4)
    assert found.mean_95.high == pytest.approx(5 + 2.3646 * 2.13809 / 8**0.5, abs=1e-4)
    assert found.cv_percent == pytest.approx(42.762, abs=1e-3)
    assert found.unstable


def test_quartiles_are_type_7() -> None:
    # numpy.percentile([1, 2, 3, 4], [25, 75]) gives 1.75 and 3.25.
    found = summary([4.0, 1.0, 3.0, 2.0])
    assert (found.q1, found.q3) == (1.75, 3.25)


def test_one_value_has_no_spread() -> None:
    found = summary([940.0])
    assert (found.q1, found.median, found.q3) == (940.0, 940.0, 940.0)
    assert found.mean_95 is None
    assert found.cv_percent is None
    assert not found.unstable


def test_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no value of tcp on the pod path"):
        summary([])


def test_unstable_begins_above_five_percent() -> None:
    assert cv_percent([95.0, 105.0]) == pytest.approx(7.07, abs=0.01)
    assert summary([95.0, 105.0]).unstable
    assert not summary([97.0, 103.0]).unstable
    # A mean that is not positive has no coefficient of variation.
    assert cv_percent([-1.0, 1.0]) is None


@given(values_of_a_path)
def test_order_of_the_statistics(values: list[float]) -> None:
    found = summary(values)
    assert found.minimum <= found.q1 <= found.median <= found.q3 <= found.maximum
    assert found.minimum <= found.mean * (1 + 1e-12)
    assert found.mean <= found.maximum * (1 + 1e-12)
    assert found.median == statistics.median(values)


@given(values_of_a_path, st.sampled_from([0.125, 2.0, 1024.0]))
def test_scaling_the_values_scales_the_summary(values: list[float], factor: float) -> None:
    plain, scaled = summary(values), summary([value * factor for value in values])
    assert scaled.median == pytest.approx(plain.median * factor)
    assert scaled.q3 - scaled.q1 == pytest.approx((plain.q3 - plain.q1) * factor)
    if plain.cv_percent is None:
        assert scaled.cv_percent is None
    else:
        assert scaled.cv_percent == pytest.approx(plain.cv_percent)


@given(st.integers(min_value=1, max_value=30))
def test_the_interval_of_the_mean_narrows_with_more_of_the_same(times: int) -> None:
    few, more = mean_interval([9.0, 11.0] * times), mean_interval([9.0, 11.0] * (times + 1))
    assert few is not None
    assert more is not None
    assert more.high - more.low < few.high - few.low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.stats.student_t import quantile_95, two_sided_probability

# Two-sided 95 %: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, column 0.975, and for
# the fourth decimal Fisher and Yates, Statistical Tables, table III.
KNOWN = {
    1: 12.7062,
    2: 4.3027,
    3: 3.1824,
    4: 2.7764,
    5: 2.5706,
    6: 2.4469,
    7: 2.3646,
    8: 2.3060,
    9: 2.2622,
    10: 2.2281,
    14: 2.1448,
    15: 2.1314,
    20: 2.0860,
    29: 2.0452,
    30: 2.0423,
    60: 2.0003,
    120: 1.9799,
    1000: 1.9623,
}


@pytest.mark.parametrize(("degrees", "expected"), KNOWN.items())
def test_quantile_is_the_tabulated_one(degrees: int, expected: float) -> None:
    assert quantile_95(degrees) == pytest.approx(expected, abs=1e-4)


@given(st.integers(min_value=1, max_value=400))
def test_quantile_inverts_the_probability_and_falls_with_the_degrees(degrees: int) -> None:
    assert two_sided_probability(quantile_95(degrees), degrees) == pytest.approx(0.95, abs=1e-9)
    assert quantile_95(degrees + 1) < quantile_95(degrees)


def test_one_and_two_degrees_have_closed_forms() -> None:
    # Cauchy: 2/pi * atan(t); two degrees: t / sqrt(2 + t^2).
    assert two_sided_probability(1.0, 1) == pytest.approx(0.5)
    assert two_sided_probability(2.0, 2) == pytest.approx(2 / 6**0.5)


def test_no_degree_of_freedom_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 degree"):
        quantile_95(0)

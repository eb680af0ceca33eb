import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.report import Interval
from cniadvisor.wording import words


@pytest.mark.parametrize(
    ("mbit_per_s", "expected"),
    [
        (8_910.5, "8.91 Gbit/s"),
        (8_900.0, "8.90 Gbit/s"),
        (9_996.0, "10.0 Gbit/s"),
        (94_100.0, "94.1 Gbit/s"),
        (941.4, "941 Mbit/s"),
        (999.4, "999 Mbit/s"),
        (999.6, "1.00 Gbit/s"),
        (1.0, "1.00 Mbit/s"),
        (0.25, "250 kbit/s"),
        (0.0, "0 kbit/s"),
        (400_000.0, "400 Gbit/s"),
        (1_250_000.0, "1.25 Tbit/s"),
    ],
)
def test_rates_have_three_digits_in_the_unit_that_suits(mbit_per_s: float, expected: str) -> None:
    assert words.rate(mbit_per_s) == expected


def test_a_range_has_one_unit() -> None:
    assert words.rate_range(940.0, 1_020.0) == "0.94 to 1.02 Gbit/s"
    assert words.quantity_range(98.2, 121.7, "us") == "98 to 122 us"
    assert words.quantity(98.26, "us") == "98.3 us"


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(0.0786, 2, "0.079"), (0.0996, 2, "0.10"), (12_345.6, 3, "12346"), (0.0, 2, "0")],
)
def test_significant_digits(value: float, digits: int, expected: str) -> None:
    assert words.significant(value, digits) == expected


@given(st.floats(min_value=1e-3, max_value=1e7))
def test_a_rate_is_never_further_off_than_half_a_percent(mbit_per_s: float) -> None:
    number, unit = words.rate(mbit_per_s).split()
    factor = {"kbit/s": 1e-3, "Mbit/s": 1.0, "Gbit/s": 1e3, "Tbit/s": 1e6}[unit]
    assert float(number) * factor == pytest.approx(mbit_per_s, rel=0.0051)
    assert len(number.replace(".", "").lstrip("0")) <= 3 or float(number) >= 1000


@pytest.mark.parametrize(
    ("ratio", "low", "high", "expected"),
    [
        (0.93, 0.91, 0.95, ("93 %", "91 to 95 %")),
        (0.946, 0.9362, 0.9566, ("94.6 %", "93.6 to 95.7 %")),
        # 99 % would say that the limit is reached, which it is not.
        (0.96, 0.93, 0.98997, ("96.000 %", "93.000 to 98.997 %")),
        (0.97, 0.94, 0.9896, ("97.00 %", "94.00 to 98.96 %")),
        (1.0, 0.991, 1.0096, ("100.0 %", "99.1 to 101.0 %")),
    ],
)
def test_rounding_moves_no_interval_across_the_limit(
    ratio: float, low: float, high: float, expected: tuple[str, str]
) -> None:
    assert words.ratio_percent(ratio, Interval(low=low, high=high)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.4, "0 s"),
        (59.7, "1 min"),
        (64.0, "1 min 4 s"),
        (3600.0, "1 h"),
        (3900.0, "1 h 5 min"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


def test_text_of_others_is_printable_and_ends_once() -> None:
    assert words.ended("iperf3\x1b[31m is gone") == "iperf3[31m is gone."
    assert words.ended("is it?") == "is it?"
    assert words.ended("done.") == "done."


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=300)), max_size=4))
def test_facts_never_exceed_the_width(rows: list[tuple[str, str]]) -> None:
    assert all(len(line) <= words.WIDTH for line in words.facts(rows))


def test_a_number_stays_with_its_unit() -> None:
    text = "x" * 77 + " 95 % of"
    assert words.wrapped(text) == ["x" * 77, "95 % of"]

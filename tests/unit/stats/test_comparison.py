import math
import random
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Comparison, Interval, Verdict
from cniadvisor.stats.comparison import Pair, compare, paired_ratio, verdict_of

rates = st.floats(min_value=1e-2, max_value=1e6, allow_subnormal=False)
rounds_of_pairs = st.lists(st.tuples(rates, rates), min_size=3, max_size=20)


def pairs_from(values: list[tuple[float, float]]) -> list[Pair]:
    return [Pair(round=i, pod=pod, host=host) for i, (pod, host) in enumerate(values, start=1)]


def comparison(values: list[tuple[float, float]]) -> Comparison:
    return compare(TestName.TCP, pairs_from(values))


def test_known_values() -> None:
    # By hand: logs of .90 .92 .94 have mean -0.083519 and s 0.021744; t(2) = 4.3027.
    found = comparison([(900, 1000), (920, 1000), (940, 1000)])
    assert found.pairs == 3
    assert found.ratio == pytest.approx((0.90 * 0.92 * 0.94) ** (1 / 3))
    half = 4.302653 * 0.021744 / math.sqrt(3)
    assert found.ratio_95 is not None
    assert found.ratio_95.low == pytest.approx(math.exp(-0.083519 - half), abs=1e-4)
    assert found.ratio_95.high == pytest.approx(math.exp(-0.083519 + half), abs=1e-4)
    assert found.half_width_percent == pytest.approx(100 * (math.exp(half) - 1), abs=1e-2)
    assert found.verdict is Verdict.SLOWER
    assert (found.reason, found.dropped) == ("", ())


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "expected"),
    [
        (0.90, 0.98, True, Verdict.SLOWER),
        (0.90, 0.98, False, Verdict.FASTER),
        (1.02, 1.30, True, Verdict.FASTER),
        (1.02, 1.30, False, Verdict.SLOWER),
        (0.985, 1.015, True, Verdict.NO_DETECTABLE_DIFFERENCE),
        # Certainly below 1, but not certainly by more than 1 %.
        (0.98, 0.995, True, Verdict.NO_DETECTABLE_DIFFERENCE),
        (1.005, 1.2, True, Verdict.NO_DETECTABLE_DIFFERENCE),
        # The limits belong to the zone.
        (0.90, 0.99, True, Verdict.NO_DETECTABLE_DIFFERENCE),
        (1.01, 1.10, True, Verdict.NO_DETECTABLE_DIFFERENCE),
    ],
)
def test_only_a_whole_interval_outside_the_zone_is_a_difference(
    low: float, high: float, higher_is_better: bool, expected: Verdict
) -> None:
    assert verdict_of(Interval(low=low, high=high), higher_is_better=higher_is_better) is expected


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "no usable pair of pod and host trials; a verdict needs 3"),
        ([(9.0, 9.0)], "only 1 usable pair of pod and host trials; a verdict needs 3"),
        ([(9.0, 9.0)] * 2, "only 2 usable pairs of pod and host trials; a verdict needs 3"),
    ],
)
def test_too_few_pairs_give_no_verdict_and_say_so(
    values: list[tuple[float, float]], reason: str
) -> None:
    found = comparison(values)
    assert found.verdict is Verdict.NO_VERDICT
    assert (found.ratio, found.ratio_95, found.half_width_percent) == (None, None, None)
    assert found.reason == reason


@pytest.mark.parametrize("impossible", [0.0, -5.0, math.nan, math.inf])
def test_an_impossible_value_drops_its_pair_and_is_told(impossible: float) -> None:
    good = [(900.0, 1000.0)] * 3
    found = comparison([*good, (impossible, 1000.0), (900.0, impossible)])
    assert found.pairs == 3
    assert found.ratio == pytest.approx(0.9)
    assert found.dropped == (
        f"round 4: {impossible:g} on the pod path is impossible",
        f"round 5: {impossible:g} on the host path is impossible",
    )


def test_dropping_below_three_pairs_takes_the_verdict_away() -> None:
    found = comparison([(900.0, 1000.0), (900.0, 1000.0), (0.0, 1000.0)])
    assert found.verdict is Verdict.NO_VERDICT
    assert "only 2 usable pairs" in found.reason
    assert len(found.dropped) == 1


def test_what_was_dropped_before_is_kept_first() -> None:
    pairs = pairs_from([(0.0, 1.0)])
    found = compare(TestName.TCP, pairs, dropped=["round 7: the pod trial failed"])
    assert found.dropped[0] == "round 7: the pod trial failed"
    assert len(found.dropped) == 2


@given(rounds_of_pairs)
def test_the_interval_holds_the_ratio_and_the_ratio_lies_among_the_pairs(
    values: list[tuple[float, float]],
) -> None:
    found = comparison(values)
    assert found.ratio is not None
    assert found.ratio_95 is not None
    assert found.ratio_95.low <= found.ratio * (1 + 1e-9)
    assert found.ratio <= found.ratio_95.high * (1 + 1e-9)
    ratios = [pod / host for pod, host in values]
    assert min(ratios) * (1 - 1e-9) <= found.ratio <= max(ratios) * (1 + 1e-9)


@given(rounds_of_pairs, st.floats(min_value=1e-3, max_value=1e3))
def test_the_unit_does_not_matter(values: list[tuple[float, float]], factor: float) -> None:
    plain = comparison(values)
    scaled = comparison([(pod * factor, host * factor) for pod, host in values])
    assert plain.ratio is not None
    assert plain.ratio_95 is not None
    assert scaled.ratio_95 is not None
    assert scaled.ratio == pytest.approx(plain.ratio)
    assert scaled.ratio_95.low == pytest.approx(plain.ratio_95.low, rel=1e-6)
    assert scaled.ratio_95.high == pytest.approx(plain.ratio_95.high, rel=1e-6)


@given(rounds_of_pairs)
def test_swapping_the_paths_inverts_the_ratio_and_never_contradicts(
    values: list[tuple[float, float]],
) -> None:
    there = comparison(values)
    back = comparison([(host, pod) for pod, host in values])
    assert there.ratio is not None
    assert there.ratio_95 is not None
    assert back.ratio_95 is not None
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert back.ratio_95.low == pytest.approx(1 / there.ratio_95.high, rel=1e-6)
    assert back.ratio_95.high == pytest.approx(1 / there.ratio_95.low, rel=1e-6)
    assert back.half_width_percent == pytest.approx(there.half_width_percent, rel=1e-6, abs=1e-6)
    assert {there.verdict, back.verdict} in (
        {Verdict.FASTER, Verdict.SLOWER},
        {Verdict.NO_DETECTABLE_DIFFERENCE},
        # A ratio between 1.01 and 1/0.99 is just outside the zone one way only.
        {Verdict.FASTER, Verdict.NO_DETECTABLE_DIFFERENCE},
    )


@given(rounds_of_pairs, st.randoms(use_true_random=False))
def test_the_order_of_rounds_does_not_matter(
    values: list[tuple[float, float]], shuffler: random.Random
) -> None:
    shuffled = list(values)
    shuffler.shuffle(shuffled)
    plain, other = comparison(values), comparison(shuffled)
    assert other.ratio == pytest.approx(plain.ratio)
    assert other.half_width_percent == pytest.approx(plain.half_width_percent, rel=1e-6, abs=1e-6)


@given(st.integers(min_value=2, max_value=40), st.floats(min_value=0.01, max_value=1.0))
def test_more_rounds_of_the_same_spread_narrow_the_interval(times: int, spread: float) -> None:
    rounds = [(100.0, 100.0), (100.0 * (1 + spread), 100.0)]
    few, more = comparison(rounds * times), comparison(rounds * (times + 1))
    assert few.half_width_percent is not None
    assert more.half_width_percent is not None
    assert more.half_width_percent < few.half_width_percent


@given(st.integers(min_value=3, max_value=40), rates, rates)
def test_pairs_that_never_vary_have_no_width(times: int, pod: float, host: float) -> None:
    found = comparison([(pod, host)] * times)
    assert found.half_width_percent == pytest.approx(0, abs=1e-6)


def test_two_pairs_have_a_width_for_the_scheduler_but_one_has_none() -> None:
    assert paired_ratio(pairs_from([(9.0, 10.0)])) is None
    two = paired_ratio(pairs_from([(9.0, 10.0), (9.1, 10.0), (0.0, 10.0)]))
    assert two is not None
    assert two.half_width_percent > 5


def false_alarm_rate(*, rounds: int, noise: float, runs: int, skewed: bool = False) -> float:
    """Verdicts of a difference where there is none, as a share of all runs."""
    source = random.Random(20261122)

    def value() -> float:
        if skewed:
            return 1000 * (1 - noise * source.expovariate(1.0) / 4)
        return 1000 * math.exp(source.gauss(0, noise))

    alarms = 0
    for _ in range(runs):
        found = comparison([(value(), value()) for _ in range(rounds)])
        alarms += found.verdict in (Verdict.FASTER, Verdict.SLOWER)
    return alarms / runs


@pytest.mark.parametrize("rounds", [3, 5, 10])
def test_equal_paths_give_at_most_five_percent_false_alarms(rounds: int) -> None:
    # Standard error of the rate: 0.5 % at 2000 runs, so 6.5 % is three of them away.
    assert false_alarm_rate(rounds=rounds, noise=0.03, runs=2000) <= 0.05
    assert false_alarm_rate(rounds=rounds, noise=0.03, runs=2000, skewed=True) <= 0.065
    # With noise far above the zone the interval must err as often as it says: 5 %.
    assert 0.035 <= false_alarm_rate(rounds=rounds, noise=0.5, runs=2000) <= 0.065


def test_stopping_on_width_keeps_the_false_alarms_down() -> None:
    source = random.Random(7)
    alarms, runs = 0, 1000
    for _ in range(runs):
        pairs: list[Pair] = []
        for number in count(1):
            pod, host = (1000 * math.exp(source.gauss(0, 0.03)) for _ in range(2))
            pairs.append(Pair(round=number, pod=pod, host=host))
            found = paired_ratio(pairs)
            narrow = found is not None and found.half_width_percent <= 2.5
            if number >= 15 or (number >= 5 and narrow):
                break
        verdict = compare(TestName.TCP, pairs).verdict
        alarms += verdict in (Verdict.FASTER, Verdict.SLOWER)
    assert alarms / runs <= 0.065

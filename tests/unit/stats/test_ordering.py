from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.report import Interval
from cniadvisor.stats.ordering import Ordering, ordering

intervals = st.tuples(st.floats(0.05, 5), st.floats(0.05, 5)).map(
    lambda ends: Interval(low=min(ends), high=max(ends))
)


def between(low: float, high: float) -> Interval:
    return Interval(low=low, high=high)


def test_only_intervals_that_lie_apart_are_ordered() -> None:
    near = ordering([between(0.90, 0.94), between(0.93, 0.97)], higher_is_better=True)
    assert near == Ordering(ahead=(), undecided=((0, 1),))
    apart = ordering([between(0.80, 0.84), between(0.93, 0.97)], higher_is_better=True)
    assert apart == Ordering(ahead=((1, 0),), undecided=())


def test_a_gap_within_one_percent_makes_no_difference() -> None:
    close = [between(0.900, 0.910), between(0.915, 0.920)]
    assert ordering(close, higher_is_better=True).ahead == ()


def test_lower_latency_is_ahead() -> None:
    ratios = [between(1.1, 1.2), between(1.4, 1.5)]
    assert ordering(ratios, higher_is_better=False).ahead == ((0, 1),)
    assert ordering(ratios, higher_is_better=True).ahead == ((1, 0),)


def test_what_has_no_ratio_is_left_out() -> None:
    assert ordering([None, between(1, 2), None], higher_is_better=True) == Ordering(
        ahead=(), undecided=()
    )


@given(st.lists(st.none() | intervals, max_size=6), st.booleans())
def test_every_pair_is_said_once_and_nothing_is_ahead_of_itself(
    some: list[Interval | None], higher_is_better: bool
) -> None:
    found = ordering(some, higher_is_better=higher_is_better)
    said = [tuple(sorted(pair)) for pair in (*found.ahead, *found.undecided)]
    known = sum(interval is not None for interval in some)
    assert len(said) == len(set(said)) == known * (known - 1) // 2
    for better, worse in found.ahead:
        one, other = some[better], some[worse]
        assert one is not None
        assert other is not None
        assert (one.low > other.high) if higher_is_better else (one.high < other.low)
    mirrored = ordering(some, higher_is_better=not higher_is_better)
    assert {pair[::-1] for pair in mirrored.ahead} == set(found.ahead)

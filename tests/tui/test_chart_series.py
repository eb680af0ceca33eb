import math

from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.tui.charts.series import LARGEST, segments

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
POINTS = st.lists(st.tuples(ANY_FLOAT, st.none() | ANY_FLOAT), max_size=600)


def test_a_missing_second_is_a_gap_and_not_a_line_through_it() -> None:
    points = [(1.0, 9.0), (2.0, 9.5), (3.0, None), (4.0, 9.4)]
    first, last = segments(points, columns=80)
    assert (first.xs, first.ys) == ((1.0, 2.0), (9.0, 9.5))
    assert (last.xs, last.ys) == ((4.0,), (9.4,))


def test_nan_and_infinity_are_gaps_too() -> None:
    points = [(1.0, 9.0), (2.0, math.nan), (3.0, 9.1), (math.inf, 9.2), (5.0, math.inf), (6.0, 1.0)]
    assert [piece.xs for piece in segments(points, columns=80)] == [(1.0,), (3.0,), (6.0,)]


def test_one_spike_in_a_hundred_thousand_samples_is_still_there() -> None:
    points = [(float(at), 9000.0) for at in range(100_000)]
    points[54_321] = (54_321.0, 12.0)
    (piece,) = segments(points, columns=80)
    assert len(piece.xs) <= 160
    assert 12.0 in piece.ys
    assert piece.xs[piece.ys.index(12.0)] == 54_321.0


@given(points=POINTS, columns=st.integers(min_value=1, max_value=120))
def test_whatever_comes_the_pieces_are_finite_few_and_real_points(
    points: list[tuple[float, float | None]], columns: int
) -> None:
    pieces = segments(points, columns=columns)
    told = [(x, y) for piece in pieces for x, y in zip(piece.xs, piece.ys, strict=True)]
    assert len(told) <= 2 * columns
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in told)
    assert all(abs(x) <= LARGEST and abs(y) <= LARGEST for x, y in told)
    real = {(x, y) for x, y in points if y is not None}
    assert set(told) <= real
    assert all(piece.xs for piece in pieces)


@given(
    ys=st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1, max_size=2000),
    columns=st.integers(min_value=1, max_value=100),
)
def test_thinning_keeps_the_highest_and_the_lowest(ys: list[float], columns: int) -> None:
    (piece,) = segments([(float(at), y) for at, y in enumerate(ys)], columns=columns)
    assert (min(piece.ys), max(piece.ys)) == (min(ys), max(ys))
    assert list(piece.xs) == sorted(piece.xs)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.stats.decimate import decimate

Point = tuple[int, float | None]


def rate(point: Point) -> float | None:
    return point[1]


def place(point: Point) -> float:
    return point[0] % 7


values = st.one_of(st.none(), st.floats(min_value=0, max_value=1e6))


@given(st.lists(values, max_size=300), st.integers(min_value=4, max_value=60))
def test_bounded_in_order_and_with_the_extremes(series: list[float | None], limit: int) -> None:
    points = list(enumerate(series))
    kept = decimate(points, limit=limit, measures=(rate, place))
    assert len(kept) <= limit
    assert list(kept) == sorted(set(kept) & set(points), key=lambda point: point[0])
    if len(points) <= limit:
        assert list(kept) == points
    numbers = [value for value in series if value is not None]
    if numbers:
        shown = [point[1] for point in kept if point[1] is not None]
        assert max(shown) == max(numbers)
        assert min(shown) == min(numbers)


def test_a_limit_below_one_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="below one bucket of 4"):
        decimate([(n, 1.0) for n in range(10)], limit=3, measures=(rate, place))

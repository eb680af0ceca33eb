"""The search ends, brackets what it looks for and never goes above the limit."""

from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.drivers.rate_search import (
    MOST_STEPS,
    RESOLUTION,
    Run,
    Step,
    best_step,
    lowest_failing,
    next_rate,
)


def step(rate: float, loss_percent: float) -> Step:
    run = Run(offered_mbit_per_s=rate, received_mbit_per_s=rate, loss_percent=loss_percent)
    return Step(rate_mbit_per_s=rate, runs=(run, run) if run.passes else (run,))


def search(start: float, capacity: float, most: float | None) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = ()
    while True:
        rate = next_rate(steps, start_mbit_per_s=start, most_mbit_per_s=most)
        if rate is None:
            return steps
        steps = (*steps, step(rate, 0.0 if rate <= capacity else 5.0))


@given(
    start=st.floats(1, 1e5),
    share=st.floats(0.001, 20),
    most=st.none() | st.floats(1, 1e5),
)
def test_a_search_ends_and_its_bracket_holds_the_capacity(
    start: float, share: float, most: float | None
) -> None:
    capacity = start * share

    steps = search(start, capacity, most)

    assert 1 <= len(steps) <= MOST_STEPS
    if most is not None:
        assert all(tried.rate_mbit_per_s <= most for tried in steps)
    best, failing = best_step(steps), lowest_failing(steps)
    assert best is None or best.rate_mbit_per_s <= capacity
    assert failing is None or failing > capacity
    assert best is not None or failing is not None


def test_what_starts_near_the_capacity_is_found_to_a_few_per_cent() -> None:
    steps = search(1000, 940, None)

    best, failing = best_step(steps), lowest_failing(steps)
    assert best is not None
    assert failing is not None
    assert failing / best.rate_mbit_per_s < 1.03


def test_a_bracket_that_is_narrow_enough_ends_the_search() -> None:
    narrow = (step(1000, 0), step(1000 * RESOLUTION, 5))
    assert next_rate(narrow, start_mbit_per_s=1000, most_mbit_per_s=None) is None


def test_one_of_two_is_not_enough() -> None:
    good = Run(offered_mbit_per_s=100, received_mbit_per_s=100, loss_percent=0.1)
    bad = Run(offered_mbit_per_s=100, received_mbit_per_s=99, loss_percent=0.11)

    assert Step(rate_mbit_per_s=100, runs=(good, good)).passed
    assert not Step(rate_mbit_per_s=100, runs=(good, bad)).passed
    assert not Step(rate_mbit_per_s=100, runs=(good,)).passed


def test_a_rate_that_passes_above_one_that_failed_is_believed() -> None:
    steps = (step(1000, 5), step(500, 0), step(707, 5), step(1200, 0))

    best = best_step(steps)

    assert best is not None
    assert best.rate_mbit_per_s == 1200
    assert lowest_failing(steps) is None

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.schedule import retries, round_trials, wants_more
from cniadvisor.domain.measurement import GOODPUT, PathName, TestName, Trial, TrialId
from cniadvisor.domain.plan import Suite

EVERYTHING = {(test, path) for test in TestName for path in PathName}


@given(seed=st.integers(min_value=0), number=st.integers(min_value=1, max_value=50))
def test_every_test_runs_on_both_paths_back_to_back(seed: int, number: int) -> None:
    trials = round_trials(seed=seed, round_number=number, places=EVERYTHING)

    assert len(trials) == len(EVERYTHING)
    for first, second in zip(trials[::2], trials[1::2], strict=True):
        assert first.test == second.test
        assert {first.path, second.path} == set(PathName)


def test_the_seed_fixes_the_order_and_rounds_differ() -> None:
    def order(seed: int) -> list[tuple[TrialId, ...]]:
        return [
            round_trials(seed=seed, round_number=number, places=EVERYTHING)
            for number in range(1, 20)
        ]

    assert order(1) == order(1)
    assert order(1) != order(2)
    firsts = {(trials[0].test, trials[0].path) for trials in order(1)}
    assert len(firsts) > 2, "neither test nor path may always come first"


def test_a_test_that_stopped_leaves_the_others_in_their_order() -> None:
    whole = round_trials(seed=3, round_number=4, places=EVERYTHING)
    tcp = {(TestName.TCP, path) for path in PathName}
    part = round_trials(seed=3, round_number=4, places=tcp)
    assert part == tuple(trial for trial in whole if trial.test is TestName.TCP)


def finished(test: TestName, path: PathName, failure: str | None) -> Trial:
    trial_id = TrialId(test=test, path=path, round=2)
    return Trial(id=trial_id, started_s=0, duration_s=1, failure=failure)


def test_a_failed_trial_is_tried_again_with_the_other_half_of_its_pair() -> None:
    done = [
        finished(TestName.TCP, PathName.HOST, None),
        finished(TestName.TCP, PathName.POD, "cut"),
        finished(TestName.UDP, PathName.POD, None),
        finished(TestName.UDP, PathName.HOST, None),
    ]
    assert [(t.test, t.path, t.round, t.attempt) for t in retries(done)] == [
        (TestName.TCP, PathName.HOST, 2, 2),
        (TestName.TCP, PathName.POD, 2, 2),
    ]


def trials_with(ratios: list[float]) -> list[Trial]:
    return [
        Trial(
            id=TrialId(test=TestName.TCP, path=path, round=number),
            started_s=0,
            duration_s=1,
            figures={GOODPUT.key: 1000 * (ratio if path is PathName.POD else 1)},
        )
        for number, ratio in enumerate(ratios, 1)
        for path in PathName
    ]


@pytest.mark.parametrize(
    ("ratios", "more"),
    [([0.90, 0.901, 0.899, 0.9, 0.9], False), ([0.9, 0.7, 1.1, 0.8, 1.0], True), ([], False)],
)
def test_rounds_go_on_while_the_interval_is_wide(
    make_suite: Callable[..., Suite], ratios: list[float], more: bool
) -> None:
    suite = make_suite(target_half_width_percent=2.5, max_rounds=15)
    assert wants_more(suite, TestName.TCP, trials_with(ratios)) is more


def test_stopping_does_not_look_at_the_verdict(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(target_half_width_percent=2.5, max_rounds=15)
    clear_but_wide = trials_with([0.5, 0.45, 0.55, 0.5, 0.6])
    assert wants_more(suite, TestName.TCP, clear_but_wide)

from dataclasses import replace

import pytest

from cniadvisor.domain.events import Phase
from cniadvisor.tui.live.time_left import Clock, TimeLeft, time_left
from cniadvisor.wording.live import progress_sentence
from tests.tui.example_events import run_started

PLAN = run_started().plan
MEASURING = Clock(
    at_s=30.0, phase=Phase.MEASURE, measuring_since_s=30.0, last_end_s=None, finished=0
)


def seconds(clock: Clock) -> float:
    left = time_left(PLAN, clock)
    assert left is not None
    return left.seconds


def test_before_the_first_trial_the_plan_is_asked() -> None:
    opening = replace(MEASURING, phase=Phase.OPEN, measuring_since_s=None, at_s=5.0)
    assert seconds(opening) == pytest.approx(PLAN.expected_s - 5.0)
    late = replace(opening, at_s=500.0)
    assert seconds(late) == PLAN.measuring_s + 10.0


def test_then_the_trials_themselves() -> None:
    assert seconds(MEASURING) == 12 * 2.0 + 10.0
    half = replace(MEASURING, finished=6, last_end_s=60.0, at_s=60.0)
    assert seconds(half) == 6 * 5.0 + 10.0
    assert seconds(replace(half, at_s=63.0)) == 6 * 5.0 - 3.0 + 10.0
    # A trial that hangs uses up its own time, not that of those behind it.
    assert seconds(replace(half, at_s=600.0)) == 5 * 5.0 + 10.0


def test_extra_rounds_are_an_upper_limit() -> None:
    plan = run_started(max_rounds=5).plan
    done = replace(MEASURING, finished=12, last_end_s=90.0, at_s=90.0)
    assert time_left(plan, done) == TimeLeft(seconds=8 * 5.0 + 10.0, at_most=True)


def test_of_clean_up_and_of_a_plan_without_trials_nobody_can_tell() -> None:
    assert time_left(PLAN, replace(MEASURING, phase=Phase.CLOSE)) is None
    assert time_left(run_started(tests=()).plan, MEASURING) is None


@pytest.mark.parametrize(
    ("phase", "words", "left_s", "finished", "sentence"),
    [
        (None, "", None, 0, "The run begins."),
        (Phase.OPEN, "4 pods", 88.0, 0, "Set-up: 4 pods, 33 s so far, about 1 min 30 s left."),
        (
            Phase.MEASURE,
            "12 trials in random order",
            43.0,
            3,
            "Measuring: 3 of 12 trials done, 33 s so far, about 45 s left.",
        ),
        (Phase.CLOSE, "", None, 12, "Clean-up: begins, 33 s so far."),
    ],
)
def test_how_far_a_run_is_is_one_sentence(
    phase: Phase | None, words: str, left_s: float | None, finished: int, sentence: str
) -> None:
    told = progress_sentence(
        phase=phase,
        words=words,
        elapsed_s=33.2,
        finished=finished,
        trials=12,
        left_s=left_s,
        at_most=False,
    )
    assert told == sentence


def test_extra_rounds_are_said() -> None:
    told = progress_sentence(
        phase=Phase.MEASURE,
        words="",
        elapsed_s=100.0,
        finished=13,
        trials=12,
        left_s=61.0,
        at_most=True,
    )
    assert told == (
        "Measuring: 13 trials done, extra rounds, 1 min 40 s so far, at most 1 min left."
    )

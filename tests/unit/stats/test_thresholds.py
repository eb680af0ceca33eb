import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Comparison, Interval, Verdict
from cniadvisor.stats.thresholds import Side, Standing, Threshold, judge, parse_thresholds

TCP, LATENCY = TestName.TCP, TestName.LATENCY_TCP
PLANNED = (TCP, TestName.TCP_MULTI, LATENCY)


def comparison(interval: Interval | None, test: TestName = TCP) -> Comparison:
    return Comparison(
        test=test,
        pairs=3 if interval else 2,
        ratio=(interval.low + interval.high) / 2 if interval else None,
        ratio_95=interval,
        half_width_percent=1.0 if interval else None,
        verdict=Verdict.SLOWER if interval else Verdict.NO_VERDICT,
        reason="" if interval else "only 2 usable pairs",
    )


def standing(side: Side, ratio: float, interval: Interval | None) -> Standing:
    threshold = Threshold(test=TCP, side=side, ratio=ratio)
    (judged,) = judge([threshold], [comparison(interval)])
    return judged.standing


@pytest.mark.parametrize(
    ("low", "high", "below", "above"),
    [
        (0.80, 0.85, Standing.FAILED, Standing.HELD),
        (0.95, 0.99, Standing.HELD, Standing.FAILED),
        (0.85, 0.95, Standing.UNDECIDED, Standing.UNDECIDED),
        # The limit itself is on the good side.
        (0.90, 0.95, Standing.HELD, Standing.UNDECIDED),
        (0.85, 0.90, Standing.UNDECIDED, Standing.HELD),
        (0.90, 0.90, Standing.HELD, Standing.HELD),
    ],
)
def test_only_a_whole_interval_fails(
    low: float, high: float, below: Standing, above: Standing
) -> None:
    interval = Interval(low=low, high=high)
    assert standing(Side.BELOW, 0.9, interval) is below
    assert standing(Side.ABOVE, 0.9, interval) is above


@given(ends=st.tuples(st.floats(0.01, 5), st.floats(0.01, 5)).map(sorted), limit=st.floats(0.01, 5))
def test_the_sides_never_both_fail(ends: list[float], limit: float) -> None:
    interval = Interval(low=ends[0], high=ends[1])
    found = {side: standing(side, limit, interval) for side in Side}
    assert [*found.values()].count(Standing.FAILED) <= 1
    assert (found[Side.BELOW] is Standing.FAILED) == (interval.high < limit)
    assert (found[Side.ABOVE] is Standing.FAILED) == (interval.low > limit)


def test_without_a_ratio_nothing_is_decided() -> None:
    assert standing(Side.BELOW, 0.9, None) is Standing.NO_RATIO
    threshold = Threshold(test=LATENCY, side=Side.ABOVE, ratio=1.5)
    (judged,) = judge([threshold], [comparison(Interval(low=1, high=2))])
    assert (judged.standing, judged.comparison) == (Standing.NO_RATIO, None)


def test_what_the_command_line_gives() -> None:
    assert parse_thresholds(["tcp=0.9, tcp-multi = .95"], ["latency-tcp=1.5"], planned=PLANNED) == (
        Threshold(test=TCP, side=Side.BELOW, ratio=0.9),
        Threshold(test=TestName.TCP_MULTI, side=Side.BELOW, ratio=0.95),
        Threshold(test=LATENCY, side=Side.ABOVE, ratio=1.5),
    )
    assert parse_thresholds([], [], planned=PLANNED) == ()
    both = parse_thresholds(["tcp=0.9"], ["tcp=1.1"], planned=PLANNED)
    assert [threshold.option for threshold in both] == [
        "--fail-below tcp=0.9",
        "--fail-above tcp=1.1",
    ]


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("", "--fail-below (empty): not a test and a ratio", "--fail-below tcp=0.9"),
        ("tcp", "not a test and a ratio", "tcp=0.9"),
        ("tcp 0.9", "not a test and a ratio", "tcp=0.9"),
        ("tcp=0.9,", "(empty): not a test and a ratio", "tcp=0.9"),
        ("=0.9", "no test without a name", "it has tcp"),
        ("tpc=0.9", "the run has no test tpc", "did you mean tcp?"),
        ("udp=0.9", "the run has no test udp", "tcp"),
        ("tcp=", "must be a number above 0 and at most 10", "90 %"),
        ("tcp=90%", "must be a number", "90 %"),
        ("tcp=90", "must be a number", "90 %"),
        ("tcp=0", "must be a number", "90 %"),
        ("tcp=-1", "must be a number", "90 %"),
        ("tcp=nan", "must be a number", "90 %"),
        ("tcp=inf", "must be a number", "90 %"),
        ("tcp=1e-3", "must be a number", "90 %"),
        ("tcp=0.9=0.8", "must be a number", "90 %"),
        ("tcp=0.90000000000000000000x", "must be a number", "90 %"),
        (f"tcp={'9' * 5000}", "must be a number", "90 %"),
        ("tcp=0.9,tcp=0.8", "two thresholds for tcp", ""),
        ("\x1b[31m=0.9", "the run has no test [31m", "it has"),
    ],
)
def test_what_is_no_threshold_is_refused(text: str, words: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_thresholds([text], [], planned=PLANNED)
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.isprintable()


@given(st.text(max_size=30))
def test_any_text_is_a_threshold_or_a_usage_error(text: str) -> None:
    try:
        found = parse_thresholds([text], [text], planned=PLANNED)
    except UsageError as error:
        assert error.message.isprintable()  # noqa: PT017 - either way out is right
    else:
        assert {threshold.side for threshold in found} == set(Side)


def test_a_latency_may_be_many_times_the_baseline() -> None:
    (found,) = parse_thresholds([], ["latency-tcp=50"], planned=PLANNED)
    assert found.ratio == 50
    with pytest.raises(UsageError, match="at most 100"):
        parse_thresholds([], ["latency-tcp=150"], planned=PLANNED)

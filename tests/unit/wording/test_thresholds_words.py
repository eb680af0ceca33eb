from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Comparison, Interval, Verdict
from cniadvisor.stats.thresholds import Side, Threshold, judge
from cniadvisor.wording.thresholds import threshold_line


def line(low: float, high: float, side: Side = Side.BELOW) -> str:
    comparison = Comparison(
        test=TestName.TCP,
        pairs=3,
        ratio=(low + high) / 2,
        ratio_95=Interval(low=low, high=high),
        half_width_percent=1.0,
        verdict=Verdict.SLOWER,
    )
    (judged,) = judge([Threshold(test=TestName.TCP, side=side, ratio=0.9)], [comparison])
    return threshold_line(judged)


def test_each_standing_has_its_line() -> None:
    assert line(0.80, 0.84) == (
        "Failed: --fail-below tcp=0.9: the ratio is 0.8200, 95 % interval 0.8000 to 0.8400, "
        "all of it below."
    )
    assert line(0.94, 0.98, Side.ABOVE).endswith("0.9400 to 0.9800, all of it above.")
    assert line(0.94, 0.98) == (
        "Held: --fail-below tcp=0.9: the ratio is 0.9600, 95 % interval 0.9400 to 0.9800."
    )
    assert line(0.88, 0.94).startswith("Warning: --fail-below tcp=0.9: the ratio is 0.9100")
    assert "has 0.9 inside: that is not decided, so it does not fail" in line(0.88, 0.94)


def test_a_test_without_a_ratio_says_why() -> None:
    threshold = Threshold(test=TestName.TCP, side=Side.BELOW, ratio=0.9)
    none = Comparison(
        test=TestName.TCP,
        pairs=2,
        ratio=None,
        ratio_95=None,
        half_width_percent=None,
        verdict=Verdict.NO_VERDICT,
        reason="only 2 usable pairs\x1b[2J",
    )
    (few,), (nothing,) = judge([threshold], [none]), judge([threshold], [])
    assert threshold_line(few) == "No ratio for --fail-below tcp=0.9: only 2 usable pairs[2J."
    assert threshold_line(nothing) == "No ratio for --fail-below tcp=0.9: it was not measured."

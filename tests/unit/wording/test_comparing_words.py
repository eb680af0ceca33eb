from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.report import Flag, Interval, Report, Verdict
from cniadvisor.stats.likeness import Unlike
from cniadvisor.wording.comparing import Named, compare_text, unlike_lines

Golden = Callable[[str, str], None]


def of_another_cni(report: Report, *, ratio: float) -> Report:
    """The same run with Canal, and another ratio with one stream."""
    primary = report.findings.primary
    assert primary is not None
    tcp, multi = report.comparisons
    changed = replace(
        tcp,
        ratio=ratio,
        ratio_95=Interval(low=ratio - 0.01, high=ratio + 0.01),
        flags=(Flag.UNSTABLE, Flag.CPU_BOUND),
    )
    return replace(
        report,
        findings=replace(report.findings, primary=replace(primary, name="canal", version="3.31.0")),
        comparisons=(changed, multi),
    )


def named(*reports: Report) -> list[Named]:
    return [
        Named(name=f"{letter}.toml", report=report)
        for letter, report in zip("abcdef", reports, strict=False)
    ]


def test_two_reports_side_by_side(report: Report, golden: Golden) -> None:
    text = compare_text(named(report, of_another_cni(report, ratio=0.85)), ())
    golden("compare", text)
    assert "A is ahead of B: the intervals lie more than 1 % apart." in text
    assert text.count("No detectable difference between A and B.") == 1
    assert "Gbit/s" not in text, "raw figures only on request"


def test_other_streams_change_the_name_of_one_test_only(report: Report) -> None:
    other = replace(report, plan=replace(report.plan, streams=report.plan.streams + 1))
    text = compare_text(named(report, other), ())
    assert "TCP (tcp), goodput" in text
    assert "TCP with several streams (tcp-multi), goodput" in text


def test_three_reports_with_unlike_conditions_and_raw_figures(
    report: Report, golden: Golden
) -> None:
    without = replace(
        report,
        comparisons=(
            replace(
                report.comparisons[0],
                ratio=None,
                ratio_95=None,
                half_width_percent=None,
                verdict=Verdict.NO_VERDICT,
                reason="there is no host-network baseline to compare with",
            ),
        ),
        summaries=report.summaries[:1],
    )
    unlike = [Unlike(condition="kernel of the client node", values=("6.12.48", "6.1.0", "6.1.0"))]
    reports = named(report, of_another_cni(report, ratio=0.943), without)
    text = compare_text(reports, unlike, raw=True)
    golden("compare-insisted", text)
    assert "- kernel of the client node: A 6.12.48; B 6.1.0; C 6.1.0" in text
    assert "ahead" not in text, "nothing is ranked inside the noise"
    assert "C has no ratio: there is no host-network baseline to compare with." in text
    assert "A had, as medians, 8.91 Gbit/s on the pod network" in text


@pytest.mark.parametrize("count", [2, 26])
def test_nothing_from_a_file_reaches_the_terminal_raw(report: Report, count: int) -> None:
    nasty = "\x1b]0;owned\x07\u202e\n" + "x" * 200
    primary = report.findings.primary
    assert primary is not None
    evil = replace(
        report,
        run=replace(report.run, started_at=nasty),
        plan=replace(report.plan, run_id=nasty),
        findings=replace(report.findings, primary=replace(primary, name=nasty)),
        comparisons=(replace(report.comparisons[0], ratio_95=None, reason=nasty),),
    )
    unlike = [Unlike(condition="driver", values=(nasty,) * count)]
    text = compare_text([Named(name=nasty, report=evil)] * count, unlike, raw=True)
    lines = [*text.splitlines(), *unlike_lines(unlike)]
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 80 for line in lines)

from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.events import Outcome, RunStarted, TrialFinished
from cniadvisor.domain.measurement import (
    AgentsCost,
    AgentShare,
    AgentUse,
    PathName,
    Role,
    TestName,
    Trial,
)
from cniadvisor.domain.report import (
    Comparison,
    Diagnosis,
    Flag,
    Interval,
    Machine,
    Notice,
    Removal,
    Report,
    Severity,
    Verdict,
)
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.wording.agents import agents_sentence
from cniadvisor.wording.report import comparison_sentence, report_text
from cniadvisor.wording.report_markdown import report_markdown

Golden = Callable[[str, str], None]


def as_one_machine(report: Report) -> Report:
    pair = report.target.pair
    server = replace(pair.server, boot_id=pair.client.boot_id)
    resources = tuple(
        replace(resource, role=Machine.MACHINE)
        for resource in report.resources
        if resource.role is Machine.CLIENT
    )
    target = replace(report.target, pair=replace(pair, server=server))
    return replace(report, target=target, resources=resources)


def without_baseline(report: Report) -> Report:
    comparison = Comparison(
        test=TestName.TCP,
        pairs=0,
        ratio=None,
        ratio_95=None,
        half_width_percent=None,
        verdict=Verdict.NO_VERDICT,
        reason="there is no host-network baseline to compare with",
    )
    return replace(
        report,
        run=replace(report.run, outcome=Outcome.PARTIAL, reason="interrupted", finished_at=None),
        summaries=tuple(
            replace(s, unstable=True, cv_percent=7.2)
            for s in report.summaries
            if s.path is PathName.POD and s.test is TestName.TCP
        ),
        comparisons=(replace(comparison, flags=(Flag.UNSTABLE, Flag.CPU_BOUND)),),
        paths=report.paths[:1],
        nics=(),
        resources=(),
        findings=replace(report.findings, primary=None, warnings=()),
        warnings=(Notice(code="no-baseline", text="no host-network baseline: refused"),),
        cleanup=(),
    )


def test_a_complete_report(report: Report, golden: Golden) -> None:
    golden("report", report_text(report))


def test_one_machine_is_told_once_and_explained(report: Report, golden: Golden) -> None:
    text = report_text(as_one_machine(report))
    assert "Both nodes are one machine" in text
    golden("report-one-machine", text)


def test_a_partial_report_without_baseline(report: Report, golden: Golden) -> None:
    text = report_text(without_baseline(report))
    assert "partial, 1 min 4 s: interrupted" in text
    assert "Not measured." in text  # tcp-multi never began
    assert "at least one of these" not in text
    golden("report-no-baseline", text)


def test_failures_and_drops_are_told_but_not_without_end(report: Report) -> None:
    failed = tuple(
        replace(
            report.trials[0],
            id=replace(report.trials[0].id, round=number),
            figures={},
            failure="lost the connection",
        )
        for number in range(1, 6)
    )
    dropped = ("round 1: the host trial failed",)
    comparison = replace(report.comparisons[0], dropped=dropped)
    text = report_text(replace(report, trials=failed, comparisons=(comparison,)))
    assert "  Dropped: round 1: the host trial failed" in text
    assert text.count("Failed: tcp on the host path") == 3
    assert "2 more failed; the report file has them all." in text


@pytest.mark.parametrize(
    ("ratio", "interval", "verdict", "expected"),
    [
        (
            0.93,
            (0.91, 0.95),
            Verdict.SLOWER,
            "TCP: 8.91 Gbit/s on the pod network, 93 % of the host-network baseline "
            "(95 % interval 91 to 95 %): slower.",
        ),
        (
            1.06,
            (1.03, 1.09),
            Verdict.FASTER,
            "TCP: 8.91 Gbit/s on the pod network, 106 % of the host-network baseline "
            "(95 % interval 103 to 109 %): faster.",
        ),
        (
            0.96,
            (0.90, 1.02),
            Verdict.NO_DETECTABLE_DIFFERENCE,
            "TCP: 8.91 Gbit/s on the pod network, 96 % of the host-network baseline "
            "(95 % interval 90 to 102 %): no detectable difference.",
        ),
    ],
)
def test_the_sentence_says_no_more_than_the_verdict(
    report: Report,
    ratio: float,
    interval: tuple[float, float],
    verdict: Verdict,
    expected: str,
) -> None:
    comparison = replace(
        report.comparisons[0],
        ratio=ratio,
        ratio_95=Interval(low=interval[0], high=interval[1]),
        verdict=verdict,
    )
    assert comparison_sentence(comparison, report.summaries, streams=4) == expected


def test_the_sentence_without_figures(report: Report) -> None:
    comparison = without_baseline(report).comparisons[0]
    assert comparison_sentence(comparison, (), streams=4) == (
        "TCP: no figure on the pod network; no verdict: there is no host-network baseline to "
        "compare with."
    )


@pytest.mark.parametrize(("tests", "chance"), [(2, "10 %"), (9, "37 %")])
def test_the_error_rate_over_several_tests(report: Report, tests: int, chance: str) -> None:
    text = report_text(replace(report, comparisons=report.comparisons[:1] * tests))
    assert f"of these {tests} does has a chance of up to {chance}." in " ".join(text.split())


def test_every_flag_has_its_sentence(report: Report) -> None:
    flagged = replace(report.comparisons[0], flags=tuple(Flag))
    unstable = tuple(
        replace(summary, unstable=True, cv_percent=7.2) for summary in report.summaries
    )
    text = report_text(replace(report, comparisons=(flagged,), summaries=unstable))
    joined = " ".join(text.split())
    for words in (
        "Unstable: the values vary by 7.2 % on the pod network and 7.2 % on the host network",
        "Better than the host-network baseline: to be explained, not a win.",
        "CPU-bound: one core was busy",
        "Not proven: in some trials fewer bytes crossed the NIC",
        "Other traffic: in some trials over 1.3 times",
    ):
        assert words in joined


def test_what_is_left_behind_is_told_with_the_command(report: Report) -> None:
    left = (Removal(what="Job a"), Removal(what="Namespace b", error="forbidden"))
    text = report_text(replace(report, cleanup=left))
    assert "- Namespace b: forbidden\n  Remove it with: cniadvisor cleanup --run k7m2q" in text
    assert "Not removed" not in report_text(replace(report, cleanup=left[:1]))


def test_text_of_the_file_is_not_trusted(report: Report) -> None:
    nasty = "\x1b]0;owned\x07\u202e\n" + "x" * 200
    findings = report.findings
    assert findings.primary is not None
    changed = replace(
        report,
        run=replace(report.run, reason=nasty, started_at=nasty, tool_version=nasty),
        plan=replace(report.plan, run_id=nasty, suite=replace(report.plan.suite, name=nasty)),
        target=replace(report.target, context=nasty, kind=nasty, server_version=nasty),
        findings=replace(
            findings, primary=replace(findings.primary, name=nasty), warnings=(nasty,)
        ),
        tools={nasty: nasty},
        nics=(replace(report.nics[0], interface=nasty, driver=nasty),),
        cpus=(replace(report.cpus[0], model=nasty),),
        comparisons=(replace(report.comparisons[0], dropped=(nasty,)),),
        trials=(replace(report.trials[0], failure=nasty),),
        warnings=(Notice(code="x", text=nasty, advice=nasty),),
        cleanup=(Removal(what=nasty, error=nasty),),
    )
    lines = report_text(changed).splitlines()
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 80 for line in lines)


def of_latency(report: Report) -> Report:
    """The same run, had it measured round trips: 45 us on the pod path, 34 us on the host's."""
    test, scale = TestName.LATENCY_TCP, 34.0 / 9_402.0

    def values(trial: Trial) -> dict[str, float]:
        slower = 1.32 if trial.id.path is PathName.POD else 1.0
        median = trial.figures["goodput_mbit_per_s"] * scale * slower
        return {"rtt_p50_us": median, "rtt_p90_us": median * 1.2, "rtt_p99_us": median * 2}

    builder = ReportBuilder()
    suite = replace(report.plan.suite, tests=(test,))
    builder(
        RunStarted(
            at_s=0.0,
            started_at=report.run.started_at,
            tool_version="0.1.0",
            command="",
            plan=replace(report.plan, suite=suite),
            target=report.target,
            findings=report.findings,
        )
    )
    for trial in report.trials:
        if trial.id.test is TestName.TCP_MULTI:
            continue
        measured = replace(trial, id=replace(trial.id, test=test), figures=values(trial))
        builder(TrialFinished(at_s=1.0, trial=measured))
    return builder.report()


def test_latency_is_lower_is_better_in_every_text(report: Report, golden: Golden) -> None:
    latency = of_latency(report)
    text = report_text(latency)
    golden("report-latency", text)
    joined = " ".join(text.split())
    assert "TCP latency (latency-tcp), median round trip (lower is better)" in joined
    assert "TCP latency: median round trip 42.5 us on the pod network, 1.2" in joined
    assert "times the host-network baseline" in joined
    assert "): slower." in joined
    assert "Also, as medians: pod P90 51.0 us, P99 85.1 us; host P90 40.8 us" in joined
    assert {row.millicores_per_gbit_per_s for row in latency.resources} == {None}


def test_agents_and_diagnoses_are_told(report: Report, golden: Golden) -> None:
    use = AgentUse(cpu_millicores=12.345, memory_mib=31.5, windows=4, covered_s=60.0)
    agents = AgentsCost(
        resolution_s=15.0,
        shares=(
            AgentShare(
                component="flannel",
                workload="kube-flannel/kube-flannel-ds",
                role=Role.CLIENT,
                container="kube-flannel",
                idle=None,
                load=use,
                idle_reason="no window of the metrics API lies within the idle phase",
            ),
        ),
    )
    diagnosis = Diagnosis(
        code="one-core",
        severity=Severity.WARNING,
        text="one core was busy all the time",
        advice="Measure with several streams.",
        source="docs/method.md",
        tests=(TestName.TCP,),
    )
    text = report_text(replace(report, agents=agents, diagnoses=(diagnosis,)))
    golden("report-agents", text)
    assert "flannel  client  kube-flannel  n/a   12.3 m, 31.5 MiB" in text
    assert "Not resolved: no window of the metrics API" in text
    assert "- Warning (tcp): one core was busy all the time\n  Advice: Measure with" in text
    none = AgentsCost(resolution_s=None, reason="the metrics API is not installed\x1b[2J")
    assert agents_sentence(none) == (
        "The CNI's agents: their CPU and memory are not known (the metrics API is not "
        "installed[2J)."
    )
    assert agents_sentence(agents) == (
        "The CNI's agents on the client node take 12.3 millicores and 31.5 MiB while trials run."
    )
    server = replace(agents.shares[0], role=Role.SERVER)
    assert agents_sentence(replace(agents, shares=(*agents.shares, server))).startswith(
        "The CNI's agents on both nodes take 24.7 millicores and 63.0 MiB"
    )


def test_a_limited_report_says_so_where_its_figures_begin(report: Report) -> None:
    limited = replace(report, plan=replace(report.plan, max_rate_mbit_per_s=250.0))
    assert "Limit        250 Mbit/s (--max-rate)" in report_text(limited)
    assert "--max-rate" not in report_text(report)
    assert "| Limit | 250 Mbit/s (--max-rate) |" in report_markdown(limited)

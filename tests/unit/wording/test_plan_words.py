from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.plan import NodePair, TargetFacts
from cniadvisor.domain.report import Report
from cniadvisor.stats.volume import estimate
from cniadvisor.wording.plan import plan_text


def in_zones(target: TargetFacts, client: str | None, server: str | None) -> TargetFacts:
    pair = target.pair
    return replace(
        target,
        pair=NodePair(
            client=replace(pair.client, zone=client),
            server=replace(pair.server, zone=server),
            reason=pair.reason,
        ),
    )


def test_the_plan(report: Report, golden: Callable[[str, str], None]) -> None:
    golden("plan", plan_text(report.plan, report.target, report.findings))


def test_a_plan_with_extra_rounds_across_zones(
    report: Report, golden: Callable[[str, str], None]
) -> None:
    suite = replace(
        report.plan.suite,
        name="standard",
        rounds=5,
        max_rounds=15,
        duration_s=10.0,
        target_half_width_percent=2.5,
    )
    target = in_zones(report.target, "eu-1a", "eu-1b")
    plan = replace(report.plan, suite=suite)
    findings = replace(report.findings, primary=None)
    golden("plan-standard", plan_text(plan, target, findings, assumed_mbit_per_s=25_000))


def test_what_it_says_about_zones(report: Report) -> None:
    def told(client: str | None, server: str | None) -> str:
        target = in_zones(report.target, client, server)
        return plan_text(report.plan, target, report.findings)

    assert "0 GB: both nodes are in one zone" in told("a", "a")
    assert "all of it, at most 35.0 GB; it may cost money" in told("a", "b")
    assert "not known: a node has no zone label" in told("a", None)


def test_volume_is_the_assumed_rate_for_the_time_of_all_trials(report: Report) -> None:
    # 12 trials of 2 s and 4 warm-ups of 1 s at 1 Gbit/s: 28 s of 125 MB.
    volume = estimate(report.plan, report.target.pair, assumed_mbit_per_s=1000)
    assert volume.gigabytes == pytest.approx(28 * 0.125)
    assert volume.most_gigabytes == volume.gigabytes
    longer = replace(report.plan, suite=replace(report.plan.suite, max_rounds=6))
    most = estimate(longer, report.target.pair, assumed_mbit_per_s=1000).most_gigabytes
    assert most == pytest.approx(52 * 0.125)


def test_without_a_baseline_nothing_listens_on_the_nodes(report: Report) -> None:
    plan = replace(report.plan, paths=(PathName.POD,))
    assert "host-network pods" not in plan_text(plan, report.target, report.findings)


def test_names_of_the_cluster_are_not_trusted(report: Report) -> None:
    nasty = "\x1b[2J\u202e" + "n" * 150
    pair = report.target.pair
    target = replace(
        report.target,
        context=nasty,
        server=nasty,
        namespace=nasty,
        image=nasty,
        creates=tuple(replace(item, name=nasty) for item in report.target.creates),
        pair=replace(pair, client=replace(pair.client, name=nasty), reason=nasty),
    )
    lines = plan_text(report.plan, target, report.findings).splitlines()
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_a_limit_is_told_and_bounds_the_volume(report: Report) -> None:
    plan = replace(report.plan, max_rate_mbit_per_s=100.0)
    told = plan_text(plan, report.target, report.findings)
    assert "Limit          100 Mbit/s (--max-rate)" in told
    assert "at most 0.350 GB, at that limit" in told
    assert "takes all the bandwidth it can get" not in told
    assert "takes up to 100 Mbit/s between the two nodes" in " ".join(told.split())
    assert "--max-rate" not in plan_text(report.plan, report.target, report.findings)


def test_a_limit_above_the_assumed_rate_is_no_bound(report: Report) -> None:
    plan = replace(report.plan, max_rate_mbit_per_s=40_000.0)
    assert estimate(plan, report.target.pair) == estimate(report.plan, report.target.pair)


def test_the_probe_is_announced(report: Report) -> None:
    assert "Probe " not in plan_text(report.plan, report.target, report.findings)
    probing = replace(report.plan, probes_policy=True)
    told = " ".join(plan_text(probing, report.target, report.findings).split())
    assert "Probe whether NetworkPolicy is enforced, on the run's own pods, before" in told

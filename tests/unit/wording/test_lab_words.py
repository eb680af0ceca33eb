"""A lab in words: its plan, and its wirings side by side."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import NodePair
from cniadvisor.domain.report import Comparison, Interval, Report, Verdict
from cniadvisor.lab.findings import wired_label
from cniadvisor.lab.target import lab_facts
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.wording.lab import (
    PlannedWiring,
    lab_expected_s,
    lab_plan_text,
    lab_text,
    sentence_of_test,
)
from tests.unit.example_nodes import example_node


def planned(report: Report, name: str) -> PlannedWiring:
    wiring = WIRINGS[name](NODES)
    facts = lab_facts(wiring, Wire(rate_mbit_per_s=1000), image="tools of Debian trixie")
    # As another machine would tell of itself.
    pair = NodePair(
        client=example_node("node1"), server=example_node("node2"), reason=facts.pair.reason
    )
    return PlannedWiring(
        name=name,
        label=wired_label(wiring),
        pod_mtu=wiring.pod_mtu,
        plan=report.plan,
        target=replace(facts, pair=pair),
    )


def compared(report: Report, low: float, high: float, verdict: Verdict) -> Report:
    """The report with another outcome of its tcp."""
    told = Comparison(
        test=TestName.TCP,
        pairs=3,
        ratio=(low + high) / 2,
        ratio_95=Interval(low=low, high=high),
        half_width_percent=1.0,
        verdict=verdict,
    )
    others = tuple(one for one in report.comparisons if one.test is not TestName.TCP)
    return replace(report, comparisons=(told, *others))


def test_the_plan(report: Report, golden: Callable[[str, str], None]) -> None:
    wirings = [planned(report, name) for name in ("flannel-vxlan", "flannel-host-gw")]
    golden("lab-plan", lab_plan_text(wirings))


def test_wirings_take_turns_but_idle_together(report: Report) -> None:
    one = lab_expected_s([report.plan])
    two = lab_expected_s([report.plan, report.plan])
    assert two - one == pytest.approx(report.plan.running_s - report.plan.suite.idle_s)


def test_the_wirings_side_by_side(report: Report, golden: Callable[[str, str], None]) -> None:
    vxlan = compared(report, 0.69, 0.73, Verdict.SLOWER)
    host_gw = compared(report, 0.91, 0.95, Verdict.SLOWER)
    canal = compared(report, 0.68, 0.72, Verdict.SLOWER)
    routed = compared(report, 0.90, 0.96, Verdict.SLOWER)
    golden(
        "lab",
        lab_text(
            {
                "flannel-vxlan": vxlan,
                "flannel-host-gw": host_gw,
                "canal": canal,
                "calico-routed": routed,
            }
        ),
    )


def test_nothing_is_ranked_inside_its_noise(report: Report) -> None:
    one = compared(report, 0.90, 0.95, Verdict.SLOWER)
    other = compared(report, 0.94, 0.99, Verdict.SLOWER)
    told = sentence_of_test({"one": one, "other": other}, TestName.TCP)
    assert told.endswith("No detectable difference between one and other.")
    assert "ahead" not in told


def test_a_test_without_a_ratio_says_why(report: Report) -> None:
    none = replace(
        compared(report, 1, 1, Verdict.NO_VERDICT),
        comparisons=(
            Comparison(
                test=TestName.TCP,
                pairs=1,
                ratio=None,
                ratio_95=None,
                half_width_percent=None,
                verdict=Verdict.NO_VERDICT,
                reason="only 1 usable pair",
            ),
        ),
    )
    other = replace(report, comparisons=())
    assert sentence_of_test({"one": none, "other": other}, TestName.TCP) == (
        "TCP: one has no ratio (only 1 usable pair); other was not measured."
    )
    assert "no ratio" in lab_text({"one": none, "other": other})

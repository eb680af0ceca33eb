"""Own reports as evidence: only what lies outside the noise counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from cniadvisor.advise.decision import decide
from cniadvisor.advise.measured import OwnReport, own_measurements
from cniadvisor.domain.findings import Component, Confidence, Findings
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Comparison, Interval, Report, Verdict
from cniadvisor.report.toml_file import read
from tests.unit.advise.shipped import shipped

GOLDEN = Path(__file__).parents[2] / "golden" / "report-v1.toml"


def compared(test: TestName, low: float, high: float) -> Comparison:
    return Comparison(
        test=test,
        pairs=5,
        ratio=(low * high) ** 0.5,
        ratio_95=Interval(low=low, high=high),
        half_width_percent=1.0,
        verdict=Verdict.NO_DETECTABLE_DIFFERENCE,
    )


@pytest.fixture
def golden() -> Report:
    return read(GOLDEN)


def of(
    report: Report, cni: str | None, *comparisons: Comparison, when: str = "2026-11-20"
) -> OwnReport:
    primary = Component(name=cni, confidence=Confidence.HIGH) if cni else None
    return OwnReport(
        name=f"{cni}.toml",
        report=replace(
            report,
            findings=Findings(primary=primary),
            comparisons=comparisons,
            run=replace(report.run, started_at=f"{when}T10:00:00+00:00"),
        ),
    )


def test_a_difference_outside_the_noise_counts(golden: Report) -> None:
    own = own_measurements(
        [
            of(golden, "flannel", compared(TestName.TCP, 0.95, 0.97)),
            of(golden, "calico", compared(TestName.TCP, 0.80, 0.82)),
        ]
    )
    assert own.measured.values == {"flannel": 1.0, "calico": 0.0}
    assert [(a.test, a.winner, a.loser) for a in own.ahead] == [("tcp", "flannel", "calico")]
    assert own.uncounted == ()


def test_a_difference_inside_the_noise_never_counts(golden: Report) -> None:
    own = own_measurements(
        [
            of(golden, "flannel", compared(TestName.TCP, 0.90, 0.97)),
            of(golden, "cilium", compared(TestName.TCP, 0.85, 0.92)),
        ]
    )
    assert own.measured.values == {"flannel": 1.0, "cilium": 1.0}
    assert own.undecided == (TestName.TCP,)
    without = decide(shipped(), {"performance": "3", "policy": "1"})
    with_ = decide(shipped(), {"performance": "3", "policy": "1"}, own.measured)
    assert with_.outcome == without.outcome
    assert [c.name for c in with_.eligible] == [c.name for c in without.eligible]


def test_lower_is_better_for_latency(golden: Report) -> None:
    own = own_measurements(
        [
            of(golden, "flannel", compared(TestName.LATENCY_TCP, 1.1, 1.2)),
            of(golden, "calico", compared(TestName.LATENCY_TCP, 1.4, 1.5)),
        ]
    )
    assert own.measured.values == {"flannel": 1.0, "calico": 0.0}


def test_measurements_change_the_answer_only_if_they_are_said_to_count(golden: Report) -> None:
    own = own_measurements(
        [
            of(golden, "calico", compared(TestName.TCP, 0.70, 0.72)),
            of(golden, "cilium", compared(TestName.TCP, 0.95, 0.97)),
        ]
    )
    aside = decide(shipped(), {"policy": "3"}, own.measured).choice
    counted = decide(shipped(), {"policy": "3", "performance": "1"}, own.measured).choice
    assert aside is not None
    assert aside.name == "calico"
    assert counted is not None
    assert counted.name == "cilium"


def test_who_was_not_measured_is_neither_better_nor_worse(golden: Report) -> None:
    own = own_measurements(
        [
            of(golden, "flannel", compared(TestName.TCP, 0.95, 0.97)),
            of(golden, "cilium", compared(TestName.TCP, 0.80, 0.82)),
        ]
    )
    decision = decide(shipped(), {"performance": "3"}, own.measured)
    values = {one.name: one.values["performance"].value for one in decision.eligible}
    assert values == {"flannel": 1.0, "cilium": 0.0, "canal": 0.5, "calico": 0.5}


def test_unlike_conditions_do_not_count(golden: Report) -> None:
    other = of(golden, "calico", compared(TestName.TCP, 0.5, 0.6))
    nodes = replace(other.report.target.pair.client, kernel="5.4.0")
    pair = replace(other.report.target.pair, client=nodes)
    target = replace(other.report.target, pair=pair)
    unlike = replace(other, report=replace(other.report, target=target))
    own = own_measurements([of(golden, "flannel", compared(TestName.TCP, 0.9, 0.95)), unlike])
    assert own.measured.values == {}
    assert "kernel of the client node" in own.uncounted[0]


def test_one_cni_is_compared_with_nobody(golden: Report) -> None:
    own = own_measurements([of(golden, "flannel", compared(TestName.TCP, 0.9, 0.95))])
    assert own.measured.values == {}
    assert "Reports of two CNIs" in own.uncounted[0]
    assert own_measurements([]).uncounted == ()


def test_the_latest_report_of_a_cni_counts(golden: Report) -> None:
    own = own_measurements(
        [
            of(golden, "flannel", compared(TestName.TCP, 0.95, 0.97), when="2026-11-20"),
            of(golden, "calico", compared(TestName.TCP, 0.95, 0.97), when="2026-11-21"),
            of(golden, "calico", compared(TestName.TCP, 0.50, 0.52), when="2026-11-19"),
        ]
    )
    assert own.ahead == ()
    assert "later report of calico" in own.uncounted[0]


def test_the_lab_and_what_was_not_found_out_are_shown_only(golden: Report) -> None:
    lab = of(golden, "calico", compared(TestName.TCP, 0.5, 0.52))
    target = replace(lab.report.target, kind="lab")
    own = own_measurements(
        [
            of(golden, "flannel", compared(TestName.TCP, 0.9, 0.92)),
            replace(lab, report=replace(lab.report, target=target)),
            of(golden, None, compared(TestName.TCP, 0.9, 0.92)),
        ]
    )
    assert own.measured.values == {}
    assert len(own.reports) == 3
    assert "lab" in own.uncounted[0]
    assert "not found out" in own.uncounted[1]


def test_a_test_without_an_interval_says_nothing(golden: Report) -> None:
    silent = replace(compared(TestName.TCP, 0.9, 1.0), ratio=None, ratio_95=None)
    slower = compared(TestName.UDP, 0.7, 0.71)
    own = own_measurements(
        [
            of(golden, "flannel", silent, compared(TestName.UDP, 0.9, 0.91)),
            of(golden, "calico", compared(TestName.TCP, 0.5, 0.6), slower),
        ]
    )
    assert [ahead.test for ahead in own.ahead] == [TestName.UDP]
    assert own.measured.values == {"flannel": 1.0, "calico": 0.0}

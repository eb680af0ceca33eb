from collections.abc import Callable
from dataclasses import replace

from cniadvisor.domain.findings import (
    Component,
    Confidence,
    Considered,
    Evidence,
    Explanation,
    Findings,
    Stance,
    Unknown,
)
from cniadvisor.domain.report import Report
from cniadvisor.wording.findings import findings_text

Golden = Callable[[str, str], None]

EXPLANATION = Explanation(
    considered=(
        Considered(
            name="flannel",
            slot="primary",
            confidence=Confidence.HIGH,
            evidence=(
                Evidence(
                    rank=1,
                    text="DaemonSet kube-flannel-ds is ready on 2 of 2 nodes",
                    source="/apis/apps/v1/daemonsets",
                ),
            ),
        ),
        Considered(
            name="calico",
            slot="residue",
            confidence=Confidence.LOW,
            evidence=(
                Evidence(
                    rank=8,
                    text="API group crd.projectcalico.org is served, for calico's own resources",
                    source="/apis",
                ),
                Evidence(rank=1, text="no agent is running", stance=Stance.AGAINST),
            ),
        ),
    ),
    settle=("get pods: a pod's address would show who wired it",),
)


def test_findings(report: Report, golden: Golden) -> None:
    golden("findings", findings_text(report.findings))


def test_findings_explained(report: Report, golden: Golden) -> None:
    golden("findings-explained", findings_text(report.findings, EXPLANATION))


def test_canal_with_everything_around_it(golden: Golden) -> None:
    canal = Component(
        name="canal",
        version="3.31.0",
        mode="vxlan",
        cross_subnet=True,
        confidence=Confidence.MEDIUM,
        details=(("flannel_version", "0.26.7"),),
    )
    golden(
        "findings-canal",
        findings_text(
            Findings(
                primary=canal,
                policy=Component(name="calico", version="3.31.0"),
                meta=(Component(name="multus", variant="thin", version="4.3.0"),),
                chained=(Component(name="portmap"), Component(name="bandwidth")),
            )
        ),
    )


def test_nothing_found_out() -> None:
    text = findings_text(Findings(unknown=(Unknown(what="who wires pods", right="list nodes"),)))
    assert text == (
        "CNI            not found out\n"
        "Policy engine  none found\n"
        "\n"
        "Not known, and the right that would tell\n"
        "- who wires pods: list nodes"
    )


def test_proven_absent_is_not_the_same_as_not_found_out() -> None:
    none = Component(name="none", confidence=Confidence.HIGH, evidence=("no node has a conflist",))
    text = findings_text(Findings(primary=none))
    assert text.startswith("CNI            none\nConfidence     high\n")
    assert "Mode" not in text


def test_text_of_the_cluster_is_not_trusted(report: Report) -> None:
    nasty = "\x1b[2J\u202e" + "n" * 150
    primary = replace(
        report.findings.primary or Component(name=""), name=nasty, details=((nasty, nasty),)
    )
    findings = replace(report.findings, primary=primary, warnings=(nasty,), distribution=nasty)
    lines = findings_text(findings, EXPLANATION).splitlines()
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 80 for line in lines)

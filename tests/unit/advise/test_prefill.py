"""What the cluster answers by itself, with its evidence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.interview import answered, effective
from cniadvisor.advise.measured import OwnReport, own_measurements
from cniadvisor.advise.prefill import Found, prefill, with_probe
from cniadvisor.advise.recommendation import AnsweredBy
from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.domain.report import Report
from cniadvisor.k8s.inventory_file import load

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"


def recorded(name: str) -> Inventory:
    return load((RECORDED / f"{name}.json").read_text(), name=name)


def values(catalogue: Catalogue, inventory: Inventory) -> dict[str, str | None]:
    found = prefill(catalogue, detect(inventory), inventory)
    return {name: told.value for name, told in found.items()}


def probe(standing: Standing, *, day: int = 21) -> PolicyProbe:
    parts = (
        PartTried(part=PolicyPart.DENY_INGRESS, standing=standing, took_s=None, detail="seen"),
    )
    return PolicyProbe(probed_at=f"2026-11-{day}T10:00:00+00:00", parts=parts)


def nodes(*changes: dict[str, object]) -> Inventory:
    """Two recorded Linux nodes, each changed."""
    document = json.loads((RECORDED / "flannel-vxlan-0.28.10.json").read_text())
    items = document["/api/v1/nodes"]["items"]
    for node, change in zip(items, changes, strict=False):
        info = node["status"]["nodeInfo"]
        info["kernelVersion"] = change.get("kernel", info["kernelVersion"])
        info["operatingSystem"] = change.get("system", "linux")
        node["spec"]["podCIDRs"] = change.get("cidrs", node["spec"]["podCIDRs"])
        node["status"]["capacity"]["memory"] = change.get("memory", "16Gi")
    return load(json.dumps(document), name="changed")


@pytest.mark.parametrize(
    ("name", "current"),
    [
        ("flannel-vxlan-0.28.10", "flannel"),
        ("calico-vxlan-3.31", "calico"),
        ("canal-3.31", "canal"),
        ("cilium-vxlan-1.20", "cilium"),
    ],
)
def test_what_runs(catalogue: Catalogue, name: str, current: str) -> None:
    told = values(catalogue, recorded(name))
    assert told["current"] == current
    assert (told["windows"], told["kernel"], told["ip"]) == ("no", "5.10", "ipv4")
    assert told["small_nodes"] == "no"


def test_evidence_says_what_was_seen(catalogue: Catalogue) -> None:
    inventory = recorded("multus-on-canal")
    found = prefill(catalogue, detect(inventory), inventory)
    assert found["current"].evidence == "Detected: canal 3.31.7, high confidence."
    assert found["interfaces"].evidence == "Multus runs."
    assert found["network_policy"].evidence == "The cluster has 1 NetworkPolicy object."
    assert "6.18.44" in found["kernel"].evidence


@pytest.mark.parametrize(
    ("kernel", "answer"),
    [
        ("6.1.0-13-amd64", "5.10"),
        ("5.10.0", "5.10"),
        ("5.6.19", "5.6"),
        ("5.9.1", "5.6"),
        ("5.4.0-150-generic", "older"),
        ("4.18.0-553.el8_10.x86_64", "rhel8"),
        ("4.18.0", "older"),
        ("3.10.0", "older"),
    ],
)
def test_the_oldest_kernel_counts(catalogue: Catalogue, kernel: str, answer: str) -> None:
    told = values(catalogue, nodes({"kernel": "6.8.0"}, {"kernel": kernel}))
    assert told["kernel"] == answer


def test_a_kernel_that_can_not_be_read_is_no_answer(catalogue: Catalogue) -> None:
    assert "kernel" not in values(catalogue, nodes({"kernel": "custom"}))


def test_windows_nodes_and_their_kernels(catalogue: Catalogue) -> None:
    told = values(catalogue, nodes({}, {"system": "windows", "kernel": "10.0.20348"}))
    assert told["windows"] == "yes"
    assert told["kernel"] == "5.10"


def test_addresses_and_memory(catalogue: Catalogue) -> None:
    told = values(catalogue, nodes({"cidrs": ["10.0.0.0/24", "fd00::/64"], "memory": "1900Mi"}))
    assert (told["ip"], told["small_nodes"]) == ("dual-stack", "yes")
    assert "ip" not in values(catalogue, nodes({"cidrs": ["fd00::/64"]}, {"cidrs": ["fd01::/64"]}))


def findings(name: str, distribution: str | None, encryption: str | None = None) -> Findings:
    return Findings(primary=Component(name=name, encryption=encryption), distribution=distribution)


@pytest.mark.parametrize(
    ("name", "distribution", "fixed"),
    [
        ("aws-vpc-cni", "eks", True),
        ("cilium", "gke", True),
        ("cilium", "eks", False),
        ("calico", "aks", False),
        ("antrea", None, False),
        ("flannel", "k3s", False),
    ],
)
def test_a_platform_that_fixes_the_cni(
    catalogue: Catalogue, name: str, distribution: str | None, fixed: bool
) -> None:
    found = prefill(catalogue, findings(name, distribution))
    assert ("cni_fixed" in found) == fixed


def test_findings_alone(catalogue: Catalogue) -> None:
    found = prefill(catalogue, findings("flannel", "k3s", "wireguard"))
    told = {name: one.value for name, one in found.items()}
    assert told == {"current": "flannel", "distribution": "k3s", "encrypted": "yes"}
    assert prefill(catalogue, Findings()) == {}
    other = prefill(catalogue, findings("weave", "microk8s"))
    assert (other["current"].value, other["distribution"].value) == ("other", "other")
    assert prefill(catalogue, findings("none", None))["current"].value == "none"
    without = prefill(catalogue, Findings(kube_proxy_mode="replaced"))
    assert without["kube_proxy_free"].value == "yes"


NOT_ENFORCED = "NetworkPolicy is not enforced now (probed 2026-11-21)."


def test_a_probe_stands_beside_the_answer_and_gives_none(catalogue: Catalogue) -> None:
    inventory = recorded("multus-on-canal")
    found = prefill(catalogue, detect(inventory), inventory)
    own = own_measurements((), probe=probe(Standing.NOT_ENFORCED))
    told = with_probe(found, own)
    assert told["network_policy"] == Found(
        value="yes", evidence=f"The cluster has 1 NetworkPolicy object. {NOT_ENFORCED}"
    )
    assert told["policy"] == Found(value=None, evidence=NOT_ENFORCED)
    assert {name for name in told if told[name] != found.get(name)} == {"network_policy", "policy"}
    by_name = {one.question.name: one for one in answered(catalogue, {}, told)}
    assert by_name["policy"].by is AnsweredBy.DEFAULT
    assert by_name["policy"].evidence == NOT_ENFORCED
    assert by_name["network_policy"].by is AnsweredBy.CLUSTER


def test_a_probe_changes_no_answer(catalogue: Catalogue) -> None:
    for standing in Standing:
        told = with_probe({}, own_measurements((), probe=probe(standing)))
        assert effective(catalogue, {}, told) == effective(catalogue, {}, {})
        assert [one.pointless for one in answered(catalogue, {}, told)] == [
            one.pointless for one in answered(catalogue, {}, {})
        ]


def test_what_could_not_be_found_out_is_no_evidence() -> None:
    untold = PolicyProbe(probed_at="2026-11-21T10:00:00+00:00", reason="they don't meet")
    assert with_probe({}, own_measurements((), probe=untold)) == {}


def test_the_newest_probe_of_the_cni_that_runs_counts(report: Report) -> None:
    def own(cni: str, day: int) -> OwnReport:
        probed = replace(
            report,
            findings=Findings(primary=Component(name=cni)),
            policy_probe=probe(Standing.ENFORCED, day=day),
        )
        return OwnReport(name=f"{cni}.toml", report=probed)

    current = {"current": Found(value="flannel", evidence="")}
    saved = probe(Standing.NOT_ENFORCED)

    def evidence(reports: list[OwnReport], saved: PolicyProbe | None) -> str:
        told = with_probe(current, own_measurements(reports, probe=saved))
        return told["policy"].evidence if "policy" in told else ""

    assert evidence([own("flannel", 22)], saved) == (
        "NetworkPolicy is enforced now (probed 2026-11-22)."
    )
    assert evidence([own("flannel", 20), own("cilium", 23)], saved) == NOT_ENFORCED
    assert evidence([own("cilium", 23)], None) == ""


def test_a_cluster_that_may_not_be_read_answers_less(catalogue: Catalogue) -> None:
    assert values(catalogue, Inventory()) == {}

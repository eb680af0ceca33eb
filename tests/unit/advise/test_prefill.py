"""What the cluster answers by itself, with its evidence."""

import json
from pathlib import Path

import pytest

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.prefill import prefill
from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.k8s.inventory_file import load

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"


def recorded(name: str) -> Inventory:
    return load((RECORDED / f"{name}.json").read_text(), name=name)


def values(catalogue: Catalogue, inventory: Inventory) -> dict[str, str]:
    found = prefill(catalogue, detect(inventory), inventory)
    return {name: told.value for name, told in found.items()}


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


def test_a_cluster_that_may_not_be_read_answers_less(catalogue: Catalogue) -> None:
    assert values(catalogue, Inventory()) == {}

"""The inventories recorded from real clusters, with every slot asserted."""

import json
from pathlib import Path

import pytest

from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Component, Confidence, Coverage, Findings
from tests.unit.detect.world import inventory_of, names, said

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"
IMPLIED = "implied for nodes with 1500"
ALL = sorted(path.stem for path in RECORDED.glob("*.json"))


def found_in(name: str) -> Findings:
    return detect(inventory_of(json.loads((RECORDED / f"{name}.json").read_text())))


def primary_of(found: Findings) -> Component:
    assert found.primary is not None
    return found.primary


def test_flannel_vxlan() -> None:
    found = found_in("flannel-vxlan-0.28.10")
    primary = primary_of(found)
    assert (primary.name, primary.variant, primary.version) == ("flannel", "manifest", "0.28.10")
    assert (primary.mode, primary.cross_subnet, primary.mtu) == ("vxlan", False, 1450)
    assert primary.encryption == "none"
    assert primary.confidence is Confidence.HIGH
    assert primary.coverage == Coverage(nodes=2, of=2)
    assert primary.evidence[0].startswith("DaemonSet kube-flannel/kube-flannel-ds: 2 of 2 agents")
    assert dict(primary.details) == {"ipam": "host-local", "mtu_source": IMPLIED}
    assert found.policy is None
    assert names(found.chained) == ["portmap"]
    assert (found.meta, found.embedded, found.residue) == ((), (), ())
    assert found.warnings == (
        "1 NetworkPolicy object without effect: nothing that enforces NetworkPolicy was found.",
    )


def test_flannel_with_a_plugin_older_than_its_configuration() -> None:
    found = found_in("flannel-broken-cniversion")
    primary = primary_of(found)
    assert (primary.name, primary.version, primary.mode) == ("flannel", "0.28.10", "vxlan")
    assert primary.coverage == Coverage(nodes=2, of=2)
    assert len(found.warnings) == 1
    assert "2 pods on 2 nodes stuck without a network" in found.warnings[0]
    assert "although flannel's agents are ready: default/cli, default/srv" in found.warnings[0]
    assert "older than the cniVersion" in found.warnings[0]
    assert names(found.chained) == ["portmap"]
    assert (found.policy, found.meta, found.embedded, found.residue) == (None, (), (), ())


def test_calico_vxlan_cross_subnet() -> None:
    found = found_in("calico-vxlan-3.31")
    primary = primary_of(found)
    assert (primary.name, primary.variant, primary.version) == ("calico", "manifest", "3.31.7")
    assert (primary.mode, primary.cross_subnet, primary.mtu) == ("vxlan", True, 1450)
    assert primary.encryption == "none"
    assert (primary.confidence, primary.coverage) == (Confidence.HIGH, Coverage(nodes=2, of=2))
    assert dict(primary.details)["ipam"] == "calico-ipam"
    assert dict(primary.details)["dataplane"] == "iptables"
    in_effect = "no encapsulation: all nodes are in 10.100.0.0/24"
    assert dict(primary.details)["in_effect"] == in_effect
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("calico", "3.31.7")
    assert names(found.chained) == ["portmap"]
    assert (found.meta, found.embedded, found.residue, found.warnings) == ((), (), (), ())


def test_canal() -> None:
    found = found_in("canal-3.31")
    primary = primary_of(found)
    assert (primary.name, primary.variant, primary.version) == ("canal", "manifest", "3.31.7")
    assert (primary.mode, primary.cross_subnet, primary.mtu) == ("vxlan", False, 1450)
    assert primary.encryption == "none"
    assert (primary.confidence, primary.coverage) == (Confidence.HIGH, Coverage(nodes=2, of=2))
    assert dict(primary.details) == {
        "flannel_version": "0.28.10",
        "ipam": "host-local",
        "mtu_source": IMPLIED,
    }
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("calico", "3.31.7")
    assert names(found.chained) == ["portmap"]
    assert (found.meta, found.embedded, found.residue, found.warnings) == ((), (), (), ())


def test_cilium_vxlan() -> None:
    found = found_in("cilium-vxlan-1.20")
    primary = primary_of(found)
    assert (primary.name, primary.variant, primary.version) == ("cilium", "chart", "1.20.2")
    assert (primary.mode, primary.cross_subnet, primary.mtu) == ("vxlan", False, 1450)
    assert primary.encryption == "none"
    assert (primary.confidence, primary.coverage) == (Confidence.HIGH, Coverage(nodes=2, of=2))
    assert dict(primary.details)["ipam"] == "kubernetes"
    assert dict(primary.details)["mtu_source"] == IMPLIED
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("cilium", "1.20.2")
    assert (found.chained, found.meta, found.embedded) == ((), (), ())
    assert (found.residue, found.warnings) == ((), ())


def test_multus_on_canal() -> None:
    found = found_in("multus-on-canal")
    primary = primary_of(found)
    assert (primary.name, primary.version, primary.mode) == ("canal", "3.31.7", "vxlan")
    assert primary.confidence is Confidence.HIGH
    assert names(found.meta) == ["multus"]
    assert found.meta[0].variant == "thin"
    assert found.meta[0].version is None
    assert dict(found.meta[0].details)["version_unknown"] == "floating tag snapshot"
    assert found.meta[0].coverage == Coverage(nodes=2, of=2)
    assert found.policy is not None
    assert found.policy.name == "calico"
    assert said(found, "NetworkPolicy does not apply to the further interfaces")
    assert len(found.warnings) == 1
    assert names(found.chained) == ["portmap"]
    assert (found.embedded, found.residue) == ((), ())


def test_residue_of_flannel_under_calico() -> None:
    found = found_in("residue-flannel-to-calico")
    primary = primary_of(found)
    assert (primary.name, primary.version, primary.mode) == ("calico", "3.31.7", "vxlan")
    assert (primary.cross_subnet, primary.confidence) == (True, Confidence.HIGH)
    assert names(found.residue) == ["flannel"]
    assert found.residue[0].evidence == (
        "2 of 2 nodes hold 10-flannel.conflist",
        "2 of 2 nodes carry annotations flannel.alpha.coreos.com/*",
    )
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("3 sampled pods not wired by calico")
    assert "default/cli, default/srv, kube-system/calico-kube-controllers" in found.warnings[0]
    assert "new1" not in found.warnings[0]
    assert found.policy is not None
    assert found.policy.name == "calico"
    assert names(found.chained) == ["portmap"]
    assert (found.meta, found.embedded) == ((), ())


@pytest.mark.parametrize("name", ALL)
def test_kube_proxy_without_a_daemon_set_is_unknown_and_not_replaced(name: str) -> None:
    found = found_in(name)
    assert found.kube_proxy_mode is None
    unknown = [item.what.partition(":")[0] for item in found.unknown]
    why_stuck = ["why pods are stuck"] if "broken" in name else []
    assert unknown == [*why_stuck, "kube-proxy's mode"]
    assert found.distribution is None

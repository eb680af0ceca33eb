"""Flannel: backends, MTU, encryption, edits that were not followed by a restart, k3s."""

import json
from typing import Any

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import (
    CONFIG_MAPS,
    FLANNEL_IMAGE,
    World,
    container,
    named,
    names,
    said,
)

BACKEND = "flannel.alpha.coreos.com/backend-type"


@pytest.mark.parametrize(
    ("backend", "mode", "mtu", "encryption", "cross_subnet"),
    [
        ({"Type": "vxlan"}, "vxlan", 1450, "none", False),
        ({"Type": "vxlan", "DirectRouting": True}, "vxlan", 1450, "none", True),
        ({"type": "VXLAN", "directrouting": True, "vni": 4096}, "vxlan", 1450, "none", True),
        ({"Type": "vxlan", "MTU": 9000}, "vxlan", 8950, "none", False),
        ({"Type": "host-gw"}, "host-gw", 1500, "none", False),
        ({"Type": "wireguard"}, "wireguard", 1420, "wireguard", False),
        ({"Type": "ipip"}, "ipip", 1480, "none", False),
        ({"Type": "ipip", "DirectRouting": True}, "ipip", 1480, "none", True),
        ({"Type": "udp"}, "udp", 1472, "none", False),
        ({"Type": "ipsec"}, "ipsec", 1423, "ipsec", False),
        ({"Type": "ipsec", "UDPEncap": True}, "ipsec", 1415, "ipsec", False),
        ({"Type": "alloc"}, "alloc", None, None, False),
    ],
)
def test_backends(
    world: World,
    backend: dict[str, Any],
    mode: str,
    mtu: int | None,
    encryption: str | None,
    cross_subnet: bool,
) -> None:
    world.two_nodes()
    world.flannel(backend)
    primary = world.primary()
    assert (primary.mode, primary.mtu, primary.encryption) == (mode, mtu, encryption)
    assert primary.cross_subnet is cross_subnet


def test_an_edit_without_a_restart_is_told_and_what_runs_is_reported(world: World) -> None:
    world.two_nodes(annotations={BACKEND: "vxlan"})
    world.flannel({"Type": "wireguard"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.mtu) == ("vxlan", 1450)
    assert found.primary.encryption == "none"
    assert said(found, "edited, not restarted", "says wireguard", "run vxlan")


def test_a_restart_half_done_is_told(world: World) -> None:
    world.node("node1", annotations={BACKEND: "vxlan"})
    world.node("node2", annotations={BACKEND: "vxlan"})
    world.node("node3", annotations={BACKEND: "host-gw"})
    world.flannel({"Type": "host-gw"}, desired=3, ready=3)
    found = world.detect()
    assert found.primary is not None
    assert found.primary.mode == "vxlan"
    assert said(found, "different backends", "vxlan on 2", "host-gw on 1")


def test_a_node_that_is_not_ready_does_not_say_what_runs(world: World) -> None:
    world.node("node1", annotations={BACKEND: "host-gw"})
    world.node("node2", annotations={BACKEND: "vxlan"}, ready=False)
    world.node("node3", annotations={BACKEND: "vxlan"}, ready=False)
    world.flannel({"Type": "host-gw"}, desired=3, ready=1)
    found = world.detect()
    assert found.primary is not None
    assert found.primary.mode == "host-gw"
    assert not said(found, "different backends")


def test_without_config_map_and_annotations_the_mode_is_unknown(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.status(CONFIG_MAPS, 403)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.mode, found.primary.mtu) == ("flannel", None, None)
    told = [item for item in found.unknown if "Flannel's backend" in item.what]
    assert told[0].right == "get configmaps in namespace kube-flannel"


def test_net_conf_that_is_no_json_is_told(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.content[CONFIG_MAPS]["items"][0]["data"]["net-conf.json"] = '{"Backend": {"Type": "vx'
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.mode) == ("flannel", None)
    assert any("is not valid JSON" in item.what for item in found.unknown)


def test_where_the_mtu_comes_from(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan", "MTU": 9000})
    assert dict(world.primary().details)["mtu_source"] == "net-conf.json"


def test_agents_per_architecture_count_together(world: World) -> None:
    world.two_nodes()
    world.node("node3")
    for arch, count in (("amd64", 2), ("arm64", 1), ("s390x", 0)):
        world.flannel(
            {"Type": "vxlan"},
            name=f"kube-flannel-ds-{arch}",
            namespace="kube-system",
            desired=count,
            ready=count,
        )
    found = world.detect()
    assert found.primary is not None
    assert found.primary.coverage is not None
    assert (found.primary.coverage.nodes, found.primary.coverage.of) == (3, 3)
    assert found.primary.confidence is Confidence.HIGH
    assert names(found.residue) == []
    assert not said(found, "installed more than once")


def test_two_installations_on_the_same_nodes_are_told(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"}, namespace="kube-system")
    world.flannel({"Type": "vxlan"}, namespace="kube-flannel")
    assert said(world.detect(), "flannel is installed more than once")


def test_a_chart_with_the_policy_sidecar(world: World) -> None:
    world.two_nodes()
    sidecar = "registry.k8s.io/networking/kube-network-policies:v1.0.0"
    world.flannel(
        {"Type": "vxlan"},
        containers=(container("kube-network-policies", sidecar),),
        labels={"app.kubernetes.io/managed-by": "Helm"},
    )
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.variant) == ("flannel", "chart")
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("kube-network-policies", "1.0.0")
    assert found.policy.variant == "sidecar"
    assert names(found.chained) == []


def test_plugins_chained_behind_it(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    conf = {"plugins": [{"type": "flannel"}, {"type": "portmap"}, {"type": "bandwidth"}]}
    data = world.content[CONFIG_MAPS]["items"][0]["data"]
    data["cni-conf.json"] = json.dumps(conf)
    assert names(world.detect().chained) == ["portmap", "bandwidth"]

    world.file("node1", "10-flannel.conflist", "flannel", "tuning")
    assert names(world.detect().chained) == ["tuning"], "what nodes hold wins"


@pytest.mark.parametrize(
    ("image", "command", "expected"),
    [
        (FLANNEL_IMAGE, "", Confidence.HIGH),
        ("registry.example.com/base/7f3a:1", "/opt/bin/flanneld", Confidence.MEDIUM),
        ("registry.example.com/base/7f3a:1", "sleep", None),
    ],
)
def test_a_private_image_needs_the_command_and_is_less_sure(
    world: World, image: str, command: str, expected: Confidence | None
) -> None:
    world.two_nodes()
    world.workload("net", container("kube-flannel", image, command=(command,)))
    primary = world.detect().primary
    assert (primary.confidence if primary else None) == expected


# k3s


def k3s(world: World, *arguments: str, backend: str | None = "vxlan") -> None:
    annotations = {"k3s.io/node-args": json.dumps(["server", *arguments])}
    if backend:
        annotations[BACKEND] = backend
    world.node("node1", kubelet="v1.34.1+k3s1", annotations=annotations)
    world.node(
        "node2",
        kubelet="v1.34.1+k3s1",
        annotations={"k3s.io/node-args": '["agent"]', **({BACKEND: backend} if backend else {})},
    )


def test_k3s_shows_flannel_policy_and_kube_proxy_as_embedded(world: World) -> None:
    k3s(world)
    world.pod("web", ip="10.244.0.7")
    found = world.detect()
    assert found.distribution == "k3s"
    assert found.primary is not None
    assert (found.primary.mode, found.primary.mtu, found.primary.version) == ("vxlan", 1450, None)
    assert sorted(names(found.embedded)) == ["flannel", "kube-proxy", "kube-router"]
    assert found.policy is not None
    assert (found.policy.name, found.policy.variant) == ("kube-router", "embedded")
    assert found.policy.confidence is Confidence.HIGH
    assert found.kube_proxy_mode == "iptables"
    assert found.residue == ()


@pytest.mark.parametrize(
    ("flag", "backend", "mode", "encryption", "mtu"),
    [
        ("--flannel-backend=host-gw", "host-gw", "host-gw", "none", 1500),
        ("--flannel-backend=wireguard-native", "wireguard", "wireguard", "wireguard", 1420),
        ("--flannel-backend=wireguard-native", None, "wireguard", "wireguard", 1420),
        ("--flannel-backend=tailscale", "extension", "tailscale", "wireguard", None),
    ],
)
def test_k3s_backends(
    world: World, flag: str, backend: str | None, mode: str, encryption: str, mtu: int | None
) -> None:
    k3s(world, flag, backend=backend)
    primary = world.primary()
    assert (primary.mode, primary.encryption, primary.mtu) == (mode, encryption, mtu)


def test_k3s_flags_switch_parts_off(world: World) -> None:
    k3s(world, "--disable-network-policy", "--disable-kube-proxy")
    found = world.detect()
    assert names(found.embedded) == ["flannel"]
    assert found.policy is None
    assert found.kube_proxy_mode is None


def test_k3s_without_flannel_and_nothing_else_is_not_found_out(world: World) -> None:
    k3s(world, "--flannel-backend", "none")
    found = world.detect()
    assert found.primary is None
    assert names(found.residue) == ["flannel"]


def test_k3s_with_flannel_switched_off_and_flannel_as_daemon_set(world: World) -> None:
    k3s(world, "--flannel-backend=none")
    world.flannel({"Type": "vxlan"})
    primary = world.primary()
    assert (primary.name, primary.variant) == ("flannel", "manifest")


def test_k3s_with_another_cni_beside_its_own_is_told(world: World) -> None:
    k3s(world)
    world.cilium({"routing-mode": "tunnel"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "cilium"
    assert "flannel" in names(found.embedded)
    assert said(found, "k3s's own Flannel is not switched off")
    assert named(found.embedded, "flannel").variant == "embedded"


def test_k3s_whose_nodes_cannot_be_read_is_a_guess(world: World) -> None:
    world.content["/version"] = {"gitVersion": "v1.34.1+k3s1"}
    world.status("/api/v1/nodes", 403)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.LOW)
    assert any(item.right == "list nodes" for item in found.unknown)

"""Cilium: keys of 1.10 to 1.20, chaining, migration, clouds' builds, MTU, encryption."""

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import (
    CILIUM,
    CONFIG_MAPS,
    World,
    container,
    named,
    names,
    said,
)


@pytest.mark.parametrize(
    ("release", "config", "mode"),
    [
        ("1.10.20", {"tunnel": "vxlan"}, "vxlan"),
        ("1.10.20", {"tunnel": "disabled"}, "native"),
        ("1.13.18", {"tunnel": "geneve"}, "geneve"),
        ("1.13.18", {}, "vxlan"),
        ("1.14.0", {"tunnel": "disabled"}, "native"),
        ("1.14.0", {"routing-mode": "native", "tunnel-protocol": "vxlan"}, "native"),
        ("1.17.18", {"routing-mode": "tunnel", "tunnel-protocol": "geneve"}, "geneve"),
        ("1.18.12", {"routing-mode": "tunnel"}, "vxlan"),
        ("1.19.6", {}, "vxlan"),
        ("1.20.0", {"ipam": "eni"}, "native"),
        ("1.20.0", {"ipam": "delegated-plugin"}, "native"),
        ("1.20.0", {"routing-mode": "Native "}, "native"),
    ],
)
def test_routing_by_release(world: World, release: str, config: dict[str, str], mode: str) -> None:
    world.two_nodes()
    world.cilium(config, image=f"quay.io/cilium/cilium:v{release}")
    primary = world.primary()
    assert (primary.mode, primary.version) == (mode, release)


@pytest.mark.parametrize(
    ("config", "encryption", "mtu"),
    [
        ({"routing-mode": "tunnel"}, "none", 1450),
        ({"routing-mode": "native"}, "none", 1500),
        ({"routing-mode": "tunnel", "enable-wireguard": "true"}, "wireguard", 1370),
        ({"routing-mode": "native", "enable-wireguard": "true"}, "wireguard", 1420),
        ({"routing-mode": "tunnel", "enable-ipsec": "true"}, "ipsec", 1373),
        ({"routing-mode": "native", "enable-ipsec": "false"}, "none", 1500),
        ({"routing-mode": "tunnel", "underlay-protocol": "ipv6"}, "none", 1430),
        ({"routing-mode": "tunnel", "mtu": "0"}, "none", 1450),
        (
            {"routing-mode": "native", "bpf-lb-mode": "dsr", "bpf-lb-dsr-dispatch": "geneve"},
            "none",
            1488,
        ),
    ],
)
def test_encryption_and_mtu_compose(
    world: World, config: dict[str, str], encryption: str, mtu: int
) -> None:
    world.two_nodes()
    world.cilium(config)
    primary = world.primary()
    assert (primary.encryption, primary.mtu) == (encryption, mtu)


@pytest.mark.parametrize(("keyed", "warned"), [(2, False), (1, True), (0, True)])
def test_wireguard_keys_of_nodes(world: World, keyed: int, warned: bool) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "native", "enable-wireguard": "true"})
    for number in range(2):
        annotations = {"network.cilium.io/wg-pub-key": "abc="} if number < keyed else {}
        metadata = {"name": f"node{number + 1}", "annotations": annotations}
        world.put(CILIUM + "ciliumnodes", {"metadata": metadata})
    found = world.detect()
    assert bool(said(found, "WireGuard", f"{keyed} of 2")) is warned


@pytest.mark.parametrize(
    ("word", "expected"),
    [("true", "replaced"), ("strict", "replaced"), ("false", None), ("disabled", None), ("", None)],
)
def test_kube_proxy_replacement(world: World, word: str, expected: str | None) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "native", "kube-proxy-replacement": word})
    assert world.detect().kube_proxy_mode == expected


def test_kube_proxy_beside_its_replacement_is_told(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "native", "kube-proxy-replacement": "true"})
    world.workload("kube-proxy", container("kube-proxy", "registry.k8s.io/kube-proxy:v1.34.4"))
    found = world.detect()
    assert found.kube_proxy_mode == "replaced"
    assert said(found, "replaces kube-proxy", "still runs")


def test_chained_behind_the_vpc_cni(world: World) -> None:
    world.two_nodes()
    image = "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.1-eksbuild.3"
    world.workload("aws-node", container("aws-node", image))
    world.cilium({"cni-chaining-mode": "aws-cni", "routing-mode": "native"})
    world.pod("web", ip="10.1.2.3", annotations={"vpc.amazonaws.com/pod-ips": "10.1.2.3"})
    world.cilium_endpoint("web")
    for node in ("node1", "node2"):
        world.file(node, "05-cilium.conflist", "aws-cni", "egress-cni", "cilium-cni")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.version) == ("aws-vpc-cni", "1.20.1")
    assert found.primary.confidence is Confidence.HIGH
    assert named(found.chained, "cilium").variant == "aws-cni"
    assert found.policy is not None
    assert found.policy.name == "cilium"
    assert not said(found, "sorts first")


def test_settings_that_cannot_be_read(world: World) -> None:
    world.two_nodes()
    world.cilium(None)
    world.status(CONFIG_MAPS, 403)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.mode) == ("cilium", None)
    assert (found.primary.mtu, found.primary.encryption) == (None, None)
    assert found.primary.confidence is Confidence.MEDIUM
    assert found.kube_proxy_mode is None
    told = [item for item in found.unknown if "routing mode" in item.what]
    assert told[0].right == "get configmaps in namespace kube-system"


def test_arguments_of_the_agent_win(world: World) -> None:
    world.two_nodes()
    world.config_map("cilium-config", {"routing-mode": "tunnel"})
    agent = container(
        "cilium-agent", "quay.io/cilium/cilium:v1.20.0", args=("--routing-mode=native",)
    )
    world.workload("cilium", agent)
    assert world.primary().mode == "native"


@pytest.mark.parametrize(
    ("config", "engine"),
    [
        ({"enable-policy": "default"}, "cilium"),
        ({"enable-policy": "never"}, None),
        ({"enable-k8s-networkpolicy": "false"}, None),
    ],
)
def test_policy_can_be_switched_off(
    world: World, config: dict[str, str], engine: str | None
) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel", **config})
    found = world.detect()
    assert (found.policy.name if found.policy else None) == engine
    assert bool(said(found, "enable-")) is (engine is None)


def test_a_release_without_a_tag_is_told_by_the_chart(world: World) -> None:
    world.two_nodes()
    world.cilium(
        {"routing-mode": "tunnel"},
        image="mirror.example.com/cilium@sha256:00ff",
        labels={"helm.sh/chart": "cilium-1.20.2"},
    )
    primary = world.primary()
    assert (primary.version, primary.variant) == ("1.20.2", "chart")


# Migration


def migration(world: World, *, moved: int) -> None:
    for number in range(2):
        labels = {"io.cilium.migration/cilium-default": "true"} if number < moved else {}
        world.node(f"node{number + 1}", labels=labels)
    world.flannel({"Type": "vxlan"})
    world.cilium(
        {
            "routing-mode": "tunnel",
            "custom-cni-conf": "true",
            "enable-policy": "never",
            "tunnel-port": "8473",
        }
    )


def test_a_migration_that_has_not_begun_leaves_the_old_primary(world: World) -> None:
    migration(world, moved=0)
    world.content[CILIUM + "ciliumendpoints"] = {"items": []}
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.HIGH)
    assert named(found.chained, "cilium").variant == "standby"
    assert found.policy is None
    assert not said(found, "under way")


def test_a_migration_under_way_is_told(world: World) -> None:
    migration(world, moved=1)
    world.cilium_endpoint("web")
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert said(found, "migration to Cilium is under way", "1 of 2 nodes")


def test_a_configuration_of_ones_own_is_fine_where_cilium_manages_pods(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel", "custom-cni-conf": "true"})
    world.pod("web")
    world.cilium_endpoint("web")
    primary = world.primary()
    assert (primary.name, primary.confidence) == ("cilium", Confidence.HIGH)

    blind = World()
    blind.two_nodes()
    blind.cilium({"routing-mode": "tunnel", "custom-cni-conf": "true"})
    blind.status(CILIUM + "ciliumendpoints", 403)
    assert blind.primary().confidence is Confidence.MEDIUM


def test_pods_cilium_does_not_manage_are_told_only_if_its_list_is_whole(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel"})
    world.pod("old", created="2026-01-01T00:00:00Z")
    world.pod("new")
    world.cilium_endpoint("new")
    found = world.detect()
    assert said(found, "1 sampled pod not wired by cilium", "default/old")

    cut = {**world.content[CILIUM + "ciliumendpoints"], "metadata": {"continue": "abc"}}
    world.content[CILIUM + "ciliumendpoints"] = cut
    assert not said(world.detect(), "not wired by cilium")


# Clouds


def test_gke_dataplane_v2(world: World) -> None:
    world.two_nodes(
        kubelet="v1.33.5-gke.1200",
        reason="RouteCreated",
        labels={"cloud.google.com/gke-nodepool": "default"},
    )
    image = "gke.gcr.io/cilium/cilium:v1.15.6-gke.14@sha256:00ff"
    world.cilium(
        {"tunnel": "disabled", "kube-proxy-replacement": "strict"}, name="anetd", image=image
    )
    for size in ("l", "m", "win"):
        world.workload(f"anetd-{size}", container("cilium-agent", image), desired=0, ready=0)
    world.workload("netd", container("netd", "gke.gcr.io/netd-amd64:v0.6"))
    found = world.detect()
    assert found.primary is not None
    primary = found.primary
    assert (primary.name, primary.version, primary.mode) == ("cilium", "1.15.6", "native")
    assert (primary.variant, primary.confidence) == ("gke-dataplane-v2", Confidence.HIGH)
    assert found.kube_proxy_mode == "replaced"
    assert names(found.residue) == []


def test_aks_powered_by_cilium(world: World) -> None:
    world.two_nodes(labels={"kubernetes.azure.com/ebpf-dataplane": "cilium"})
    image = "mcr.microsoft.com/containernetworking/cilium/cilium:v1.17.4"
    world.cilium({"ipam": "delegated-plugin", "kube-proxy-replacement": "true"}, image=image)
    cns = container("cns-container", "mcr.microsoft.com/containernetworking/azure-cns:v1.8.12")
    world.workload("azure-cns", cns)
    found = world.detect()
    assert found.distribution == "aks"
    assert found.primary is not None
    primary = found.primary
    assert (primary.name, primary.mode) == ("cilium", "native")
    assert primary.variant == "azure-cni-powered-by-cilium"
    assert primary.confidence is Confidence.HIGH
    assert named(found.chained, "azure-cni").variant == "ipam"


def test_a_recorded_mark_of_cilium_without_agents_is_residue() -> None:
    world = World()
    world.two_nodes(reason="CiliumIsUp")
    world.config_map("cilium-config", {"routing-mode": "tunnel"})
    world.group("cilium.io")
    world.cilium_endpoint("web")
    found = world.detect()
    assert found.primary is None
    assert names(found.residue) == ["cilium"]

"""Calico: manifest and operator, encapsulation, BGP, MTU, dataplane, WireGuard, versions."""

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import (
    CALICO,
    CALICO_V3,
    CONFIG_MAPS,
    INSTALLATIONS,
    NODES,
    World,
    container,
    names,
    said,
)

KEY = "projectcalico.org/WireguardPublicKey"


@pytest.mark.parametrize(
    ("backend", "ipip", "vxlan", "mode", "cross_subnet", "mtu"),
    [
        ("bird", "Always", "Never", "ipip", False, 1480),
        ("bird", "CrossSubnet", "Never", "ipip", True, 1480),
        ("vxlan", "Never", "Always", "vxlan", False, 1450),
        ("vxlan", "Never", "CrossSubnet", "vxlan", True, 1450),
        ("bird", "Never", "Never", "bgp", False, 1500),
        ("vxlan", "Never", "Never", "unencapsulated", False, 1500),
    ],
)
def test_encapsulation_of_a_manifest(
    world: World, backend: str, ipip: str, vxlan: str, mode: str, cross_subnet: bool, mtu: int
) -> None:
    world.two_nodes()
    world.calico(backend=backend, ipip=ipip, vxlan=vxlan)
    primary = world.primary()
    assert (primary.mode, primary.cross_subnet, primary.mtu) == (mode, cross_subnet, mtu)
    assert (primary.variant, primary.encryption) == ("manifest", "none")


@pytest.mark.parametrize(
    ("addresses", "vxlan", "told"),
    [
        (("10.0.0.1/24", "10.0.0.2/24"), "CrossSubnet", True),
        (("10.0.0.1/24", "10.0.1.2/24"), "CrossSubnet", False),
        (("10.0.0.1/24", ""), "CrossSubnet", False),
        (("10.0.0.1/24", "10.0.0.2/24"), "Always", False),
    ],
)
def test_across_subnets_only_means_never_in_one_subnet(
    world: World, addresses: tuple[str, str], vxlan: str, told: bool
) -> None:
    for number, address in enumerate(addresses):
        world.node(f"node{number}", annotations={"projectcalico.org/IPv4Address": address})
    world.calico(backend="vxlan", ipip="Never", vxlan=vxlan)
    primary = world.primary()
    assert primary.mode == "vxlan"
    assert ("in_effect" in dict(primary.details)) is told


@pytest.mark.parametrize(
    ("word", "bgp", "mode", "cross_subnet", "mtu"),
    [
        ("IPIP", "Enabled", "ipip", False, 1480),
        ("IPIPCrossSubnet", "Enabled", "ipip", True, 1480),
        ("VXLAN", "Disabled", "vxlan", False, 1450),
        ("VXLANCrossSubnet", "Enabled", "vxlan", True, 1450),
        ("None", "Enabled", "bgp", False, 1500),
        ("None", "Disabled", "unencapsulated", False, 1500),
    ],
)
def test_encapsulation_of_the_operator_where_pools_cannot_be_read(
    world: World, word: str, bgp: str, mode: str, cross_subnet: bool, mtu: int
) -> None:
    world.two_nodes()
    world.calico(namespace="calico-system", backend="bird", pools=False, owner="Installation")
    world.status(CALICO + "ippools", 403)
    world.resource(
        INSTALLATIONS,
        "default",
        {
            "calicoNetwork": {
                "bgp": bgp,
                "ipPools": [{"encapsulation": word, "cidr": "10.1.0.0/16"}],
            }
        },
    )
    primary = world.primary()
    assert (primary.mode, primary.cross_subnet, primary.mtu) == (mode, cross_subnet, mtu)
    assert primary.variant == "operator"


def test_the_operators_defaults_are_read_from_status(world: World) -> None:
    world.two_nodes()
    world.calico(namespace="calico-system", pools=False)
    computed = {
        "calicoNetwork": {"linuxDataplane": "Nftables", "ipPools": [{"encapsulation": "VXLAN"}]},
        "cni": {"type": "Calico", "ipam": {"type": "HostLocal"}},
    }
    status = {"computed": computed, "mtu": 8950}
    world.resource(INSTALLATIONS, "default", {}, status=status)
    primary = world.primary()
    assert (primary.mode, primary.mtu) == ("vxlan", 8950)
    details = dict(primary.details)
    assert (details["dataplane"], details["ipam"]) == ("nftables", "host-local")


def test_pools_that_pods_get_no_addresses_of_do_not_count(world: World) -> None:
    world.two_nodes()
    world.calico(ipip="Never", vxlan="Always", backend="vxlan")
    world.pool("off", ipip="Always", cidr="10.8.0.0/16", disabled=True)
    world.pool("tunnels", ipip="Always", cidr="10.9.0.0/16", allowedUses=["Tunnel"])
    world.pool("nowhere", ipip="Always", cidr="10.7.0.0/16")
    world.content[CALICO + "ippools"]["items"][-1]["spec"]["nodeSelector"] = "!all()"
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.mtu) == ("vxlan", 1450)
    assert not said(found, "pools differ")


def test_of_several_pools_the_one_pods_use_is_reported_and_all_are_shown(world: World) -> None:
    world.two_nodes()
    world.calico(ipip="Always")
    world.pool("flat", cidr="10.8.0.0/16")
    world.pod("web", ip="10.8.3.4", annotations={"cni.projectcalico.org/podIP": "10.8.3.4/32"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.mode == "bgp"
    assert found.primary.mtu == 1480, "the least over all pools that are enabled"
    assert said(found, "pools differ", "default-ipv4-ippool ipip", "flat bgp")
    assert "flat 10.8.0.0/16 bgp" in dict(found.primary.details)["pools"]


def test_a_vxlan_pool_for_ipv6_takes_more(world: World) -> None:
    world.two_nodes()
    world.calico(backend="vxlan", ipip="Never", vxlan="Always")
    world.pool("six", vxlan="Always", cidr="fd00::/48")
    found = world.detect()
    assert found.primary is not None
    assert found.primary.mtu == 1430
    assert not said(found, "pools differ")


def test_an_mtu_that_is_set_wins(world: World) -> None:
    world.two_nodes()
    world.calico(mtu="1400")
    primary = world.primary()
    assert primary.mtu == 1400
    assert dict(primary.details)["mtu_source"] == "veth_mtu"


def test_with_etcd_custom_resources_are_another_clusters_leftovers(world: World) -> None:
    world.two_nodes()
    world.calico(
        env={
            "DATASTORE_TYPE": "etcdv3",
            "CALICO_IPV4POOL_IPIP": "Never",
            "CALICO_IPV4POOL_VXLAN": "CrossSubnet",
        }
    )
    world.resource(CALICO + "clusterinformations", "default", {"calicoVersion": "v3.1.0"})
    world.pod("web", ip="10.244.9.9")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.cross_subnet) == ("vxlan", True)
    assert found.primary.version == "3.32.1"
    assert found.primary.confidence is Confidence.HIGH, "pods carry no mark with etcd"
    assert any("calicoctl" in item.right for item in found.unknown)


def test_cluster_information_is_the_better_version_while_agents_run(world: World) -> None:
    world.two_nodes()
    world.calico(image="registry.example.com/calico/node@sha256:00ff")
    assert world.primary().version is None
    world.resource(CALICO + "clusterinformations", "default", {"calicoVersion": "v3.32.1"})
    assert world.primary().version == "3.32.1"

    stale = World()
    stale.two_nodes()
    stale.calico(ready=0)
    stale.resource(CALICO + "clusterinformations", "default", {"calicoVersion": "v3.20.0"})
    assert stale.primary().version == "3.32.1"


# Dataplane and encryption


@pytest.mark.parametrize(
    ("spec", "env", "dataplane", "proxy"),
    [
        ({}, {}, "iptables", None),
        ({"bpfEnabled": True}, {}, "ebpf", "replaced"),
        ({"bpfEnabled": True}, {"FELIX_BPFENABLED": "false"}, "iptables", None),
        ({}, {"FELIX_BPFENABLED": "true"}, "ebpf", "replaced"),
        ({"nftablesMode": "Enabled"}, {}, "nftables", None),
        ({"nftablesMode": "Auto"}, {}, "nftables or iptables, as kube-proxy", None),
    ],
)
def test_dataplane(
    world: World,
    spec: dict[str, bool | str],
    env: dict[str, str],
    dataplane: str,
    proxy: str | None,
) -> None:
    world.two_nodes()
    world.calico(env=env)
    world.felix(dict(spec))
    found = world.detect()
    assert found.primary is not None
    assert dict(found.primary.details)["dataplane"] == dataplane
    assert found.kube_proxy_mode == proxy


@pytest.mark.parametrize(
    ("kernel", "warned"),
    [
        ("6.1.0", False),
        ("5.3.0", False),
        ("5.2.9", True),
        ("4.18.0-147.el8.x86_64", True),
        ("4.18.0-193.6.3.el8_2.x86_64", False),
        ("", False),
    ],
)
def test_ebpf_on_a_kernel_that_is_too_old(world: World, kernel: str, warned: bool) -> None:
    world.two_nodes(kernel=kernel)
    world.calico()
    world.felix({"bpfEnabled": True})
    assert bool(said(world.detect(), "too old")) is warned


@pytest.mark.parametrize(
    ("keys", "encryption", "warning"),
    [(2, "wireguard", ""), (1, "wireguard", "1 of 2 nodes"), (0, "none", "no node has published")],
)
def test_wireguard_is_what_nodes_publish(
    world: World, keys: int, encryption: str, warning: str
) -> None:
    for number in range(2):
        world.node(f"node{number}", annotations={KEY: "abc="} if number < keys else {})
    world.calico()
    world.felix({"wireguardEnabled": True})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.encryption == encryption
    assert found.primary.mtu == 1440, "the least of IPIP's 1480 and WireGuard's 1440"
    assert bool(said(found, "WireGuard")) is bool(warning)
    assert not warning or said(found, warning)


def test_keys_left_on_nodes_do_not_encrypt_once_it_is_switched_off(world: World) -> None:
    world.two_nodes(annotations={KEY: "abc="})
    world.calico()
    world.felix({"wireguardEnabled": False})
    assert world.primary().encryption == "none"


def test_where_felix_cannot_be_read_the_nodes_keys_tell(world: World) -> None:
    world.two_nodes(annotations={KEY: "abc="})
    world.calico()
    world.status(CALICO + "felixconfigurations", 403)
    assert world.primary().encryption == "wireguard"
    world.content[NODES]["items"] = []
    world.two_nodes()
    assert world.primary().encryption == "none"
    world.status(NODES, 403)
    found = world.detect()
    assert found.primary is not None
    assert found.primary.encryption is None
    assert any("Calico's encryption" in item.what for item in found.unknown)


def test_settings_of_single_nodes_are_told(world: World) -> None:
    world.two_nodes()
    world.calico()
    world.felix({"bpfEnabled": False})
    world.felix({"bpfEnabled": True}, name="node.node2")
    assert said(world.detect(), "bpfEnabled", "node2")


def test_aks_with_wireguard_between_hosts_takes_a_hundred_more(world: World) -> None:
    world.two_nodes(annotations={KEY: "abc="})
    world.calico(namespace="calico-system", ipip="Never")
    world.resource(INSTALLATIONS, "default", {"kubernetesProvider": "AKS"})
    world.felix({"wireguardEnabled": True, "wireguardHostEncryptionEnabled": True})
    assert world.primary().mtu == 1340


# Roles and limits


def test_a_backend_that_cannot_be_read_is_a_doubt(world: World) -> None:
    world.two_nodes()
    world.calico(backend=("calico-config", "calico_backend"), ipip="Never")
    world.status(CONFIG_MAPS, 403)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("calico", Confidence.MEDIUM)
    assert found.primary.mode is None, "BGP or not, that is the question"
    assert any("wires pods or only enforces policy" in item.what for item in found.unknown)


def test_windows_agents_count_towards_coverage(world: World) -> None:
    world.two_nodes()
    world.node("win1", os="windows")
    world.calico(namespace="calico-system")
    world.workload(
        "calico-node-windows",
        container("felix", "quay.io/calico/node-windows:v3.32.1"),
        namespace="calico-system",
        desired=1,
        ready=1,
    )
    found = world.detect()
    assert found.primary is not None
    assert found.primary.coverage is not None
    assert (found.primary.coverage.nodes, found.primary.coverage.of) == (3, 3)
    assert not said(found, "Windows")


def test_policy_only_on_routes_of_a_cloud(world: World) -> None:
    world.two_nodes(
        kubelet="v1.33.5-gke.1200",
        reason="RouteCreated",
        labels={"cloud.google.com/gke-nodepool": "default"},
    )
    world.calico(backend="none", image="gke.gcr.io/calico/node:v3.28.2-gke.14")
    world.pod("web", ip="10.244.0.9", annotations={"cni.projectcalico.org/podIP": "10.244.0.9/32"})
    found = world.detect()
    assert found.distribution == "gke"
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("kubenet", Confidence.HIGH)
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("calico", "3.28.2")
    assert found.residue == ()


def test_wireguard_of_calico_encrypts_another_cnis_pods(world: World) -> None:
    world.two_nodes(annotations={KEY: "abc="})
    world.workload("aws-node", container("aws-node", "amazon-k8s-cni:v1.20.1"))
    world.calico(backend="none")
    world.felix({"wireguardEnabled": True})
    primary = world.primary()
    assert (primary.name, primary.encryption) == ("aws-vpc-cni", "wireguard")
    assert any("calico beside it encrypts" in text for text in primary.evidence)
    world.content[CALICO + "felixconfigurations"]["items"] = []
    assert world.primary().encryption == "none"


def test_limited_rights_still_tell_a_manifests_mode(world: World) -> None:
    world.two_nodes()
    world.calico(
        backend="vxlan",
        pools=False,
        env={"CALICO_IPV4POOL_IPIP": "Never", "CALICO_IPV4POOL_VXLAN": "CrossSubnet"},
    )
    world.group("projectcalico.org")
    for path in (NODES, CALICO + "ippools", CALICO + "felixconfigurations", CALICO_V3 + "ippools"):
        world.status(path, 403)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.cross_subnet) == ("vxlan", True)
    assert any("encapsulation" in item.what and "HTTP 403" in item.what for item in found.unknown)
    assert names(found.residue) == []

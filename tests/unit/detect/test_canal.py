"""Canal: upstream, RKE2, etcd; what is Flannel's, what is Calico's."""

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import CALICO, World, container, names, said

BACKEND = "flannel.alpha.coreos.com/backend-type"


def test_mode_and_encryption_are_flannels_and_calicos_pools_do_not_count(world: World) -> None:
    world.two_nodes(annotations={BACKEND: "wireguard"})
    world.canal({"Type": "wireguard"})
    world.pool("default-ipv4-ippool", ipip="Always")
    world.felix({"wireguardEnabled": False, "bpfEnabled": True})
    found = world.detect()
    assert found.primary is not None
    primary = found.primary
    assert (primary.mode, primary.mtu, primary.encryption) == ("wireguard", 1420, "wireguard")
    assert found.kube_proxy_mode is None
    assert found.residue == ()


def test_old_releases_left_an_ipip_address_that_means_nothing(world: World) -> None:
    world.two_nodes(
        annotations={
            BACKEND: "vxlan",
            "projectcalico.org/IPv4IPIPTunnelAddr": "10.244.0.1",
            "projectcalico.org/IPv4Address": "10.0.0.1/24",
        },
        reason="FlannelIsUp",
    )
    world.canal()
    world.pod("web", ip="10.244.0.8", annotations={"cni.projectcalico.org/podIP": "10.244.0.8/32"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.confidence) == ("vxlan", Confidence.HIGH)
    assert found.residue == ()


def test_rke2(world: World) -> None:
    world.two_nodes(kubelet="v1.36.4+rke2r1", annotations={BACKEND: "vxlan"})
    world.canal(name="rke2-canal", config="rke2-canal-config", veth_mtu="1450")
    spec = world.content["/apis/apps/v1/daemonsets"]["items"][0]["spec"]["template"]["spec"]
    spec["containers"][0]["image"] = "rancher/hardened-calico:v3.32.1-build20260819"
    spec["containers"][1]["image"] = "rancher/hardened-flannel:v0.28.9-build20260819"
    world.resource("/apis/helm.cattle.io/v1/helmcharts", "rke2-canal", {})
    found = world.detect()
    assert found.distribution == "rke2"
    assert found.primary is not None
    primary = found.primary
    assert (primary.name, primary.variant, primary.version) == ("canal", "chart", "3.32.1")
    assert (primary.mode, primary.mtu) == ("vxlan", 1450)
    assert dict(primary.details)["flannel_version"] == "0.28.9"
    assert found.warnings == ()


@pytest.mark.parametrize(("backend", "warned"), [("vxlan", False), ("wireguard", True)])
def test_an_mtu_fixed_for_vxlan_is_too_large_for_wireguard(
    world: World, backend: str, warned: bool
) -> None:
    world.two_nodes()
    world.canal({"Type": backend}, veth_mtu="1450")
    found = world.detect()
    assert found.primary is not None
    assert found.primary.mtu == 1450
    assert bool(said(found, "veth_mtu is fixed at 1450", "leaves 1420")) is warned


def test_with_etcd_flannels_configuration_is_out_of_sight(world: World) -> None:
    world.two_nodes()
    world.config_map("canal-config", {"etcd_endpoints": "https://10.0.0.1:2379"})
    world.workload(
        "canal-node",
        container("calico-node", "quay.io/calico/node:v3.32.1", env={"ETCD_ENDPOINTS": "x"}),
        container("flannel", "docker.io/flannel/flannel:v0.24.4"),
        config_maps=("canal-config",),
    )
    world.pod("web", ip="10.9.9.9")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.mode, found.primary.mtu) == ("canal", None, None)
    assert found.primary.confidence is Confidence.HIGH
    assert not said(found, "not wired by canal"), "pods carry no mark with etcd"
    assert any("Flannel's backend" in item.what for item in found.unknown)


def test_calicos_version_prefers_what_the_agents_wrote(world: World) -> None:
    world.two_nodes()
    world.canal()
    world.resource(CALICO + "clusterinformations", "default", {"calicoVersion": "v3.32.2"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.version == "3.32.2"
    assert dict(found.primary.details)["image_version"] == "3.32.1"
    assert names(found.chained) == []

"""kube-proxy's mode from arguments, ConfigMaps and defaults; three answers."""

import pytest

from tests.unit.detect.world import World, container

IMAGE = "registry.k8s.io/kube-proxy:v1.34.4"


@pytest.mark.parametrize(
    ("args", "name", "data", "mode"),
    [
        (("--proxy-mode=ipvs",), "kube-proxy", {"config.conf": "mode: nftables\n"}, "ipvs"),
        (("--config=/x",), "kube-proxy", {"config.conf": 'a: 1\nmode: "nftables"\n'}, "nftables"),
        (("--config=/x",), "kube-proxy", {"config.conf": 'mode: ""\n'}, "iptables"),
        (("--config=/x",), "kube-proxy", {"config.conf": "nodePortAddresses: null\n"}, "iptables"),
        (("--config=/x",), "kube-proxy-config", {"config": "mode: 'ipvs' # fast\n"}, "ipvs"),
        (("--config=/x",), "other", {}, None),
        ((), "other", {}, "iptables"),
        (("--config=/x",), "kube-proxy", {"config.conf": "conntrack:\n  mode: x\n"}, "iptables"),
    ],
)
def test_mode(
    world: World, args: tuple[str, ...], name: str, data: dict[str, str], mode: str | None
) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.config_map(name, data)
    world.workload("kube-proxy", container("kube-proxy", IMAGE, args=args))
    assert world.detect().kube_proxy_mode == mode


def test_static_pods(world: World) -> None:
    world.two_nodes(kubelet="v1.34.1+rke2r1")
    world.canal()
    world.pod(
        "kube-proxy-node1",
        namespace="kube-system",
        host_network=True,
        owner=("Node", "node1"),
        containers=(
            container(
                "kube-proxy",
                "rancher/hardened-kubernetes:v1.34.1-rke2r1-build20260101",
                args=("--proxy-mode=iptables",),
            ),
        ),
    )
    assert world.detect().kube_proxy_mode == "iptables"


@pytest.mark.parametrize(("desired", "ready"), [(0, 0), (2, 0)])
def test_a_daemon_set_without_ready_pods_tells_nothing(
    world: World, desired: int, ready: int
) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.workload("kube-proxy", container("kube-proxy", IMAGE), desired=desired, ready=ready)
    assert world.detect().kube_proxy_mode is None


def test_kube_rbac_proxy_is_something_else(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.workload("exporter", container("kube-rbac-proxy", "kube-rbac-proxy:v0.19"))
    assert world.detect().kube_proxy_mode is None


def test_replaced_by_calicos_ebpf_dataplane(world: World) -> None:
    world.two_nodes()
    world.calico()
    world.felix({"bpfEnabled": True})
    assert world.detect().kube_proxy_mode == "replaced"

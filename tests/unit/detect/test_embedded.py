"""Clusters whose CNI shows no workload, the distributions that have them, and no CNI at all."""

import pytest

from cniadvisor.domain.findings import Confidence, Coverage
from tests.unit.detect.world import FILES, NODES, World, container, names, said

UNINITIALISED = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
    " message:Network plugin returns error: cni plugin not initialized"
)


@pytest.mark.parametrize(
    ("marks", "name"),
    [
        ({"kubelet": "v1.34.1+k3s1"}, "k3s"),
        ({"kubelet": "v1.34.1+rke2r1"}, "rke2"),
        ({"kubelet": "v1.34.1+k0s"}, "k0s"),
        ({"kubelet": "v1.33.5-eks-3025e55"}, "eks"),
        ({"labels": {"eks.amazonaws.com/nodegroup": "a"}}, "eks"),
        ({"kubelet": "v1.33.5-gke.1200"}, "gke"),
        ({"labels": {"kubernetes.azure.com/cluster": "a"}}, "aks"),
        ({"labels": {"node.openshift.io/os_id": "rhcos"}}, "openshift"),
        ({"provider": "kind://docker/kind/kind-control-plane"}, "kind"),
        ({"labels": {"minikube.k8s.io/name": "minikube"}}, "minikube"),
        ({"labels": {"microk8s.io/cluster": "true"}}, "microk8s"),
        ({"os_image": "Talos (v1.11.2)"}, "talos"),
        ({}, None),
    ],
)
def test_distributions(world: World, marks: dict[str, str], name: str | None) -> None:
    world.node("node1", **marks)  # pyright: ignore[reportArgumentType]
    assert world.detect().distribution == name


@pytest.mark.parametrize(
    ("version", "name"), [("v1.34.1+k3s1", "k3s"), ("v1.33.5-gke.1200", "gke"), ("v1.34.4", None)]
)
def test_distributions_where_nodes_cannot_be_read(version: str, name: str | None) -> None:
    world = World(version=version)
    world.status(NODES, 403)
    assert world.detect().distribution == name


# Routes of a cloud


@pytest.mark.parametrize(
    ("kubelet", "ip", "expected"),
    [
        ("v1.33.5-gke.1200", "10.244.0.9", Confidence.HIGH),
        ("v1.33.5-gke.1200", None, Confidence.MEDIUM),
        ("v1.33.5", "10.244.0.9", Confidence.MEDIUM),
        ("v1.33.5", None, Confidence.LOW),
        ("v1.33.5", "192.168.0.9", None),
    ],
)
def test_kubenet(world: World, kubelet: str, ip: str | None, expected: Confidence | None) -> None:
    world.two_nodes(kubelet=kubelet, reason="RouteCreated")
    if ip:
        world.pod("web", ip=ip)
    primary = world.detect().primary
    assert (primary.confidence if primary else None) == expected
    if primary is not None:
        assert (primary.name, primary.mode, primary.coverage) == (
            "kubenet",
            "native",
            Coverage(nodes=2, of=2),
        )


def test_kubenets_bridge_is_its_own(world: World) -> None:
    world.two_nodes(labels={"kubernetes.azure.com/cluster": "a"}, reason="RouteCreated")
    for node in ("node1", "node2"):
        world.file(node, "10-containerd-net.conflist", "bridge", "portmap")
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "kubenet"
    assert found.warnings == ()


def test_gkes_helper_tells_kubenet_where_nodes_cannot_be_read() -> None:
    world = World(version="v1.33.5-gke.1200")
    world.status(NODES, 403)
    world.workload("netd", container("netd", "gke.gcr.io/netd-amd64:v0.6"))
    primary = world.primary()
    assert (primary.name, primary.confidence) == ("kubenet", Confidence.MEDIUM)


def test_routes_of_a_cloud_do_not_speak_against_a_cni(world: World) -> None:
    world.two_nodes(kubelet="v1.33.5-gke.1200", reason="RouteCreated")
    world.calico()
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("calico", Confidence.HIGH)


def test_eks_auto_mode(world: World) -> None:
    world.two_nodes(
        kubelet="v1.33.5-eks-3025e55", labels={"eks.amazonaws.com/compute-type": "auto"}
    )
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.variant) == ("aws-vpc-cni", "eks-auto-mode")
    assert found.primary.confidence is Confidence.HIGH
    assert names(found.embedded) == ["aws-vpc-cni"]
    assert found.kube_proxy_mode is None


def test_eks_without_auto_mode_and_without_agents_is_not_found_out(world: World) -> None:
    world.two_nodes(kubelet="v1.33.5-eks-3025e55")
    assert world.detect().primary is None


def test_azure_cni_without_a_workload(world: World) -> None:
    world.two_nodes(labels={"kubernetes.azure.com/podnetwork-type": "vnet"})
    primary = world.primary()
    assert (primary.name, primary.variant) == ("azure-cni", "vnet")
    assert primary.confidence is Confidence.MEDIUM


# minikube


def test_minikube_bridge(world: World) -> None:
    world.node("minikube", labels={"minikube.k8s.io/name": "minikube"})
    assert (world.primary().name, world.primary().confidence) == ("bridge", Confidence.LOW)
    world.pod("web", node="minikube", ip="10.244.0.9")
    assert world.primary().confidence is Confidence.MEDIUM
    world.file("minikube", "1-k8s.conflist", "bridge", "portmap", "firewall")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.confidence) == ("bridge", Confidence.HIGH)
    assert names(found.chained) == ["portmap", "firewall"]
    assert names(found.embedded) == ["bridge"]


def test_minikubes_bridge_file_sorts_before_another_cnis(world: World) -> None:
    world.node("node1", labels={"minikube.k8s.io/name": "minikube"})
    world.calico(desired=1, ready=1)
    world.file("node1", "1-k8s.conflist", "bridge", "portmap")
    world.file("node1", "10-calico.conflist", "calico", "portmap")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("calico", Confidence.MEDIUM)
    assert said(found, "1-k8s.conflist on 1 node", "sorts first")
    assert names(found.residue) == ["bridge"]


def test_a_bridge_somebody_set_up_by_hand(world: World) -> None:
    world.node("node1")
    world.file("node1", "10-bridge.conf", "bridge")
    world.pod("web", ip="10.244.0.9")
    primary = world.primary()
    assert (primary.name, primary.variant, primary.confidence) == ("bridge", None, Confidence.HIGH)


def test_files_container_runtimes_bring_along_are_nobodys_residue(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.file("node1", "10-flannel.conflist", "flannel")
    world.file("node1", "100-crio-bridge.conflist", "bridge")
    world.file("node1", "200-loopback.conflist", "loopback")
    found = world.detect()
    assert (names(found.residue), found.warnings) == ([], ())


# None at all


def test_none_is_proven_by_nodes_that_say_so(world: World) -> None:
    world.two_nodes(ready=False, message=UNINITIALISED)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("none", Confidence.HIGH)
    assert found.primary.coverage == Coverage(nodes=0, of=2)
    assert found.policy is None


def test_none_is_proven_by_empty_folders(world: World) -> None:
    world.two_nodes()
    world.content[FILES] = {"node1": {}, "node2": {"calico-kubeconfig": "x"}}
    assert world.primary().name == "none"
    del world.content[FILES]["node2"]
    assert world.detect().primary is None, "one node was not looked at"


def test_none_is_not_proven_where_one_node_works_or_a_pod_has_an_address(world: World) -> None:
    world.node("node1", ready=False, message=UNINITIALISED)
    world.node("node2")
    assert world.detect().primary is None
    world.content[NODES]["items"].pop()
    assert world.primary().name == "none"
    world.pod("web", ip="10.1.1.1")
    assert world.detect().primary is None


def test_none_is_not_claimed_where_agents_exist_but_are_not_ready(world: World) -> None:
    world.two_nodes(ready=False, message=UNINITIALISED)
    world.flannel({"Type": "vxlan"}, ready=0)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.LOW)
    assert said(found, "agents not ready", "0 of 2")


def test_microk8s_hides_kube_proxy(world: World) -> None:
    world.two_nodes(labels={"microk8s.io/cluster": "true"}, reason="CalicoIsUp")
    world.calico(
        image="docker.io/calico/node:v3.29.3", backend="vxlan", ipip="Never", vxlan="Always"
    )
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.mode) == ("calico", "vxlan")
    assert names(found.embedded) == ["kube-proxy"]
    assert found.kube_proxy_mode == "iptables"

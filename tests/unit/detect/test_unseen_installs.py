"""Installations beside the recorded ones, each built from the field values its manifest has."""

import pytest

from cniadvisor.detect.detection import detect, explain
from cniadvisor.domain.findings import Component, Confidence
from tests.unit.detect.world import (
    CALICO,
    DAEMON_SETS,
    DEPLOYMENTS,
    INSTALLATIONS,
    Json,
    World,
    container,
    named,
    names,
    said,
)

NO_CNI = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
    " message:Network plugin returns error: cni plugin not initialized"
)
OCP = "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:00ff"
MARK = {"cni.projectcalico.org/podIP": "x"}


def primary_of(world: World) -> Component:
    """Return the primary, which must have been found."""
    found = world.detect().primary
    assert found is not None
    return found


def slots(component: Component) -> tuple[object, ...]:
    """Return what a person compares first."""
    return (
        component.name,
        component.version,
        component.mode,
        component.mtu,
        component.encryption,
    )


# Distributions


def test_minikube_without_a_cni_has_none(world: World) -> None:
    world.node("minikube", labels={"minikube.k8s.io/name": "minikube"}, ready=False, message=NO_CNI)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("none", Confidence.HIGH)
    assert found.embedded == ()
    assert not [item for item in found.unknown if "who wires pods" in item.what]
    assert explain(world.inventory()).settle == ()


def test_gke_dataplane_v2_with_its_emergency_override(world: World) -> None:
    for node in ("gke-a", "gke-b"):
        world.node(node, kubelet="v1.31.5-gke.1169000", reason="RouteCreated")
    world.config_map(
        "cilium-config",
        {"routing-mode": "native", "ipam": "kubernetes", "kube-proxy-replacement": "strict"},
    )
    agent = container("cilium-agent", "gke.gcr.io/cilium/cilium:v1.14.10-gke.31@sha256:00ff")
    world.workload(
        "anetd", agent, config_maps=("cilium-config-emergency-override", "cilium-config")
    )
    for size in ("l", "m", "win"):
        world.workload(f"anetd-{size}", agent, desired=0, ready=0)
    world.workload("netd", container("netd", "gke.gcr.io/netd:v0.3"))
    found = world.detect()
    assert found.primary is not None
    assert slots(found.primary) == ("cilium", "1.14.10", "native", 1500, "none")
    assert (found.primary.variant, found.kube_proxy_mode) == ("gke-dataplane-v2", "replaced")

    world.config_map("cilium-config-emergency-override", {"enable-wireguard": "true"})
    assert primary_of(world).encryption == "wireguard"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("AzureVNET", "azure-cni"), ("AmazonVPC", "aws-vpc-cni"), ("GKE", "kubenet")],
)
def test_a_clouds_cni_without_agents_is_what_calicos_operator_says(
    world: World, kind: str, name: str
) -> None:
    world.two_nodes()
    world.workload(
        "calico-node",
        container(
            "calico-node",
            "mcr.microsoft.com/oss/calico/node:v3.28.2",
            env={"CALICO_NETWORKING_BACKEND": "none"},
        ),
        namespace="calico-system",
        owner="Installation",
    )
    world.resource(INSTALLATIONS, "default", {"cni": {"type": kind}})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == (name, Confidence.MEDIUM)
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("calico", "3.28.2")


def test_an_installation_left_over_names_no_primary(world: World) -> None:
    world.two_nodes()
    world.resource(INSTALLATIONS, "default", {"cni": {"type": "AmazonVPC"}})
    assert world.detect().primary is None


def test_openshift_sdn(world: World) -> None:
    world.two_nodes(labels={"node.openshift.io/os_id": "rhcos"})
    world.workload("sdn", container("sdn", OCP), namespace="openshift-sdn")
    world.resource(
        "/apis/config.openshift.io/v1/networks",
        "cluster",
        {},
        status={"networkType": "OpenShiftSDN", "clusterNetworkMTU": 1450},
    )
    primary = primary_of(world)
    assert slots(primary) == ("openshift-sdn", None, "vxlan", 1450, "none")
    assert primary.variant == "openshift"


@pytest.mark.parametrize(("ipsec", "encryption"), [(True, "ipsec"), (False, "none")])
def test_openshift_ovn(world: World, ipsec: bool, encryption: str) -> None:
    world.two_nodes(labels={"node.openshift.io/os_id": "rhcos"})
    parts = ("ovn-controller", "kube-rbac-proxy-node", "northd", "ovnkube-controller")
    home = "openshift-ovn-kubernetes"
    world.workload("ovnkube-node", *(container(one, OCP) for one in parts), namespace=home)
    if ipsec:
        world.workload("ovn-ipsec-host", container("ovn-ipsec", OCP), namespace=home)
    script = "exec /usr/src/multus-cni/bin/multus-daemon"
    world.workload(
        "multus",
        container("kube-multus", OCP, command=("/bin/bash", "-ec", "--"), args=(script,)),
        namespace="openshift-multus",
    )
    world.workload(
        "multus-additional-cni-plugins",
        container("kube-multus-additional-cni-plugins", OCP),
        namespace="openshift-multus",
    )
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.variant) == ("ovn-kubernetes", "openshift")
    assert (found.primary.mode, found.primary.encryption) == ("geneve", encryption)
    assert [(one.name, one.variant) for one in found.meta] == [("multus", "thick")]
    assert found.kube_proxy_mode == "replaced"


@pytest.mark.parametrize(
    ("arguments", "mode"),
    [
        ('["server","--kube-proxy-arg","proxy-mode=ipvs"]', "ipvs"),
        ('["server","--kube-proxy-arg=proxy-mode=nftables"]', "nftables"),
        ('["server","--kube-proxy-arg=metrics-bind-address=0.0.0.0"]', "iptables"),
    ],
)
def test_k3s_kube_proxy_mode(world: World, arguments: str, mode: str) -> None:
    world.node("s", kubelet="v1.33.1+k3s1", annotations={"k3s.io/node-args": arguments})
    assert world.detect().kube_proxy_mode == mode


def test_k3s_policy_controller_runs_beside_another_cni_unless_switched_off(world: World) -> None:
    arguments = '["server","--flannel-backend","none"]'
    world.node("s", kubelet="v1.33.1+k3s1", annotations={"k3s.io/node-args": arguments})
    world.calico(desired=1, ready=1)
    found = world.detect()
    assert found.primary is not None
    assert found.policy is not None
    assert (found.primary.name, found.policy.name) == ("calico", "calico")
    assert "kube-router" in names(found.embedded)
    assert said(found, "More than one engine", "calico, kube-router")


def test_rke2_shows_kube_proxy_as_static_pods(world: World) -> None:
    world.two_nodes(kubelet="v1.33.3+rke2r1", reason="FlannelIsUp")
    world.canal(name="rke2-canal", config="rke2-canal-config", veth_mtu="1450")
    image = "index.docker.io/rancher/hardened-kubernetes:v1.33.3-rke2r1-build20250717"
    for node in ("node1", "node2"):
        world.pod(
            f"kube-proxy-{node}",
            node=node,
            namespace="kube-system",
            host_network=True,
            owner=("Node", node),
            containers=(container("kube-proxy", image, args=("--proxy-mode=ipvs",)),),
        )
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.variant, found.primary.mtu) == (
        "canal",
        "chart",
        1450,
    )
    assert found.kube_proxy_mode == "ipvs"


def test_a_kube_proxy_that_runs_is_not_said_to_be_missing(world: World) -> None:
    world.two_nodes(kubelet="v1.34.1+k0s")
    image = "quay.io/k0sproject/kube-proxy:v1.34.1"
    world.workload(
        "kube-proxy",
        container("kube-proxy", image, args=("--config=/x",)),
        config_maps=("kube-proxy",),
    )
    (told,) = [item for item in world.detect().unknown if "kube-proxy" in item.what]
    assert "DaemonSet kube-system/kube-proxy runs" in told.what

    world.status("/api/v1/configmaps", 403)
    (told,) = [item for item in world.detect().unknown if "kube-proxy" in item.what]
    assert "kube-system/kube-proxy (HTTP 403)" in told.what
    assert told.right == "get configmaps in namespace kube-system"


# Calico


def test_the_manifest_for_etcd_sets_no_datastore_type(world: World) -> None:
    world.two_nodes(reason="CalicoIsUp")
    world.config_map("calico-config", {"calico_backend": "bird", "etcd_endpoints": "http://e:2379"})
    world.workload(
        "calico-node",
        container(
            "calico-node",
            "quay.io/calico/node:v3.32.1",
            env={
                "ETCD_ENDPOINTS": ("calico-config", "etcd_endpoints"),
                "CALICO_NETWORKING_BACKEND": ("calico-config", "calico_backend"),
                "CALICO_IPV4POOL_IPIP": "Always",
            },
        ),
    )
    world.pool("left-over", vxlan="Always")
    world.felix({"wireguardEnabled": True, "bpfEnabled": True})
    found = world.detect()
    assert found.primary is not None
    assert slots(found.primary) == ("calico", "3.32.1", "ipip", 1480, None)
    assert dict(found.primary.details)["datastore"] == "etcd"
    assert "dataplane" not in dict(found.primary.details)
    assert [u for u in found.unknown if "felixconfigurations" in u.what and "calicoctl" in u.right]
    assert found.kube_proxy_mode is None


def test_routes_spread_by_felix_are_no_bgp(world: World) -> None:
    world.two_nodes()
    world.calico(ipip="Never", namespace="calico-system", owner="Installation")
    network = {"bgp": "Enabled", "clusterRoutingMode": "Felix"}
    world.resource(INSTALLATIONS, "default", {"cni": {"type": "Calico"}, "calicoNetwork": network})
    assert primary_of(world).mode == "unencapsulated"


def test_calico_for_ebpf_as_its_manifest_has_it(world: World) -> None:
    world.two_nodes(reason="CalicoIsUp")
    world.calico(ipip="Never", env={"FELIX_BPFENABLED": "true"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, dict(found.primary.details)["dataplane"]) == ("bgp", "ebpf")
    assert found.kube_proxy_mode == "replaced"


def test_the_cni_that_lost_is_not_the_policy_engine(world: World) -> None:
    world.two_nodes(reason="CiliumIsUp")
    world.calico()
    world.cilium({"routing-mode": "tunnel"}, created="2026-02-10T00:00:00Z")
    world.pod("old", annotations=MARK, created="2026-02-05T00:00:00Z")
    world.pod("new", ip="10.0.0.4")
    world.cilium_endpoint("new")
    found = world.detect()
    assert found.primary is not None
    assert found.policy is not None
    assert (found.primary.name, found.policy.name) == ("cilium", "cilium")
    assert named(found.chained, "calico").confidence is Confidence.MEDIUM
    assert said(found, "More than one primary CNI")
    assert said(found, "default/old")


# Versions


def test_a_digest_is_told_by_a_program_of_the_same_release(world: World) -> None:
    world.two_nodes()
    mirror = "registry.example:5000/mirror"
    world.cilium({"routing-mode": "tunnel"}, image=f"{mirror}/cilium@sha256:00ff")
    operator = container("cilium-operator", f"{mirror}/operator-generic:v1.18.2@sha256:00ff")
    world.workload("cilium-operator", operator, path=DEPLOYMENTS)
    assert primary_of(world).version == "1.18.2"


def test_calicos_digest_is_told_by_its_plugin(world: World) -> None:
    world.two_nodes()
    world.workload(
        "calico-node",
        container("calico-node", "registry.example:5000/calico/node@sha256:00ff"),
        init=(container("install-cni", "registry.example:5000/calico/cni:v3.29.1"),),
    )
    assert primary_of(world).version == "3.29.1"


def agents_running(world: World, *versions: str) -> None:
    """Let Cilium's agents run these versions, one on each node."""
    for number, version in enumerate(versions):
        world.node(f"n{number}")
        world.pod(
            f"cilium-{number}",
            node=f"n{number}",
            namespace="kube-system",
            host_network=True,
            owner=("DaemonSet", "cilium"),
            containers=(container("cilium-agent", f"quay.io/cilium/cilium:{version}"),),
        )


def test_during_an_update_the_version_is_what_most_agents_run(world: World) -> None:
    agents_running(world, "v1.19.6", "v1.19.6", "v1.20.0")
    world.cilium({"routing-mode": "tunnel"}, desired=3, ready=3)
    found = world.detect()
    assert found.primary is not None
    assert found.primary.version == "1.19.6"
    assert said(found, "wants cilium-agent 1.20.0", "3 pods looked at 2 run 1.19.6")


def test_agents_of_the_wanted_version_are_no_update(world: World) -> None:
    agents_running(world, "v1.20.0", "v1.20.0")
    world.cilium({"routing-mode": "tunnel"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.version, found.warnings) == ("1.20.0", ())


def test_agents_that_are_behind_are_told_without_pods_too(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel"})
    status: Json = world.content[DAEMON_SETS]["items"][-1]["status"]
    status["updatedNumberScheduled"] = 1
    assert said(world.detect(), "1 agent of 2", "not updated")


# Others


def test_weave(world: World) -> None:
    world.two_nodes(reason="WeaveIsUp")
    parts = ("weave-kube", "weave-npc")
    agent, controller = (f"ghcr.io/weaveworks/launcher/{part}:2.8.1" for part in parts)
    world.workload("weave-net", container("weave", agent), container("weave-npc", controller))
    assert slots(primary_of(world)) == ("weave", "2.8.1", "vxlan", 1376, "none")


def test_weave_without_its_fast_datapath(world: World) -> None:
    world.two_nodes()
    agent = container("weave", "weaveworks/weave-kube:2.8.1", env={"WEAVE_NO_FASTDP": "1"})
    world.workload("weave-net", agent)
    assert primary_of(world).mode == "udp"


@pytest.mark.parametrize(
    ("arguments", "encryption"), [(("--enable-ovn-ipsec=true",), "ipsec"), ((), "none")]
)
def test_kube_ovn_with_ipsec(world: World, arguments: tuple[str, ...], encryption: str) -> None:
    world.two_nodes(reason="JoinSubnetGatewayReachable")
    image = "docker.io/kubeovn/kube-ovn:v1.13.2"
    agent = container("cni-server", image, args=("--network-type=vxlan", *arguments))
    world.workload("kube-ovn-cni", agent)
    assert slots(primary_of(world)) == ("kube-ovn", "1.13.2", "vxlan", 1450, encryption)


def test_antrea_with_the_switch_for_ipsec_of_old_releases(world: World) -> None:
    world.two_nodes()
    conf = "#trafficEncapMode: encap\ntunnelType: gre\nenableIPSecTunnel: true\n"
    world.config_map("antrea-config-h5m24bg7mt", {"antrea-agent.conf": conf})
    image = "projects.registry.vmware.com/antrea/antrea-ubuntu:v1.2.0"
    world.workload(
        "antrea-agent", container("antrea-agent", image), config_maps=("antrea-config-h5m24bg7mt",)
    )
    primary = primary_of(world)
    assert (primary.version, primary.mode, primary.encryption) == ("1.2.0", "gre", "ipsec")


def test_antrea_counts_its_windows_agents(world: World) -> None:
    world.node("linux")
    world.node("windows", os="windows")
    world.config_map("antrea-config", {"antrea-agent.conf": "antreaProxy:\n  proxyAll: true\n"})
    for name, image in (("", "agent-ubuntu"), ("-windows", "windows")):
        agent = container("antrea-agent", f"antrea/antrea-{image}:v2.4.0")
        world.workload(f"antrea-agent{name}", agent, desired=1, ready=1)
    found = world.detect()
    assert found.primary is not None
    assert found.primary.coverage is not None
    assert found.primary.coverage.nodes == 2
    assert (found.kube_proxy_mode, found.warnings) == ("replaced", ())


def test_the_vpc_cnis_mtu_of_pods(world: World) -> None:
    world.two_nodes(kubelet="v1.32.3-eks-473151a")
    image = "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.19.3-eksbuild.1"
    env = {"AWS_VPC_ENI_MTU": "9001", "POD_MTU": "1400"}
    world.workload("aws-node", container("aws-node", image, env=env))
    assert slots(primary_of(world)) == ("aws-vpc-cni", "1.19.3", "native", 1400, "none")


def test_attachments_under_the_older_annotation(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.multus()
    status = '[{"name":"cbr0","default":true},{"name":"default/mv","interface":"net1"}]'
    world.pod(
        "p",
        annotations={
            "k8s.v1.cni.cncf.io/networks": "mv",
            "k8s.v1.cni.cncf.io/networks-status": status,
        },
    )
    assert not said(world.detect(), "never came")


def test_refused_discovery_is_told_as_refused(world: World) -> None:
    world.status("/apis", 403)
    assert [u for u in world.detect().unknown if "discovery (HTTP 403)" in u.what]


def test_evidence_says_what_it_means(world: World) -> None:
    world.two_nodes()
    world.calico(backend=("calico-config", "calico_backend"))
    world.config_map("calico-config", {"calico_backend": "bird"})
    world.content[CALICO + "clusterinformations"] = {"items": []}
    found = detect(world.inventory())
    assert found.primary is not None
    told = found.primary.evidence
    assert "ConfigMap kube-system/calico-config exists, with calico's configuration" in told
    assert "API group crd.projectcalico.org is served, for calico's own resources" in told


@pytest.mark.parametrize("key", ["network.cilium.io/wg-pub-key", "io.cilium.network.wg-pub-key"])
def test_wireguard_keys_of_every_release_of_cilium(world: World, key: str) -> None:
    world.two_nodes()
    world.cilium({"tunnel": "disabled", "enable-wireguard": "true"}, image="x/cilium:v1.12.19")
    for node in ("node1", "node2"):
        metadata = {"name": node, "annotations": {key: "public"}}
        world.put("/apis/cilium.io/v2/ciliumnodes", {"metadata": metadata})
    found = world.detect()
    assert found.primary is not None
    assert slots(found.primary) == ("cilium", "1.12.19", "native", 1420, "wireguard")
    assert found.warnings == ()


def test_flannel_under_a_container_name_of_somebodys_own(world: World) -> None:
    world.two_nodes()
    world.config_map("net", {"net-conf.json": '{"Backend":{"Type":"host-gw"}}'}, "infra")
    image = "registry.example:5000/flannel@sha256:00ff"
    world.workload(
        "corp-net",
        container("flanneld", image, command=("/opt/bin/flanneld",)),
        namespace="infra",
        config_maps=("net",),
        labels={"app.kubernetes.io/version": "v0.26.1"},
    )
    assert slots(primary_of(world)) == ("flannel", "0.26.1", "host-gw", 1500, "none")


def test_calicos_version_from_the_installation_where_images_are_digests(world: World) -> None:
    world.two_nodes()
    world.calico(
        namespace="calico-system",
        owner="Installation",
        image="registry.example/calico/node@sha256:00ff",
    )
    status = {"calicoVersion": "v3.30.1"}
    world.resource(INSTALLATIONS, "default", {"cni": {"type": "Calico"}}, status=status)
    assert primary_of(world).version == "3.30.1"


def test_felix_vxlan_mtu_counts_where_pools_are_refused(world: World) -> None:
    world.two_nodes()
    world.calico(backend="vxlan", env={"FELIX_VXLANMTU": "1400"}, pools=False)
    world.status(CALICO + "ippools", 403)
    assert (primary_of(world).mode, primary_of(world).mtu) == ("vxlan", 1400)


@pytest.mark.parametrize(("switch", "engine"), [("true", "aws-eks-nodeagent"), ("false", None)])
def test_policy_in_eks_auto_mode(world: World, switch: str, engine: str | None) -> None:
    world.two_nodes(
        kubelet="v1.32.3-eks-473151a", labels={"eks.amazonaws.com/compute-type": "auto"}
    )
    world.config_map("amazon-vpc-cni", {"enable-network-policy-controller": switch})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.variant) == ("aws-vpc-cni", "eks-auto-mode")
    assert (found.policy.name if found.policy else None) == engine

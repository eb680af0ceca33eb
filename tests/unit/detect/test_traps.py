"""The thirty ways a detector is fooled, each with the case that shows it is not.

A test's number is that of the trap. Most hold two clusters: the one that fools, and the one beside
it in which the same sign means what it seems to mean.
"""

import json

import pytest

from cniadvisor.detect.detection import explain
from cniadvisor.domain.findings import Confidence, Coverage
from tests.unit.detect.world import (
    AFTER,
    BEFORE,
    CALICO,
    CALICO_V3,
    CILIUM,
    CONFIG_MAPS,
    DAEMON_SETS,
    DEPLOYMENTS,
    FILES,
    FLANNEL_IMAGE,
    INSTALLATIONS,
    NODES,
    PODS,
    World,
    container,
    named,
    names,
    said,
)

FLANNEL = "flannel.alpha.coreos.com/"
CALICO_MARK = {"cni.projectcalico.org/podIP": "10.244.0.5/32"}
K3S = "v1.34.1+k3s1"
K3S_SERVER = {"k3s.io/node-args": json.dumps(["server", "--cluster-cidr", "10.42.0.0/16"])}


def test_trap_01_no_daemon_set_does_not_mean_no_cni(world: World) -> None:
    vxlan = {FLANNEL + "backend-type": "vxlan"}
    world.node("node1", kubelet=K3S, annotations={**K3S_SERVER, **vxlan})
    world.node("node2", kubelet=K3S, annotations=vxlan)
    world.pod("web", ip="10.244.0.7")
    primary = world.primary()
    assert (primary.name, primary.variant) == ("flannel", "embedded")
    assert (primary.mode, primary.confidence) == ("vxlan", Confidence.HIGH)
    assert primary.coverage == Coverage(nodes=2, of=2)

    bare = World()
    bare.two_nodes()
    assert bare.detect().primary is None, "not found out, which is not proven absent"

    bare.content[NODES]["items"] = []
    bare.two_nodes(ready=False, message="NetworkReady=false: cni plugin not initialized")
    assert bare.primary().name == "none"


@pytest.mark.parametrize("namespace", ["kube-flannel", "networking", "kube-system"])
def test_trap_02_agents_live_in_any_namespace(world: World, namespace: str) -> None:
    world.two_nodes()
    world.flannel({"Type": "host-gw"}, namespace=namespace)
    primary = world.primary()
    assert (primary.name, primary.mode) == ("flannel", "host-gw")


def test_trap_02_where_all_namespaces_are_refused_the_known_ones_are_used(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"}, namespace="kube-system")
    listed = world.content.pop(DAEMON_SETS)
    world.status(DAEMON_SETS, 403)
    world.content["/apis/apps/v1/namespaces/kube-system/daemonsets"] = listed
    assert world.primary().name == "flannel"


def test_trap_03_names_and_labels_prove_nothing(world: World) -> None:
    world.two_nodes()
    world.workload(
        "kube-flannel-ds",
        container("pause", "registry.k8s.io/pause:3.10"),
        labels={"app": "flannel", "k8s-app": "flannel"},
        pod_labels={"app": "flannel", "k8s-app": "cilium"},
    )
    assert world.detect().primary is None

    world.cilium({"routing-mode": "tunnel"}, name="anetd")
    primary = world.primary()
    assert (primary.name, primary.variant) == ("cilium", "gke-dataplane-v2")


def test_trap_04_a_config_map_of_calico_is_not_calico(world: World) -> None:
    world.two_nodes()
    world.config_map("calico-config", {"calico_backend": "bird"}, "default")
    found = world.detect()
    assert found.primary is None
    assert names(found.residue) == ["calico"]

    world.calico(backend=("calico-config", "calico_backend"))
    world.config_map("calico-config", {"calico_backend": "vxlan"})
    assert world.primary().name == "calico", "the one beside the agent counts"
    world.content[CALICO + "ippools"]["items"] = []
    assert world.primary().mode == "vxlan"


@pytest.mark.parametrize("how", ["backend none", "installation"])
def test_trap_05_calico_for_policy_only_is_not_the_primary(world: World, how: str) -> None:
    world.two_nodes()
    world.workload(
        "aws-node",
        container(
            "aws-node", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.1"
        ),
    )
    if how == "backend none":
        world.calico(backend="none")
    else:
        world.calico(namespace="calico-system", backend="bird")
        world.resource(INSTALLATIONS, "default", {"cni": {"type": "AmazonVPC"}})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "aws-vpc-cni"
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("calico", "3.32.1")
    assert said(found, "More than one primary") == []

    alone = World()
    alone.two_nodes()
    alone.calico()
    assert alone.primary().name == "calico"


@pytest.mark.parametrize("flannel_container", ["kube-flannel", "flannel"])
def test_trap_06_canal_is_one_cni_and_not_two(world: World, flannel_container: str) -> None:
    world.two_nodes(reason="FlannelIsUp", annotations={FLANNEL + "backend-type": "vxlan"})
    world.canal(name="net-agent", flannel_container=flannel_container)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.version) == ("canal", "3.32.1")
    assert found.primary.confidence is Confidence.HIGH
    assert dict(found.primary.details)["flannel_version"] == "0.24.4"
    assert found.policy is not None
    assert found.policy.name == "calico"
    assert (names(found.residue), names(found.chained)) == ([], [])
    assert said(found, "More than one primary") == []

    apart = World()
    apart.two_nodes()
    apart.flannel({"Type": "vxlan"})
    apart.calico(backend="none")
    found = apart.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert found.policy is not None
    assert found.policy.name == "calico"


def test_trap_07_chaining_mode_portmap_leaves_cilium_primary(world: World) -> None:
    world.two_nodes()
    world.cilium({"cni-chaining-mode": "portmap", "routing-mode": "tunnel", "ipam": "kubernetes"})
    assert world.primary().name == "cilium"

    chained = World()
    chained.two_nodes()
    chained.flannel({"Type": "vxlan"})
    chained.cilium({"cni-chaining-mode": "generic-veth", "routing-mode": "native"})
    found = chained.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert found.primary.confidence is Confidence.HIGH
    assert named(found.chained, "cilium").variant == "generic-veth"
    assert found.policy is not None
    assert found.policy.name == "cilium"


def test_trap_08_tunnel_protocol_is_set_with_native_routing_too(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "native", "tunnel-protocol": "vxlan"})
    primary = world.primary()
    assert (primary.mode, primary.mtu) == ("native", 1500)

    tunnel = World()
    tunnel.two_nodes()
    tunnel.cilium({"routing-mode": "tunnel", "tunnel-protocol": "geneve"})
    primary = tunnel.primary()
    assert (primary.mode, primary.mtu) == ("geneve", 1450)


@pytest.mark.parametrize(
    ("config", "mode", "proxy"),
    [
        ({"tunnel": "disabled", "kube-proxy-replacement": "strict"}, "native", "replaced"),
        ({"tunnel": "geneve", "kube-proxy-replacement": "partial"}, "geneve", None),
        ({"tunnel": "vxlan", "kube-proxy-replacement": "probe"}, "vxlan", None),
        ({"tunnel": "vxlan", "kube-proxy-replacement": "disabled"}, "vxlan", None),
    ],
)
def test_trap_09_old_keys_of_cilium(
    world: World, config: dict[str, str], mode: str, proxy: str | None
) -> None:
    world.two_nodes()
    # A leftover key of a newer release, which the old agent does not know.
    world.cilium({**config, "routing-mode": "tunnel"}, image="quay.io/cilium/cilium:v1.13.18")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.kube_proxy_mode) == (mode, proxy)

    newer = World()
    newer.two_nodes()
    newer.cilium(
        {"tunnel": "vxlan", "routing-mode": "native"}, image="quay.io/cilium/cilium:v1.17.18"
    )
    assert newer.primary().mode == "native"


def test_trap_10_a_daemon_set_wanted_on_no_node_is_not_there(world: World) -> None:
    world.two_nodes()
    world.workload("aws-node", container("aws-node", "amazon-k8s-cni:v1.20.1"), desired=0, ready=0)
    found = world.detect()
    assert found.primary is None
    assert names(found.residue) == ["aws-vpc-cni"]

    world.cilium({"ipam": "eni", "routing-mode": "native"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.mode) == ("cilium", "native")
    assert found.primary.confidence is Confidence.HIGH
    assert names(found.residue) == ["aws-vpc-cni"]


def test_trap_11_no_kube_proxy_daemon_set_does_not_mean_replaced(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel", "kube-proxy-replacement": "false"})
    found = world.detect()
    assert found.kube_proxy_mode is None
    assert any("kube-proxy" in item.what for item in found.unknown)

    replaced = World()
    replaced.two_nodes()
    replaced.cilium({"routing-mode": "tunnel", "kube-proxy-replacement": "true"})
    assert replaced.detect().kube_proxy_mode == "replaced"

    there = World()
    there.two_nodes()
    there.cilium({"routing-mode": "tunnel", "kube-proxy-replacement": "false"})
    there.workload("kube-proxy", container("kube-proxy", "registry.k8s.io/kube-proxy:v1.34.4"))
    there.config_map("kube-proxy", {"config.conf": 'kind: KubeProxyConfiguration\nmode: "ipvs"\n'})
    assert there.detect().kube_proxy_mode == "ipvs"


def test_trap_12_a_condition_may_be_of_a_former_cni(world: World) -> None:
    world.two_nodes(reason="CalicoIsUp", heartbeat=BEFORE)
    world.cilium({"routing-mode": "tunnel"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("cilium", Confidence.HIGH)
    assert names(found.residue) == ["calico"]

    fresh = World()
    fresh.two_nodes(reason="CalicoIsUp", heartbeat=AFTER)
    fresh.cilium({"routing-mode": "tunnel"})
    primary = fresh.primary()
    assert (primary.name, primary.confidence) == ("cilium", Confidence.MEDIUM), "a conflict"
    assert any(text.startswith("But: ") and "CalicoIsUp" in text for text in primary.evidence)


def test_trap_13_node_annotations_outlive_flannel(world: World) -> None:
    # k3s with --flannel-backend=none and Cilium keeps Flannel's annotations.
    arguments = {"k3s.io/node-args": json.dumps(["server", "--flannel-backend", "none"])}
    stale = {FLANNEL + "backend-type": "vxlan"}
    world.two_nodes(kubelet=K3S, annotations={**arguments, **stale})
    world.cilium({"routing-mode": "native"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "cilium"
    assert names(found.residue) == ["flannel"]
    assert "flannel" not in names(found.embedded)

    world.content[DAEMON_SETS]["items"] = []
    assert world.detect().primary is None, "annotations alone make no primary"


def test_trap_14_flannel_without_annotations_on_nodes(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "host-gw"})
    primary = world.primary()
    assert (primary.name, primary.mode) == ("flannel", "host-gw")
    assert primary.confidence is Confidence.HIGH

    renamed = World()
    renamed.two_nodes(annotations={"net.example.com/backend-type": "vxlan"})
    renamed.flannel({"Type": "host-gw"})
    words = renamed.content[DAEMON_SETS]["items"][0]["spec"]["template"]["spec"]["containers"][0]
    words["args"] = ["--kube-annotation-prefix=net.example.com"]
    assert renamed.primary().mode == "vxlan"


def test_trap_15_an_api_group_is_only_residue(world: World) -> None:
    world.two_nodes()
    for group in ("cilium.io", "crd.projectcalico.org", "crd.antrea.io", "kubeovn.io"):
        world.group(group)
    found = world.detect()
    assert found.primary is None
    assert sorted(names(found.residue)) == ["antrea", "calico", "cilium", "kube-ovn"]

    world.flannel({"Type": "vxlan"})
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.HIGH)


def test_trap_16_the_example_in_multus_config_map_is_not_flannel(world: World) -> None:
    example = {"type": "multus", "delegates": [{"plugins": [{"type": "flannel"}]}]}
    world.two_nodes()
    world.config_map("multus-cni-config", {"cni-conf.json": json.dumps(example)})
    world.multus(config_maps=("multus-cni-config",))
    found = world.detect()
    assert found.primary is None
    assert names(found.meta) == ["multus"]
    assert names(found.residue) == []
    assert "flannel" not in [one.name for one in explain(world.inventory()).considered]


def test_trap_17_multus_is_never_the_primary(world: World) -> None:
    world.two_nodes()
    world.multus(thick=True)
    world.file("node1", "00-multus.conf", "multus-shim")
    world.file("node2", "00-multus.conf", "multus-shim")
    found = world.detect()
    assert found.primary is None
    assert names(found.meta) == ["multus"]

    world.flannel({"Type": "vxlan"})
    world.file("node1", "10-flannel.conflist", "flannel", "portmap")
    world.file("node2", "10-flannel.conflist", "flannel", "portmap")
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.HIGH)
    assert names(found.meta) == ["multus"]
    assert names(found.chained) == ["portmap"], "of the file that Multus hands over to"
    assert said(found, "sorts first") == []


def test_trap_18_pods_from_before_a_switch_keep_the_old_marks(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.pod("old", annotations=CALICO_MARK, ip="192.168.3.4", created=BEFORE)
    world.pod("new", ip="10.244.0.9", created=AFTER)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.HIGH)
    assert said(found, "not wired by flannel", "default/old")
    assert not said(found, "default/new")

    # The same marks on a pod that is newer do speak against it.
    world.pod("fresh", annotations=CALICO_MARK, ip="192.168.3.5", created=AFTER)
    primary = world.primary()
    assert (primary.name, primary.confidence) == ("flannel", Confidence.MEDIUM)


def test_trap_19_an_address_outside_the_pod_cidr_means_nothing_for_own_ipam(world: World) -> None:
    world.two_nodes()
    world.calico()
    world.pod("web", ip="172.20.166.129", annotations=CALICO_MARK)
    primary = world.primary()
    assert (primary.name, primary.confidence) == ("calico", Confidence.HIGH)

    pool = World()
    pool.two_nodes()
    pool.cilium({"routing-mode": "tunnel", "ipam": "cluster-pool"})
    pool.pod("web", ip="10.0.1.7")
    pool.cilium_endpoint("web")
    assert pool.primary().confidence is Confidence.HIGH

    # Nor does it where pods carry no mark: Calico with etcd, Cilium's pods out of sight.
    etcd = World()
    etcd.two_nodes()
    etcd.calico(env={"DATASTORE_TYPE": "etcdv3"})
    etcd.pod("web", ip="172.20.166.129")
    assert etcd.primary().confidence is Confidence.HIGH
    pool.status(CILIUM + "ciliumendpoints", 403)
    assert pool.primary().confidence is Confidence.HIGH

    flannel = World()
    flannel.two_nodes()
    flannel.flannel({"Type": "vxlan"})
    flannel.pod("web", ip="10.0.1.7")
    assert flannel.primary().confidence is Confidence.MEDIUM, "for Flannel it does mean something"


def test_trap_20_the_mark_tells_calico_and_the_vpc_cni_apart(world: World) -> None:
    # Both give pods the default route 169.254.1.1, which is why routes are not asked.
    world.two_nodes()
    world.workload("aws-node", container("aws-node", "amazon-k8s-cni:v1.20.1"))
    world.pod("web", ip="10.1.2.3", annotations={"vpc.amazonaws.com/pod-ips": "10.1.2.3"})
    primary = world.primary()
    assert (primary.name, primary.confidence) == ("aws-vpc-cni", Confidence.HIGH)
    assert any("1 sampled pod wired by it" in text for text in primary.evidence)

    world.content[PODS]["items"] = []
    world.pod("web", ip="10.1.2.3", annotations=CALICO_MARK)
    assert world.primary().confidence is Confidence.MEDIUM


def test_trap_21_cilium_lowers_the_mtu_of_routes_and_not_of_devices(world: World) -> None:
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel", "tunnel-protocol": "vxlan", "mtu": "9001"})
    assert world.primary().mtu == 8951

    flannel = World()
    flannel.two_nodes()
    flannel.flannel({"Type": "vxlan"})
    assert flannel.primary().mtu == 1450


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("ghcr.io/flannel-io/flannel:v0.28.9", "0.28.9"),
        ("rancher/hardened-flannel:v0.28.9-build20260819", "0.28.9"),
        ("registry.example.com:5000/mirror/flannel:0.28.9-eksbuild.3", "0.28.9"),
        ("flannel/flannel:v1.15.6-gke.14", "1.15.6"),
        ("flannel/flannel:v1.35.1+k3s1", "1.35.1"),
        ("flannel/flannel:v0.29.0-rc.1", "0.29.0-rc.1"),
        ("flannel/flannel:v0.28.9@sha256:00ff", "0.28.9"),
        ("flannel/flannel@sha256:00ff", None),
        ("flannel/flannel:snapshot", None),
        ("flannel/flannel:latest", None),
        ("flannel/flannel", None),
    ],
)
def test_trap_22_an_image_tag_is_not_a_version(
    world: World, image: str, version: str | None
) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"}, image=image)
    primary = world.primary()
    assert (primary.name, primary.version) == ("flannel", version)
    assert ("version_unknown" in dict(primary.details)) is (version is None)


def test_trap_22_the_plugin_image_has_versions_of_its_own(world: World) -> None:
    world.two_nodes()
    plugin = "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3"
    world.flannel({"Type": "vxlan"}, init=(container("install-cni-plugin", plugin),))
    assert world.primary().version == "0.28.9"


def test_trap_23_calico_3_33_has_no_cni_image(world: World) -> None:
    world.two_nodes()
    world.calico(image="quay.io/calico/node:v3.33.1")
    item = world.content[DAEMON_SETS]["items"][0]
    item["spec"]["template"]["spec"]["initContainers"] = [
        container("install-cni", "quay.io/calico/calico:v3.33.1")
    ]
    primary = world.primary()
    assert (primary.name, primary.version) == ("calico", "3.33.1")
    assert primary.confidence is Confidence.HIGH

    private = World()
    private.two_nodes()
    private.calico(image="registry.example.com/mirror/node:v3.33.1")
    assert private.primary().name == "calico"


def test_trap_24_operator_and_manifest_leave_each_others_traces(world: World) -> None:
    operator = container("tigera-operator", "quay.io/tigera/operator:v1.42.3")
    installation = {"calicoNetwork": {"ipPools": [{"encapsulation": "VXLAN"}], "bgp": "Disabled"}}
    world.two_nodes()
    world.calico(namespace="kube-system")
    world.workload("tigera-operator", operator, path=DEPLOYMENTS, namespace="tigera-operator")
    world.resource(INSTALLATIONS, "default", installation)
    primary = world.primary()
    assert (primary.name, primary.variant, primary.mode) == ("calico", "manifest", "ipip")

    other = World()
    other.two_nodes()
    other.config_map("calico-config", {"calico_backend": "bird"})
    other.calico(namespace="kube-system", desired=2, ready=0, pools=False)
    other.calico(namespace="calico-system", backend="vxlan", pools=False)
    other.resource(INSTALLATIONS, "default", installation)
    primary = other.primary()
    assert (primary.variant, primary.mode) == ("operator", "vxlan")


def test_trap_25_mixed_clusters_are_told_by_node(world: World) -> None:
    label = "projectcalico.org/node-network-during-migration"
    world.node("node1", labels={label: "calico"})
    world.node("node2", labels={label: "flannel"})
    world.node("node3", labels={label: "calico"})
    world.node("win1", os="windows")
    world.flannel({"Type": "vxlan"}, desired=1, ready=1)
    world.calico(desired=2, ready=2)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.coverage) == ("calico", Coverage(nodes=2, of=4))
    assert found.primary.confidence is Confidence.MEDIUM
    assert named(found.chained, "flannel").coverage == Coverage(nodes=1, of=4)
    assert said(found, "migration from Flannel to Calico", "2 of 4 nodes")
    assert said(found, "1 Windows node", "win1")

    settings = World()
    settings.two_nodes()
    settings.cilium({"routing-mode": "tunnel"})
    assert not said(settings.detect(), "CiliumNodeConfig")
    settings.resource(CILIUM + "ciliumnodeconfigs", "edge", {})
    assert said(settings.detect(), "CiliumNodeConfig edge")


def test_trap_26_agents_that_are_partly_ready_do_not_flip_the_answer(world: World) -> None:
    world.two_nodes()
    world.node("node3")
    world.flannel({"Type": "vxlan"}, desired=3, ready=2)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.MEDIUM)
    assert found.primary.coverage == Coverage(nodes=2, of=3)
    assert said(found, "agents not ready", "2 of 3")

    world.status(NODES, 403)
    assert world.primary().confidence is Confidence.MEDIUM, "without nodes, too"

    none_ready = World()
    none_ready.two_nodes()
    none_ready.flannel({"Type": "vxlan"}, ready=0)
    primary = none_ready.primary()
    assert (primary.name, primary.confidence) == ("flannel", Confidence.LOW)


@pytest.mark.parametrize("status", [403, 401, 500])
def test_trap_27_a_refused_read_is_not_absence(world: World, status: int) -> None:
    world.two_nodes(ready=False, message="NetworkReady=false: cni plugin not initialized")
    assert world.primary().name == "none"
    world.status(DAEMON_SETS, status)
    found = world.detect()
    assert found.primary is None
    assert any("daemonsets.apps" in item.what for item in found.unknown)


def test_trap_28_a_helm_chart_is_intent_and_not_state(world: World) -> None:
    charts = "/apis/helm.cattle.io/v1/helmcharts"
    world.two_nodes(kubelet="v1.34.1+rke2r1")
    world.resource(charts, "rke2-cilium", {})
    assert world.detect().primary is None

    world.canal(name="rke2-canal", config="rke2-canal-config")
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "canal"
    assert said(found, "set to install cilium", "canal runs")
    world.content[charts]["items"][0]["metadata"]["name"] = "rke2-canal"
    assert not said(world.detect(), "set to install")


def test_trap_29_net_conf_without_backend_is_udp(world: World) -> None:
    world.two_nodes()
    world.flannel(None)
    primary = world.primary()
    assert (primary.mode, primary.mtu) == ("udp", 1472)

    told = World()
    told.two_nodes(annotations={FLANNEL + "backend-type": "vxlan"})
    told.flannel(None)
    assert told.primary().mode == "vxlan", "what nodes say runs wins over what is configured"


def test_trap_30_secrets_are_never_repeated(world: World) -> None:
    secret = "hunter2-hunter2"
    world.two_nodes(
        kubelet=K3S,
        annotations={
            "k3s.io/node-args": json.dumps(["server", "--token", secret, "--flannel-backend=none"]),
            "k3s.io/node-env": json.dumps({"K3S_TOKEN": secret}),
        },
    )
    world.flannel({"Type": "wireguard", "PSK": secret, "Mode": secret})
    world.workload(
        "weave-net",
        container("weave", "weaveworks/weave-kube:2.8.1", env={"WEAVE_PASSWORD": secret}),
    )
    world.cilium({"routing-mode": "tunnel", "enable-ipsec": "true", "ipsec-key": secret})
    found = world.detect()
    told = f"{found}{explain(world.inventory())}"
    assert secret not in told
    assert "wireguard" in told, "the setting itself is read"
    assert named((*found.chained, *([found.primary] if found.primary else [])), "weave")


# The same paths under other names: what the traps above rely on is read wherever it is.


def test_calico_resources_are_found_in_either_group(world: World) -> None:
    world.two_nodes()
    world.calico(pools=False)
    spec = {"cidr": "10.244.0.0/16", "ipipMode": "Never", "vxlanMode": "CrossSubnet"}
    world.resource(CALICO_V3 + "ippools", "default-ipv4-ippool", spec)
    primary = world.primary()
    assert (primary.mode, primary.cross_subnet) == ("vxlan", True)


def test_a_config_map_read_by_name_counts_like_one_of_a_list(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "ipip"})
    config_map = world.content.pop(CONFIG_MAPS)["items"][0]
    path = "/api/v1/namespaces/kube-flannel/configmaps/kube-flannel-cfg"
    world.content[path] = config_map
    assert world.primary().mode == "ipip"


def test_files_of_nodes_are_optional(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"}, image=FLANNEL_IMAGE)
    assert FILES not in world.content
    assert world.primary().confidence is Confidence.HIGH

"""The other CNIs: name, version, mode and role, by the table."""

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import (
    DAEMON_SETS,
    DEPLOYMENTS,
    World,
    container,
    named,
    names,
    said,
)


@pytest.mark.parametrize(
    ("agent", "image", "name", "version", "mode", "policy"),
    [
        (
            "kindnet-cni",
            "docker.io/kindest/kindnetd:v20260528-9350166c",
            "kindnet",
            "20260528-9350166c",
            "host-gw",
            "kindnet",
        ),
        (
            "kindnet-cni",
            "docker.io/kindest/kindnetd:v20230511-dc714da8",
            "kindnet",
            "20230511-dc714da8",
            "host-gw",
            None,
        ),
        ("antrea-agent", "antrea/antrea-agent-ubuntu:v2.7.0", "antrea", "2.7.0", None, "antrea"),
        (
            "cni-server",
            "docker.io/kubeovn/kube-ovn:v1.15.24",
            "kube-ovn",
            "1.15.24",
            "geneve",
            "kube-ovn",
        ),
        (
            "ovnkube-controller",
            "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:00ff",
            "ovn-kubernetes",
            None,
            "geneve",
            "ovn-kubernetes",
        ),
        ("weave", "weaveworks/weave-kube:2.8.1", "weave", "2.8.1", "vxlan", None),
        (
            "kube-router",
            "cloudnativelabs/kube-router:v2.11.1",
            "kube-router",
            "2.11.1",
            "ipip",
            "kube-router",
        ),
        (
            "aws-node",
            "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.23.0-eksbuild.1",
            "aws-vpc-cni",
            "1.23.0",
            "native",
            None,
        ),
        (
            "cns-container",
            "mcr.microsoft.com/containernetworking/azure-cns:v1.8.12",
            "azure-cni",
            "1.8.12",
            "native",
            None,
        ),
        (
            "terway",
            "registry.aliyuncs.com/acs/terway:v1.9.0",
            "terway",
            "1.9.0",
            "native",
            "terway",
        ),
    ],
)
def test_table(
    world: World,
    agent: str,
    image: str,
    name: str,
    version: str | None,
    mode: str | None,
    policy: str | None,
) -> None:
    world.two_nodes()
    world.workload("agents", container(agent, image), namespace="networking")
    found = world.detect()
    assert found.primary is not None
    primary = found.primary
    assert (primary.name, primary.version, primary.mode) == (name, version, mode)
    assert primary.confidence is Confidence.HIGH
    assert (found.policy.name if found.policy else None) == policy


@pytest.mark.parametrize(
    ("agent", "image"),
    [("antrea-agent", "nginx:1.27"), ("web", "antrea/antrea-agent-ubuntu:v2.7.0"), ("weave", "x")],
)
def test_container_and_image_are_both_needed(world: World, agent: str, image: str) -> None:
    world.two_nodes()
    world.workload("agents", container(agent, image))
    assert world.detect().primary is None


@pytest.mark.parametrize(
    ("conf", "mode", "cross_subnet", "mtu", "encryption"),
    [
        ("trafficEncapMode: encap\n", "geneve", False, 1450, "none"),
        ("trafficEncapMode: hybrid\ntunnelType: vxlan\n", "vxlan", True, 1450, "none"),
        ("trafficEncapMode: noEncap # routed\n", "native", False, 1500, "none"),
        ("trafficEncryptionMode: wireguard\n", "geneve", False, 1420, "wireguard"),
        (
            "#trafficEncapMode: noEncap\ntrafficEncryptionMode: ipsec\n",
            "geneve",
            False,
            1412,
            "ipsec",
        ),
        ("defaultMTU: 1400\n", "geneve", False, 1400, "none"),
    ],
)
def test_antrea(
    world: World, conf: str, mode: str, cross_subnet: bool, mtu: int, encryption: str
) -> None:
    world.two_nodes()
    world.config_map("antrea-config", {"antrea-agent.conf": conf})
    world.workload("antrea-agent", container("antrea-agent", "antrea/antrea-agent-ubuntu:latest"))
    world.put(
        "/apis/crd.antrea.io/v1beta1/antreaagentinfos",
        {"metadata": {"name": "node1"}, "version": "v2.7.0"},
    )
    primary = world.primary()
    assert (primary.mode, primary.cross_subnet, primary.mtu) == (mode, cross_subnet, mtu)
    assert (primary.encryption, primary.version) == (encryption, "2.7.0")


def test_antrea_for_policy_only(world: World) -> None:
    world.two_nodes()
    world.config_map("antrea-config", {"antrea-agent.conf": "trafficEncapMode: networkPolicyOnly"})
    world.workload("antrea-agent", container("antrea-agent", "antrea/antrea-agent-ubuntu:v2.7.0"))
    world.workload("aws-node", container("aws-node", "amazon-k8s-cni:v1.20.1"))
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("aws-vpc-cni", Confidence.HIGH)
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("antrea", "2.7.0")


def test_kube_ovn_takes_its_network_type_from_the_controller(world: World) -> None:
    world.two_nodes(reason="JoinSubnetGatewayReachable")
    world.workload("kube-ovn-cni", container("cni-server", "kubeovn/kube-ovn:v1.15.24"))
    controller = container(
        "kube-ovn-controller", "kubeovn/kube-ovn:v1.15.24", args=("--network-type=vlan",)
    )
    world.workload("kube-ovn-controller", controller, path=DEPLOYMENTS)
    assert world.primary().mode == "unencapsulated"


@pytest.mark.parametrize("where", ["agent", "controller"])
def test_kube_ovn_that_is_not_the_primary(world: World, where: str) -> None:
    world.two_nodes()
    image, flag = "kubeovn/kube-ovn:v1.15.24", ("--non-primary-cni-mode=true",)
    server = container("cni-server", image, args=flag if where == "agent" else ())
    controller = container("kube-ovn-controller", image, args=flag)
    world.workload("kube-ovn-cni", server)
    if where == "controller":
        world.workload("kube-ovn-controller", controller, path=DEPLOYMENTS)
    world.flannel({"Type": "vxlan"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert named(found.chained, "kube-ovn").variant == "secondary"


@pytest.mark.parametrize(
    ("args", "mode", "cross_subnet", "policy", "proxy"),
    [
        # All three parts run unless they are switched off.
        (("--run-router=true", "--run-firewall=true"), "ipip", True, "kube-router", "replaced"),
        (("--overlay-type=full",), "ipip", False, "kube-router", "replaced"),
        (("--enable-overlay=false", "--run-firewall=false"), "bgp", False, None, "replaced"),
        (("--run-service-proxy=true",), "ipip", True, "kube-router", "replaced"),
        (("--run-service-proxy=false",), "ipip", True, "kube-router", None),
    ],
)
def test_kube_router(
    world: World,
    args: tuple[str, ...],
    mode: str,
    cross_subnet: bool,
    policy: str | None,
    proxy: str | None,
) -> None:
    world.two_nodes()
    router = container("kube-router", "docker.io/cloudnativelabs/kube-router", args=args)
    world.workload("kube-router", router)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.mode, found.primary.cross_subnet) == (mode, cross_subnet)
    assert (found.policy.name if found.policy else None) == policy
    assert found.kube_proxy_mode == proxy


def test_kube_router_for_policy_only(world: World) -> None:
    world.two_nodes()
    router = container("kube-router", "kube-router:v2.11.1", args=("--run-router=false",))
    world.workload("kube-router", router)
    world.flannel({"Type": "vxlan"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("kube-router", "2.11.1")


@pytest.mark.parametrize(
    ("argument", "switch", "engine", "confidence"),
    [
        ("--enable-network-policy=true", None, "aws-eks-nodeagent", Confidence.HIGH),
        ("--enable-network-policy=false", "true", None, None),
        ("", "true", "aws-eks-nodeagent", Confidence.HIGH),
        ("", "false", None, None),
        ("", None, "aws-eks-nodeagent", Confidence.MEDIUM),
    ],
)
def test_the_vpc_cnis_node_agent_enforces_only_when_it_is_told_to(
    world: World,
    argument: str,
    switch: str | None,
    engine: str | None,
    confidence: Confidence | None,
) -> None:
    world.two_nodes()
    if switch is not None:
        world.config_map("amazon-vpc-cni", {"enable-network-policy-controller": switch})
    world.workload(
        "aws-node",
        container("aws-node", "amazon-k8s-cni:v1.23.0", env={"AWS_VPC_ENI_MTU": "1500"}),
        container("aws-eks-nodeagent", "aws-network-policy-agent:v1.2.1", args=(argument,)),
    )
    found = world.detect()
    assert found.primary is not None
    assert found.primary.mtu == 1500
    assert (found.policy.name if found.policy else None) == engine
    assert (found.policy.confidence if found.policy else None) == confidence


def test_weave_with_a_password_encrypts(world: World) -> None:
    world.two_nodes(reason="WeaveIsUp")
    world.workload(
        "weave-net",
        container("weave", "weaveworks/weave-kube:2.8.1", env={"WEAVE_PASSWORD": "[redacted]"}),
        container("weave-npc", "weaveworks/weave-npc:2.8.1"),
    )
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.encryption, found.primary.mtu) == ("ipsec", 1376)
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("weave", "2.8.1")


def test_azure_with_a_policy_engine_of_its_own(world: World) -> None:
    world.two_nodes(labels={"kubernetes.azure.com/podnetwork-type": "overlay"})
    world.workload("azure-cns", container("cns-container", "azure-cns:v1.8.12"))
    world.workload("azure-npm", container("azure-npm", "azure-npm:v1.5.45"))
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.variant) == ("azure-cni", "overlay")
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("azure-npm", "1.5.45")


def test_openshift_states_its_network(world: World) -> None:
    path = "/apis/config.openshift.io/v1/networks"
    world.two_nodes(labels={"node.openshift.io/os_id": "rhcos"})
    status = {"networkType": "OVNKubernetes", "clusterNetworkMTU": 1400}
    world.put(path, {"metadata": {"name": "cluster"}, "status": status})
    world.status(DAEMON_SETS, 403)
    found = world.detect()
    assert found.distribution == "openshift"
    assert found.primary is not None
    assert (found.primary.name, found.primary.mtu) == ("ovn-kubernetes", 1400)
    assert found.primary.confidence is Confidence.MEDIUM


def test_two_primaries_are_both_shown(world: World) -> None:
    world.two_nodes(reason="FlannelIsUp")
    world.flannel({"Type": "vxlan"})
    world.workload("kindnet", container("kindnet-cni", "kindest/kindnetd:v20260528-9350166c"))
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.MEDIUM)
    assert names(found.chained) == ["kindnet"]
    assert said(found, "More than one primary CNI is ready", "flannel", "kindnet")


def test_network_policies_as_a_workload_of_their_own(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    image = "registry.k8s.io/networking/kube-network-policies:v1.0.0"
    world.workload("kube-network-policies", container("kube-network-policies", image))
    found = world.detect()
    assert found.policy is not None
    assert (found.policy.name, found.policy.version) == ("kube-network-policies", "1.0.0")

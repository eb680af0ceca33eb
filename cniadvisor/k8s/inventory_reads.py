"""What of a cluster is read, and how much of it: data for :mod:`cniadvisor.k8s.inventory`.

Least is best: lists that grow with the cluster are cut (``at_most``) or selected, ConfigMaps are
read one by one, by name, and Secrets never.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

VERSION = "/version"
GROUPS = "/apis"
NODES = "/api/v1/nodes"
PODS = "/api/v1/pods"
EVENTS = "/api/v1/events"
DAEMON_SETS = "/apis/apps/v1/daemonsets"
DEPLOYMENTS = "/apis/apps/v1/deployments"
NETWORK_POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomList:
    """A list of custom resources; ``at_most`` items of it, None for all."""

    group: str
    version: str
    resource: str
    at_most: int | None = None

    @property
    def path(self) -> str:
        """The cluster-wide list's path."""
        return f"/apis/{self.group}/{self.version}/{self.resource}"


CUSTOM_LISTS: tuple[CustomList, ...] = (
    *(
        CustomList(group=group, version=version, resource=resource, at_most=at_most)
        for group, version in (("crd.projectcalico.org", "v1"), ("projectcalico.org", "v3"))
        for resource, at_most in (
            ("clusterinformations", None),
            ("ippools", None),
            # One for the cluster and perhaps one for each node.
            ("felixconfigurations", 100),
            ("bgpconfigurations", 100),
            ("bgppeers", 20),
        )
    ),
    CustomList(group="operator.tigera.io", version="v1", resource="installations"),
    CustomList(group="cilium.io", version="v2", resource="ciliumnodes", at_most=50),
    CustomList(group="cilium.io", version="v2", resource="ciliumendpoints", at_most=50),
    CustomList(group="cilium.io", version="v2", resource="ciliumnodeconfigs", at_most=50),
    CustomList(group="cilium.io", version="v2alpha1", resource="ciliumnodeconfigs", at_most=50),
    CustomList(
        group="k8s.cni.cncf.io",
        version="v1",
        resource="network-attachment-definitions",
        at_most=100,
    ),
    CustomList(group="config.openshift.io", version="v1", resource="networks"),
    CustomList(group="crd.antrea.io", version="v1beta1", resource="antreaagentinfos", at_most=50),
    CustomList(group="kubeovn.io", version="v1", resource="subnets", at_most=20),
    CustomList(group="helm.cattle.io", version="v1", resource="helmcharts", at_most=100),
)

NETWORK_POLICIES_AT_MOST = 20

# One selector cannot say "or" over several labels.
CONTROLLER_SELECTORS: tuple[str, ...] = (
    "k8s-app in (tigera-operator,calico-kube-controllers,calico-typha,calico-apiserver,"
    "whisker,goldmane,calico-webhooks,cilium-operator,hubble-relay,hubble-ui,"
    "clustermesh-apiserver)",
    "app in (antrea,kube-ovn-controller,ovn-central,ovnkube-control-plane,ovnkube-db)",
    "io.cilium/app=operator",
)
"""Labels of the controllers whose Deployments tell something about a CNI."""

KNOWN_NAMESPACES: tuple[str, ...] = (
    "kube-system",
    "kube-flannel",
    "calico-system",
    "tigera-operator",
    "cilium",
    "openshift-ovn-kubernetes",
    "openshift-multus",
    "ovn-kubernetes",
)
"""Where CNI agents live: asked one by one where the whole cluster may not be listed."""

CONFIG_MAP_HOMES: Mapping[str, tuple[str, ...]] = {
    "kube-flannel-cfg": ("kube-system", "kube-flannel"),
    "canal-config": ("kube-system",),
    "rke2-canal-config": ("kube-system",),
    "calico-config": ("kube-system",),
    "cni-config": ("calico-system",),
    "cilium-config": ("kube-system", "cilium"),
    "multus-cni-config": ("kube-system",),
    "multus-daemon-config": ("kube-system",),
    "antrea-config": ("kube-system",),
    "ovn-config": ("ovn-kubernetes", "openshift-ovn-kubernetes"),
    "kube-router-cfg": ("kube-system",),
    "amazon-vpc-cni": ("kube-system",),
    "kube-proxy": ("kube-system",),
    "kube-proxy-config": ("kube-system",),
}
"""Name -> the namespaces its upstream manifests put it into."""

NETWORK_AGENT = re.compile(
    r"flannel|calico|canal|cilium|anetd|multus|antrea|kube-ovn|ovs-ovn|ovnkube|weave|kube-router"
    r"|aws-node|aws-vpc|amazon-k8s-cni|amazon-vpc|azure-cns|azure-npm|azure-vnet|kindnet|netd\b"
    r"|terway|vcn-native|kube-proxy|network-polic|romana|contiv|submariner|\bcni\b|-cni\b|\bcni-",
    re.IGNORECASE,
)
"""Names of workloads, containers and images that belong to a cluster's network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """How many nodes are looked at, and how many pods besides the agents' are kept."""

    nodes: int = 10
    waiting_nodes: int = 2
    pods: int = 20
    pods_of_an_agent: int = 20
    stuck_pods_asked_about: int = 5


SAMPLE = SampleSize()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedConfigMap:
    """A ConfigMap to read by name."""

    namespace: str
    name: str
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "path", f"/api/v1/namespaces/{self.namespace}/configmaps/{self.name}"
        )

"""What each CNI leaves in a cluster, and what of it was found: one table, one reader.

A trace corroborates a CNI whose agents run; without agents the same trace is residue. Everything
here outlives an uninstall except the marks on pods, and those stay as long as the pods do.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cniadvisor.detect import reading
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import ConfFile, Node, Pod
from cniadvisor.detect.evidence import Evidence, Rank, in_favour

NETWORK_STATUS = ("k8s.v1.cni.cncf.io/network-status", "k8s.v1.cni.cncf.io/networks-status")
"""The second is what Multus wrote before 4.0 (before 3.7 nothing else)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one CNI leaves behind.

    Attributes:
        conditions: reasons of the node condition NetworkUnavailable.
        node_annotations, pod_annotations: prefixes.
        config_maps: names, in whichever namespace.
        groups: API groups of its custom resources.
        conf_types: type of the first plugin in its configuration file.
        networks: names it gives the default network in Multus' network-status.
        file: its usual configuration file, for saying what would sort first.
    """

    name: str
    conditions: tuple[str, ...] = ()
    node_annotations: tuple[str, ...] = ()
    pod_annotations: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    conf_types: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    file: str = ""


TRACES: tuple[Trace, ...] = (
    Trace(
        name="flannel",
        conditions=("FlannelIsUp",),
        node_annotations=("flannel.alpha.coreos.com/",),
        config_maps=("kube-flannel-cfg",),
        conf_types=("flannel",),
        networks=("cbr0",),
        file="10-flannel.conflist",
    ),
    Trace(
        name="calico",
        conditions=("CalicoIsUp", "CalicoIsDown"),
        node_annotations=("projectcalico.org/",),
        pod_annotations=("cni.projectcalico.org/",),
        config_maps=("calico-config", "cni-config"),
        groups=("crd.projectcalico.org", "projectcalico.org", "operator.tigera.io"),
        conf_types=("calico",),
        networks=("k8s-pod-network",),
        file="10-calico.conflist",
    ),
    Trace(
        name="canal",
        config_maps=("canal-config", "rke2-canal-config"),
        networks=("k8s-pod-network", "canal"),
        file="10-canal.conflist",
    ),
    Trace(
        name="cilium",
        conditions=("CiliumIsUp",),
        node_annotations=("network.cilium.io/", "io.cilium.network."),
        config_maps=("cilium-config",),
        groups=("cilium.io",),
        conf_types=("cilium-cni",),
        networks=("cilium",),
        file="05-cilium.conflist",
    ),
    Trace(
        name="multus",
        config_maps=("multus-cni-config", "multus-daemon-config"),
        groups=("k8s.cni.cncf.io",),
        conf_types=("multus", "multus-shim"),
        file="00-multus.conf",
    ),
    Trace(
        name="antrea",
        config_maps=("antrea-config",),
        groups=("crd.antrea.io",),
        node_annotations=("node.antrea.io/",),
        conf_types=("antrea",),
        networks=("antrea",),
        file="10-antrea.conflist",
    ),
    Trace(
        name="kube-ovn",
        conditions=("JoinSubnetGatewayReachable", "JoinSubnetGatewayUnreachable"),
        node_annotations=("ovn.kubernetes.io/",),
        pod_annotations=("ovn.kubernetes.io/",),
        groups=("kubeovn.io",),
        conf_types=("kube-ovn",),
        networks=("kube-ovn",),
        file="01-kube-ovn.conflist",
    ),
    Trace(
        name="ovn-kubernetes",
        node_annotations=("k8s.ovn.org/",),
        pod_annotations=("k8s.ovn.org/",),
        config_maps=("ovn-config",),
        groups=("k8s.ovn.org",),
        conf_types=("ovn-k8s-cni-overlay",),
        networks=("ovn-kubernetes",),
        file="10-ovn-kubernetes.conf",
    ),
    Trace(
        name="weave",
        conditions=("WeaveIsUp",),
        conf_types=("weave-net",),
        networks=("weave",),
        file="10-weave.conflist",
    ),
    Trace(
        name="kube-router",
        node_annotations=("kube-router.io/",),
        config_maps=("kube-router-cfg",),
        file="10-kuberouter.conflist",
    ),
    Trace(
        name="aws-vpc-cni",
        pod_annotations=("vpc.amazonaws.com/",),
        config_maps=("amazon-vpc-cni",),
        groups=("crd.k8s.amazonaws.com",),
        conf_types=("aws-cni",),
        networks=("aws-cni",),
        file="10-aws.conflist",
    ),
    Trace(
        name="azure-cni",
        conf_types=("azure-vnet",),
        networks=("azure",),
        file="10-azure.conflist",
    ),
    Trace(name="kindnet", networks=("kindnet",), file="10-kindnet.conflist"),
    Trace(name="bridge", networks=("bridge",), file="1-k8s.conflist"),
)

TRACE_OF: Mapping[str, Trace] = {trace.name: trace for trace in TRACES}
OWNER_OF_REASON: Mapping[str, str] = {
    reason: trace.name for trace in TRACES for reason in trace.conditions
}


# Conditions


def fresh_condition(node: Node, since: str | None) -> bool:
    """Whether the node's condition was written after ``since``; older ones are a former CNI's."""
    return since is None or node.network_heartbeat is None or node.network_heartbeat >= since


# Pods


def mark_of(pod: Pod) -> str | None:
    """Return the CNI whose mark the pod carries, as far as annotations tell."""
    for trace in TRACES:
        for prefix in trace.pod_annotations:
            if any(key.startswith(prefix) for key in pod.annotations):
                return trace.name
    return None


def default_network(pod: Pod) -> str | None:
    """Return the name Multus gave the pod's default network; None without Multus or a name."""
    for entry in _network_status(pod):
        if reading.truth(entry, "default"):
            return reading.text(entry, "name")
    return None


def _network_status(pod: Pod) -> tuple[reading.JsonObject, ...]:
    told = next((text for key in NETWORK_STATUS if (text := pod.annotations.get(key))), None)
    return reading.objects({"entries": reading.parsed(told)}, "entries")


def attachments(pod: Pod) -> tuple[str, ...]:
    """Return the names of the further networks that Multus says it attached."""
    return tuple(
        reading.text(entry, "name") or ""
        for entry in _network_status(pod)
        if not reading.truth(entry, "default")
    )


def in_pod_cidr(pod: Pod, cluster: Cluster) -> bool | None:
    """Whether a pod's address is of its node's podCIDR; None when that can't be told."""
    node = cluster.node_by_name.get(pod.node)
    if node is None or not node.pod_cidrs:
        return None
    networks = [network for cidr in node.pod_cidrs if (network := _network(cidr)) is not None]
    addresses = [address for ip in pod.ips if (address := _address(ip)) is not None]
    if not networks or not addresses:
        return None
    return any(address in network for address in addresses for network in networks)


def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None


def _address(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(ip)
    except ValueError:
        return None


# Configuration files on nodes

RUNTIME_FILES = ("100-crio", "200-loopback", "87-podman", "99-loopback")
"""What container runtimes bring along themselves: nobody's residue."""


def file_owner(file: ConfFile) -> str | None:
    """Return the CNI whose configuration file this is, by its first plugin's type, then its name.

    Canal's file has the type ``calico``, and bridge is what many build on, so a known file name
    decides between those.
    """
    usual = next((t.name for t in TRACES if t.file and _stem(file.name) == _stem(t.file)), None)
    if usual in {"canal", "kindnet", "kube-router", "bridge"} and file.type in {
        "calico",
        "flannel",
        "ptp",
        "bridge",
    }:
        return usual
    typed = next((trace.name for trace in TRACES if file.type in trace.conf_types), None)
    return typed or usual or ("bridge" if file.type == "bridge" else None)


def first_files(
    cluster: Cluster, *, skipped: frozenset[str] = frozenset()
) -> Mapping[str, ConfFile]:
    """Return node -> the configuration file that wires its new pods.

    That is the first one; with Multus in charge (``skipped``) the first after its own.
    """
    return {
        node: left[0]
        for node, files in cluster.conf_files.items()
        if (left := [file for file in files if file_owner(file) not in skipped])
    }


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


# All of it


def traces_of(cluster: Cluster, name: str) -> tuple[Evidence, ...]:
    """Return everything found that ``name`` leaves behind, its agents and pods' marks aside."""
    trace = TRACE_OF.get(name)
    if trace is None:
        return ()
    total = len(cluster.nodes)
    found: list[Evidence] = []
    found.extend(
        in_favour(
            Rank.CONDITION,
            f"{count} of {total} nodes have the condition NetworkUnavailable with reason {reason}",
            source="/api/v1/nodes",
        )
        for reason in trace.conditions
        if (count := cluster.network_reasons[reason])
    )
    for namespace, config_map in cluster.config_maps:
        if config_map in trace.config_maps:
            found.append(
                in_favour(
                    Rank.CONFIG_MAP,
                    f"ConfigMap {namespace}/{config_map} exists, with {name}'s configuration",
                    source="/api/v1/configmaps",
                )
            )
    if _has_prefix(cluster.node_annotation_keys, trace.node_annotations):
        annotated = sum(_has_prefix(n.annotations, trace.node_annotations) for n in cluster.nodes)
        found.append(
            in_favour(
                Rank.ANNOTATION,
                f"{annotated} of {total} nodes carry annotations {trace.node_annotations[0]}*",
                source="/api/v1/nodes",
            )
        )
    found.extend(
        in_favour(
            Rank.API_GROUP,
            f"API group {group} is served, for {name}'s own resources",
            source="/apis",
        )
        for group in trace.groups
        if group in cluster.definition_groups
    )
    holding = [
        (node, file.name)
        for node, files in cluster.conf_files.items()
        for file in files
        if file_owner(file) == name and not file.name.startswith(RUNTIME_FILES)
    ]
    for file_name in sorted({file for _, file in holding}):
        nodes = sum(file == file_name for _, file in holding)
        found.append(
            in_favour(
                Rank.NODE_FILE,
                f"{nodes} of {len(cluster.conf_files)} nodes hold {file_name}",
                source="host:/etc/cni/net.d",
            )
        )
    return tuple(found)


def _has_prefix(keys: Iterable[str], prefixes: tuple[str, ...]) -> bool:
    return bool(prefixes) and any(key.startswith(prefixes) for key in keys)

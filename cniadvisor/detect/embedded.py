"""CNIs that run inside another program and show no workload: k3s, cloud routes, bridge, Auto Mode.

No DaemonSet is not "no CNI". Each rule here needs proof of the distribution and looks at what pods
and nodes say; the more of it there is, the surer the answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cniadvisor.detect import flannel, reading, traces
from cniadvisor.detect.candidate import Candidate, Engine, Slot
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Node, Pod
from cniadvisor.detect.evidence import Evidence, Rank, against, in_favour
from cniadvisor.domain.findings import Confidence, Unknown

NODE_ARGUMENTS = "k3s.io/node-args"
ROUTE_REASONS = frozenset({"RouteCreated"})
CLOUDS_WITH_KUBENET = frozenset({"gke", "aks"})
AUTO_MODE_LABEL = "eks.amazonaws.com/compute-type"
AZURE_LABEL = "kubernetes.azure.com/podnetwork-type"
K3S_BACKENDS = {"wireguard-native": "wireguard", "extension": "tailscale"}
_SOURCE_NODES = "/api/v1/nodes"


def find(
    cluster: Cluster, distribution: str | None, beside: tuple[Candidate, ...]
) -> tuple[Candidate, ...]:
    """Return what runs without a workload, ``beside`` being what has one."""
    primary_runs = any(item.slot is Slot.PRIMARY and item.running for item in beside)
    found: list[Candidate] = []
    if distribution == "k3s":
        found.extend(_k3s(cluster, primary_runs=primary_runs))
    if distribution == "microk8s":
        found.append(_inside("kube-proxy", "kubelite", "MicroK8s runs kube-proxy inside kubelite"))
    if primary_runs or any(item.slot is Slot.PRIMARY for item in beside):
        return tuple(found)
    if any(item.slot is Slot.PRIMARY for item in found):
        return tuple(found)
    if cluster.nodes and all(node.without_cni for node in cluster.nodes):
        return tuple(found)
    for rule in (_eks_auto_mode, _kubenet, _azure_without_workload, _bridge):
        if candidate := rule(cluster, distribution):
            return (*found, candidate)
    return tuple(found)


# k3s


@dataclass(frozen=True, slots=True, kw_only=True)
class _K3sArguments:
    """Network flags of the k3s servers; agents have none. Values of other flags stay out."""

    read: bool
    backend: str | None
    policy_off: bool
    proxy_off: bool
    proxy_mode: str | None = None


def _k3s(cluster: Cluster, *, primary_runs: bool) -> tuple[Candidate, ...]:
    arguments = k3s_arguments(cluster.nodes)
    found: list[Candidate] = []
    flannel_runs = arguments.backend != "none" and (arguments.read or not primary_runs)
    if flannel_runs:
        found.append(_k3s_flannel(cluster, arguments, primary_runs=primary_runs))
    if not arguments.proxy_off:
        told = "k3s runs kube-proxy inside its own process"
        found.append(_inside("kube-proxy", "embedded", told, mode=arguments.proxy_mode))
    # The controller has a switch of its own: it runs beside another CNI as well.
    if not arguments.policy_off and (arguments.read or (flannel_runs and not primary_runs)):
        found.append(_k3s_policy(arguments))
    return tuple(found)


def _k3s_flannel(cluster: Cluster, arguments: _K3sArguments, *, primary_runs: bool) -> Candidate:
    running = flannel.running_backends(cluster)
    annotated = sum(running.values())
    backend = running.most_common(1)[0][0] if running else arguments.backend or "vxlan"
    mode = K3S_BACKENDS.get(backend, backend)
    inside, outside = _pods_by_pod_cidr(cluster)
    evidence: list[Evidence] = []
    if annotated:
        evidence.append(
            in_favour(
                Rank.ANNOTATION,
                f"{annotated} of {len(cluster.nodes)} nodes say that backend {backend} runs",
                source=_SOURCE_NODES,
            )
        )
    if arguments.read:
        told = arguments.backend or "not set, which means vxlan"
        evidence.append(
            in_favour(
                Rank.CONDITION,
                f"k3s servers' arguments: flannel-backend {told}",
                source=_SOURCE_NODES,
            )
        )
    else:
        evidence.append(
            in_favour(Rank.RESOURCE, "k3s runs Flannel unless told otherwise", source="/version")
        )
    evidence += _pod_cidr_evidence(inside, outside)
    everywhere = bool(cluster.nodes) and annotated >= sum(node.ready for node in cluster.nodes) > 0
    if arguments.read and everywhere and inside and not outside:
        sure = Confidence.HIGH
    elif (arguments.read or everywhere) and not outside:
        sure = Confidence.MEDIUM
    else:
        sure = Confidence.LOW
    nodes = cluster.refusal("", "nodes")
    return Candidate(
        name="flannel",
        slot=Slot.EMBEDDED if primary_runs else Slot.PRIMARY,
        covers=frozenset({"flannel"}),
        variant="embedded",
        mode=mode,
        mtu=flannel.pod_mtu(mode, {}),
        encryption="wireguard" if mode == "tailscale" else flannel.ENCRYPTION.get(mode),
        pod_cidr=True,
        details={"ipam": "host-local", "inside": "k3s"},
        sure=sure,
        embedded=True,
        seen_on=annotated if cluster.nodes else None,
        evidence=tuple(evidence),
        warnings=(
            "k3s's own Flannel is not switched off (--flannel-backend=none) although another CNI"
            " runs: both write a CNI configuration.",
        )
        if primary_runs
        else (),
        unknown=(
            Unknown(what=f"k3s's Flannel backend and its nodes: {nodes.what}", right=nodes.right),
        )
        if nodes
        else (),
    )


def k3s_arguments(nodes: Iterable[Node]) -> _K3sArguments:
    """Return the servers' network flags; agents' arguments hold none of them."""
    read = policy_off = proxy_off = False
    backend: str | None = None
    proxy_mode: str | None = None
    for node in nodes:
        document = reading.parsed(node.annotations.get(NODE_ARGUMENTS))
        words = reading.texts({"words": document}, "words")
        if not words or words[0] != "server":
            continue
        read = True
        for index, word in enumerate(words):
            flag, equals, value = word.partition("=")
            following = value if equals else "".join(words[index + 1 : index + 2])
            match flag.lstrip("-"):
                case "flannel-backend":
                    backend = following.strip("\"'").lower() or backend
                case "disable-network-policy":
                    policy_off = following.lower() != "false"
                case "disable-kube-proxy":
                    proxy_off = following.lower() != "false"
                case "kube-proxy-arg":
                    name, _, mode = following.lstrip("-").partition("=")
                    proxy_mode = mode.lower() if name == "proxy-mode" else proxy_mode
                case _:
                    pass
    return _K3sArguments(
        read=read,
        backend=backend,
        policy_off=policy_off,
        proxy_off=proxy_off,
        proxy_mode=proxy_mode or None,
    )


def _k3s_policy(arguments: _K3sArguments) -> Candidate:
    told = "k3s enforces NetworkPolicy with kube-router's controller inside its own process"
    doubt = "" if arguments.read else "whether --disable-network-policy is set could not be read"
    evidence = in_favour(Rank.CONDITION, told, source=_SOURCE_NODES)
    return Candidate(
        name="kube-router",
        slot=Slot.EMBEDDED,
        covers=frozenset({"kube-router"}),
        variant="embedded",
        sure=Confidence.LOW if doubt else Confidence.HIGH,
        evidence=(evidence,),
        engine=Engine(name="kube-router", variant="embedded", evidence=evidence, doubt=doubt),
    )


def _inside(name: str, variant: str, told: str, *, mode: str | None = None) -> Candidate:
    return Candidate(
        name=name,
        slot=Slot.EMBEDDED,
        covers=frozenset({name}),
        variant=variant,
        mode=mode,
        sure=Confidence.MEDIUM,
        evidence=(in_favour(Rank.CONDITION, told, source=_SOURCE_NODES),),
    )


# Clouds


def _eks_auto_mode(cluster: Cluster, distribution: str | None) -> Candidate | None:
    auto = sum(node.labels.get(AUTO_MODE_LABEL) == "auto" for node in cluster.nodes)
    if distribution != "eks" or auto == 0:
        return None
    everywhere = auto == len(cluster.nodes)
    settings = cluster.config_map("kube-system", "amazon-vpc-cni") or {}
    engine = None
    if reading.truth(settings.get("enable-network-policy-controller")):
        told = "ConfigMap kube-system/amazon-vpc-cni switches the network policy controller on"
        engine = Engine(
            name="aws-eks-nodeagent",
            variant="eks-auto-mode",
            evidence=in_favour(Rank.CONFIG_MAP, told, source="/api/v1/configmaps"),
        )
    return Candidate(
        name="aws-vpc-cni",
        slot=Slot.PRIMARY,
        covers=frozenset({"aws-vpc-cni"}),
        variant="eks-auto-mode",
        mode="native",
        encryption="none",
        sure=Confidence.HIGH if everywhere else Confidence.MEDIUM,
        embedded=True,
        engine=engine,
        seen_on=auto,
        evidence=(
            in_favour(
                Rank.CONDITION,
                f"{auto} of {len(cluster.nodes)} nodes are of EKS Auto Mode, whose CNI runs on the"
                " node and shows no DaemonSet",
                source=_SOURCE_NODES,
            ),
        ),
    )


def _kubenet(cluster: Cluster, distribution: str | None) -> Candidate | None:
    """Routes of the cloud to each node's podCIDR, and pods with addresses of it (GKE adds netd)."""
    netd = next((w for w in cluster.daemon_sets if w.running and w.container("netd")), None)
    routed = sum(
        node.network_reason in ROUTE_REASONS and node.network_status == "False"
        for node in cluster.nodes
    )
    inside, outside = _pods_by_pod_cidr(cluster)
    if (routed == 0 and netd is None) or (outside and not inside):
        return None
    evidence = _pod_cidr_evidence(inside, outside)
    if routed:
        evidence.append(
            in_favour(
                Rank.CONDITION,
                f"{routed} of {len(cluster.nodes)} nodes tell NetworkUnavailable with reason"
                " RouteCreated: the cloud routes their podCIDR",
                source=_SOURCE_NODES,
            )
        )
    if netd is not None:
        told = f"{netd} sets up GKE's nodes for it: {netd.ready} ready"
        evidence.append(in_favour(Rank.RESOURCE, told, source="/apis/apps/v1/daemonsets"))
    cloud = distribution in CLOUDS_WITH_KUBENET
    sure = Confidence.LOW
    if cloud or inside:
        sure = Confidence.MEDIUM
    if cloud and inside and not outside and routed == len(cluster.nodes):
        sure = Confidence.HIGH
    return Candidate(
        name="kubenet",
        slot=Slot.PRIMARY,
        covers=frozenset({"kubenet", "bridge"}),
        variant="cloud-routes",
        mode="native",
        encryption="none",
        pod_cidr=True,
        details={"ipam": "host-local"},
        sure=sure,
        embedded=True,
        seen_on=routed if cluster.nodes else None,
        evidence=tuple(evidence),
    )


def _azure_without_workload(cluster: Cluster, distribution: str | None) -> Candidate | None:
    kinds = [node.labels[AZURE_LABEL] for node in cluster.nodes if node.labels.get(AZURE_LABEL)]
    if distribution != "aks" or not kinds:
        return None
    return Candidate(
        name="azure-cni",
        slot=Slot.PRIMARY,
        covers=frozenset({"azure-cni"}),
        variant=kinds[0],
        mode="native",
        mtu=1500,
        encryption="none",
        sure=Confidence.MEDIUM,
        embedded=True,
        evidence=(
            in_favour(
                Rank.CONDITION,
                f"{len(kinds)} of {len(cluster.nodes)} nodes have the label {AZURE_LABEL}"
                f"={kinds[0]}",
                source=_SOURCE_NODES,
            ),
        ),
    )


# minikube


def _bridge(cluster: Cluster, distribution: str | None) -> Candidate | None:
    """The bridge plugin alone: minikube's default for one node, or a file somebody wrote."""
    first = traces.first_files(cluster)
    bridged = sum(traces.file_owner(file) == "bridge" for file in first.values())
    if distribution != "minikube" and not (bridged and bridged == len(first)):
        return None
    inside, outside = _pods_by_pod_cidr(cluster)
    if outside and not inside and not bridged:
        return None
    evidence: list[Evidence] = []
    if distribution == "minikube":
        evidence.append(
            in_favour(
                Rank.CONDITION,
                "minikube without a CNI's DaemonSet uses the bridge plugin",
                source=_SOURCE_NODES,
            )
        )
    if bridged:
        evidence.append(
            in_favour(
                Rank.NODE_FILE,
                f"The bridge plugin is in the first CNI configuration on {bridged} of {len(first)}"
                " nodes read",
                source="host:/etc/cni/net.d",
            )
        )
    evidence += _pod_cidr_evidence(inside, outside)
    one_node = len(cluster.nodes) == 1
    sure = Confidence.LOW
    if inside or bridged:
        sure = Confidence.HIGH if bridged and (inside or one_node) else Confidence.MEDIUM
    return Candidate(
        name="bridge",
        slot=Slot.PRIMARY,
        covers=frozenset({"bridge"}),
        variant="minikube" if distribution == "minikube" else None,
        mode="bridge",
        mtu=1500,
        encryption="none",
        pod_cidr=True,
        details={"ipam": "host-local"},
        sure=sure,
        embedded=True,
        evidence=tuple(evidence),
    )


# Pods


def _pods_by_pod_cidr(cluster: Cluster) -> tuple[list[Pod], list[Pod]]:
    inside: list[Pod] = []
    outside: list[Pod] = []
    for pod in cluster.pods:
        lies = traces.in_pod_cidr(pod, cluster) if pod.wired else None
        if lies is not None:
            (inside if lies else outside).append(pod)
    return inside, outside


def _pod_cidr_evidence(inside: list[Pod], outside: list[Pod]) -> list[Evidence]:
    told: list[Evidence] = []
    if inside:
        told.append(
            in_favour(
                Rank.POD,
                f"{len(inside)} sampled pods have addresses of their node's podCIDR",
                source="/api/v1/pods",
            )
        )
    if outside:
        told.append(
            against(
                Rank.POD,
                f"{len(outside)} sampled pods have addresses outside their node's podCIDR",
                source="/api/v1/pods",
            )
        )
    return told

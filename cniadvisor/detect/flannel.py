"""Flannel: who it is, its backend (vxlan, host-gw, wireguard, ...), MTU and encryption.

A DaemonSet whose pods hold the container ``kube-flannel`` (or ``flannel``) and no Calico container;
with one it is Canal, see canal.py. Flannel inside k3s is in embedded.py.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cniadvisor.detect import reading
from cniadvisor.detect.candidate import (
    Candidate,
    Engine,
    Slot,
    agent_evidence,
    installed_by,
    version_from,
)
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Container, Workload
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.domain.findings import Unknown

CONTAINERS = ("kube-flannel", "flannel")
ANNOTATION_PREFIX = "flannel.alpha.coreos.com"
UNDERLAY_MTU = 1500
"""What pod MTUs are told for: the API does not say what the nodes' NICs have."""

CONFIGURABLE_MTU = frozenset({"vxlan", "wireguard"})
OVERHEAD_BYTES: Mapping[str, int] = {
    "vxlan": 50,
    "host-gw": 0,
    "wireguard": 80,
    "ipip": 20,
    "udp": 28,
    "ipsec": 77,
}
ENCRYPTION: Mapping[str, str] = {
    "vxlan": "none",
    "host-gw": "none",
    "ipip": "none",
    "udp": "none",
    "wireguard": "wireguard",
    "ipsec": "ipsec",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Datapath:
    """How Flannel carries packets between nodes, and where that was read."""

    mode: str | None
    cross_subnet: bool
    mtu: int | None
    mtu_source: str
    encryption: str | None
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    unknown: tuple[Unknown, ...]


def find(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return Flannel if there is a workload of it, running or not."""
    agents = tuple(w for w in cluster.daemon_sets if is_flannel(w) and not w.switched_off)
    if not agents:
        return ()
    first = max(agents, key=lambda workload: workload.ready)
    container = flannel_container(first)
    known = container is not None and image_is_flannel(container)
    copied = (one for one in first.init_containers if image_is_flannel(one))
    version, source = version_from(container, first, copied)
    path = datapath(cluster, first)
    details = {"ipam": "host-local"} | ({"mtu_source": path.mtu_source} if path.mtu else {})
    if version is None:
        details["version_unknown"] = source
    return (
        Candidate(
            name="flannel",
            slot=Slot.PRIMARY,
            covers=frozenset({"flannel"}),
            workloads=agents,
            image_known=known,
            variant=installed_by(first),
            version=version,
            mode=path.mode,
            cross_subnet=path.cross_subnet,
            mtu=path.mtu,
            encryption=path.encryption,
            details=details,
            pod_cidr=True,
            engine=netpol_sidecar(first),
            evidence=agent_evidence(agents, "kube-flannel", image_known=known) + path.evidence,
            warnings=path.warnings,
            unknown=path.unknown,
        ),
    )


def netpol_sidecar(workload: Workload) -> Engine | None:
    """Return the policy engine that the chart's ``netpol.enabled`` adds to flanneld's pods."""
    container = workload.container("kube-network-policies")
    if container is None:
        return None
    return Engine(
        name="kube-network-policies",
        version=container.image.version,
        variant="sidecar",
        evidence=in_favour(
            Rank.AGENT,
            f"{workload} has the container kube-network-policies, image"
            f" {container.image.reference}",
            source="/apis/apps/v1/daemonsets",
        ),
    )


def is_flannel(workload: Workload) -> bool:
    """Whether the workload's pods run flanneld, and not beside Calico as Canal does."""
    return flannel_container(workload) is not None and workload.container("calico-node") is None


def flannel_container(workload: Workload) -> Container | None:
    """Return the container that runs flanneld, by two of its name, its image and its command."""
    for container in workload.containers:
        named = container.name in CONTAINERS
        image = image_is_flannel(container)
        own_words = any("flanneld" in word or "kube-subnet-mgr" in word for word in container.words)
        if (named and (image or own_words)) or (image and own_words):
            return container
    return None


def image_is_flannel(container: Container) -> bool:
    """Whether the image is flanneld's; ``flannel-cni-plugin`` is another program."""
    name = container.image.name
    return "flannel" in name and "cni-plugin" not in name


def datapath(cluster: Cluster, workload: Workload) -> Datapath:
    """Return backend, MTU and encryption: nodes tell what runs, the ConfigMap what is configured.

    The ConfigMap is read by flanneld at start only, so the nodes' annotation wins and a difference
    is an edit that was not followed by a restart.
    """
    running = running_backends(cluster, workload)
    config, config_source, unknown = net_conf(cluster, workload)
    configured = configured_backend(config) if config is not None else None
    mode = running.most_common(1)[0][0] if running else configured
    evidence: list[Evidence] = []
    warnings: list[str] = []
    for backend, count in running.most_common():
        evidence.append(
            in_favour(
                Rank.ANNOTATION,
                f"{count} of {len(cluster.nodes)} nodes say that backend {backend} runs",
                source="/api/v1/nodes",
            )
        )
    if configured is not None:
        missing = "" if _backend(config) else " (no Backend in it, which means udp)"
        evidence.append(
            in_favour(
                Rank.CONFIG_MAP,
                f"{config_source} configures backend {configured}{missing}",
                source="/api/v1/configmaps",
            )
        )
    if len(running) > 1:
        told = ", ".join(f"{name} on {count}" for name, count in running.most_common())
        warnings.append(
            f"Flannel runs different backends: {told} nodes; restart the agents that are behind."
        )
    if running and configured is not None and set(running) != {configured}:
        warnings.append(
            f"Flannel's configuration was edited, not restarted: {config_source} says {configured},"
            f" the nodes run {mode}. Restart the DaemonSet or undo the edit."
        )
    matching = config if mode == configured else None
    return Datapath(
        mode=mode,
        cross_subnet=mode in {"vxlan", "ipip"}
        and reading.truth(_backend(matching), "directrouting") is True,
        mtu=pod_mtu(mode, _backend(matching)),
        mtu_source=mtu_source(mode, _backend(matching)),
        encryption=ENCRYPTION.get(mode or ""),
        evidence=tuple(evidence),
        warnings=tuple(warnings),
        unknown=() if mode is not None else unknown,
    )


def running_backends(cluster: Cluster, workload: Workload | None = None) -> Counter[str]:
    """Count the backends that nodes' annotations name, Ready nodes only."""
    container = flannel_container(workload) if workload else None
    option = container.option("kube-annotation-prefix") if container else None
    prefix = (option or ANNOTATION_PREFIX).rstrip("/")
    values = (
        node.annotations.get(f"{prefix}/backend-type") for node in cluster.nodes if node.ready
    )
    return Counter(value.lower() for value in values if value)


def net_conf(
    cluster: Cluster, workload: Workload
) -> tuple[reading.JsonObject | None, str, tuple[Unknown, ...]]:
    """Return net-conf.json with lower-case keys, its ConfigMap's name, and why it is unknown."""
    names = (*workload.config_maps, "kube-flannel-cfg", "canal-config")
    for name in dict.fromkeys(names):
        data = cluster.config_map(workload.namespace, name)
        if data is not None and "net-conf.json" in data:
            source = f"ConfigMap {workload.namespace}/{name}"
            document = reading.parsed(data["net-conf.json"])
            if isinstance(document, dict):
                return reading.folded(document), source, ()
            broken = f"Flannel's backend: net-conf.json of {source} is not valid JSON"
            return None, source, (Unknown(what=broken, right="mend the ConfigMap"),)
    for name in dict.fromkeys(names):
        if refusal := cluster.config_map_refusal(workload.namespace, name):
            return (
                None,
                "",
                (Unknown(what=f"Flannel's backend: {refusal.what}", right=refusal.right),),
            )
    nodes = cluster.refusal("", "nodes")
    return (
        None,
        "",
        (
            Unknown(
                what="Flannel's backend: no net-conf.json in a ConfigMap, no annotation on a node",
                right=nodes.right
                if nodes
                else "read flanneld's own configuration (etcd or a file)",
            ),
        ),
    )


def configured_backend(config: reading.JsonObject) -> str:
    """Return the backend type of a net-conf.json with lower-case keys; without one it is udp."""
    return (reading.text(_backend(config), "type") or "udp").lower()


def mtu_source(mode: str | None, backend: reading.JsonObject) -> str:
    """Return whether the pod MTU is configured or implied."""
    if mode in CONFIGURABLE_MTU and (reading.integer(backend, "mtu") or 0) > 0:
        return "net-conf.json"
    return f"implied for nodes with {UNDERLAY_MTU}"


def pod_mtu(mode: str | None, backend: reading.JsonObject) -> int | None:
    """Return the pod MTU of a backend: the underlay's, or the configured one, less its header."""
    overhead = OVERHEAD_BYTES.get(mode or "")
    if overhead is None:
        return None
    configured = reading.integer(backend, "mtu") or 0
    underlay = configured if mode in CONFIGURABLE_MTU and configured > 0 else UNDERLAY_MTU
    if mode == "ipsec" and reading.truth(backend, "udpencap"):
        overhead += 8
    return underlay - overhead if underlay > overhead else None


def _backend(config: reading.JsonObject | None) -> reading.JsonObject:
    return reading.mapping(config, "backend")

"""Cilium: tunnel or native routing, chained or primary, kube-proxy replacement, encryption.

Its settings are in ``cilium-config`` under keys that changed over time: up to 1.13 ``tunnel`` says
it all, since 1.14 ``routing-mode`` decides and ``tunnel-protocol`` is set even where no tunnel is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from cniadvisor.detect.images import release
from cniadvisor.domain.findings import Unknown
from cniadvisor.domain.words import named

CONTAINER = "cilium-agent"
CONFIG_MAP = "cilium-config"
OVERRIDES = ("cilium-config-emergency-override",)
"""GKE's: what is in it wins over ``cilium-config``; mostly it is not there."""
UNDERLAY_MTU = 1500
TUNNEL_BYTES = 50
TUNNEL_BYTES_V6_UNDERLAY = 70
WIREGUARD_BYTES = 80
IPSEC_BYTES = 77
DSR_GENEVE_BYTES = 12
WIREGUARD_KEYS = ("network.cilium.io/wg-pub-key", "io.cilium.network.wg-pub-key")
"""The second is what releases before 1.13 write."""
ROUTED_IPAM = frozenset({"eni", "azure", "alibabacloud", "delegated-plugin"})
"""Pods have addresses of the cloud's own network there, so that no tunnel is possible."""
DETAIL_KEYS = ("ipam", "datapath-mode", "bpf-lb-mode", "enable-l7-proxy", "enable-hubble")


def find(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return Cilium if there is a workload of it: as primary, or chained behind another CNI."""
    agents = tuple(w for w in cluster.daemon_sets if is_cilium(w) and not w.switched_off)
    if not agents:
        return ()
    first = max(agents, key=lambda workload: workload.ready)
    container = cilium_container(first)
    if container is None:
        return ()
    known = image_is_cilium(container)
    operators = (w.container("cilium-operator") for w in cluster.deployments)
    version, how = version_from(container, first, operators)
    config = settings(cluster, first, container)
    role = role_of(cluster, config)
    evidence = agent_evidence(agents, CONTAINER, image_known=known)
    engine = policy_engine(config, version, evidence[0])
    encryption, encryption_warnings = encryption_of(cluster, config)
    shared = Candidate(
        name="cilium",
        slot=role.slot,
        covers=frozenset({"cilium"}),
        workloads=agents,
        image_known=known,
        variant=role.variant or variant_of(cluster, first, config),
        version=version,
        evidence=(*evidence, *role.evidence),
        doubts=role.doubts,
        engine=engine,
        encryption=encryption,
        kube_proxy=kube_proxy_replacement(config) if config.known else None,
        details=details_of(config) | ({} if version else {"version_unknown": how}),
        warnings=(*role.warnings, *encryption_warnings, *_policy_warnings(config)),
    )
    if role.slot is not Slot.PRIMARY:
        return (shared,)
    return (_as_primary(cluster, shared, config),)


def _as_primary(cluster: Cluster, candidate: Candidate, config: "Settings") -> Candidate:
    mode, why = routing(config, release(candidate.version)) if config.known else (None, "")
    doubts = candidate.doubts
    if not config.known:
        doubts += ("Cilium's settings could not be read",)
    unknown: tuple[Unknown, ...] = ()
    if config.refusal is not None:
        unknown = (
            Unknown(
                what=f"Cilium's routing mode, encryption and role: {config.refusal.what}",
                right=config.refusal.right,
            ),
        )
    evidence = candidate.evidence
    if why:
        evidence += (in_favour(Rank.CONFIG_MAP, f"{config.source}: {why}", source=config.path),)
    return replace(
        candidate,
        mode=mode,
        mtu=route_mtu(config, mode, candidate.encryption) if mode is not None else None,
        pod_cidr=config.get("ipam") == "kubernetes",
        evidence=evidence,
        doubts=doubts,
        warnings=(*candidate.warnings, *per_node_settings(cluster)),
        unknown=unknown,
        details={**candidate.details, **({"mtu_source": mtu_source(config)} if mode else {})},
    )


# Who it is


def cilium_container(workload: Workload) -> Container | None:
    """Return the container that runs cilium-agent, by name and by image or command."""
    container = workload.container(CONTAINER)
    if container is None:
        return None
    own = any(word.rpartition("/")[2] == "cilium-agent" for word in container.words)
    return container if image_is_cilium(container) or own else None


def image_is_cilium(container: Container) -> bool:
    """Whether the image is the agent's (mirrors and clouds keep the word in the last part)."""
    return "cilium" in container.image.name


def is_cilium(workload: Workload) -> bool:
    """Whether the workload's pods run cilium-agent, whatever it is called (GKE: anetd)."""
    return cilium_container(workload) is not None


def variant_of(cluster: Cluster, workload: Workload, config: "Settings") -> str:
    """Return how Cilium came here: a cloud's own build, a chart or a manifest."""
    if workload.name.startswith("anetd"):
        return "gke-dataplane-v2"
    aks = any("kubernetes.azure.com/ebpf-dataplane" in node.labels for node in cluster.nodes)
    if aks or (config.get("ipam") == "delegated-plugin" and _has_azure_cns(cluster)):
        return "azure-cni-powered-by-cilium"
    return installed_by(workload)


def _has_azure_cns(cluster: Cluster) -> bool:
    return any(w.running and "azure-cns" in w.name for w in cluster.daemon_sets)


# Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Cilium's settings; the agent's own arguments win over the ConfigMap."""

    known: bool
    values: Mapping[str, str]
    source: str
    refusal: Unknown | None

    path: str = "/api/v1/configmaps"

    def get(self, key: str) -> str:
        """Return a value in lower case; "" when it is not set."""
        return self.values.get(key, "").strip().lower()

    def on(self, key: str) -> bool:
        """Whether a switch is on; most are absent when they are off."""
        return self.get(key) in {"true", "1"}


def settings(cluster: Cluster, workload: Workload, container: Container) -> Settings:
    """Return the settings from ``cilium-config`` beside the agent, and from its arguments."""
    mounted = [n for n in workload.config_maps if n.startswith(CONFIG_MAP) and n not in OVERRIDES]
    name = CONFIG_MAP if CONFIG_MAP in mounted or not mounted else mounted[0]
    data = cluster.config_map(workload.namespace, name)
    overrides: dict[str, str] = {}
    for override in OVERRIDES:
        overrides.update(cluster.config_map(workload.namespace, override) or {})
    arguments: dict[str, str] = {}
    for word in container.words:
        flag, equals, value = word.partition("=")
        if flag.startswith("--"):
            arguments[flag[2:]] = value if equals else "true"
    refusal = cluster.config_map_refusal(workload.namespace, name)
    return Settings(
        known=data is not None or "routing-mode" in arguments or "tunnel" in arguments,
        values={**(data or {}), **overrides, **arguments},
        source=f"ConfigMap {workload.namespace}/{name}",
        refusal=Unknown(what=refusal.what, right=refusal.right) if refusal else None,
    )


def details_of(config: Settings) -> dict[str, str]:
    """Return further settings worth showing; the IPAM default is cluster-pool."""
    found = {key.replace("-", "_"): value for key in DETAIL_KEYS if (value := config.get(key))}
    if config.known:
        found.setdefault("ipam", "cluster-pool")
    if config.on("enable-ztunnel"):
        found["ztunnel"] = "mutual TLS for enrolled namespaces"
    return found


# Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Whether Cilium wires pods itself."""

    slot: Slot
    variant: str | None = None
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def role_of(cluster: Cluster, config: Settings) -> Role:
    """Return primary, or chained: behind another CNI, or waiting for a migration.

    The chaining mode ``portmap`` only adds host ports: Cilium stays primary (RKE2's default).
    With ``custom-cni-conf`` Cilium writes no configuration of its own and may be Ready and unused;
    the pods it manages tell.
    """
    chaining = config.get("cni-chaining-mode")
    if chaining not in {"", "none", "portmap"}:
        told = f"{config.source}: cni-chaining-mode {chaining}, so another CNI wires pods"
        return Role(
            slot=Slot.CHAINED,
            variant=chaining,
            evidence=(in_favour(Rank.CONFIG_MAP, told, source=config.path),),
        )
    if not config.on("custom-cni-conf"):
        return Role(slot=Slot.PRIMARY)
    endpoints = len(cluster.objects("cilium.io", "ciliumendpoints"))
    migrated = [
        node.name
        for node in cluster.nodes
        if node.labels.get("io.cilium.migration/cilium-default") == "true"
    ]
    told = f"{config.source}: custom-cni-conf, and Cilium manages {endpoints} pods"
    evidence = (in_favour(Rank.CONFIG_MAP, told, source=config.path),)
    if migrated and len(migrated) < len(cluster.nodes):
        share = f"{len(migrated)} of {len(cluster.nodes)} nodes"
        moving = (f"A migration to Cilium is under way: {share} use it.",)
    else:
        moving = ()
    if endpoints == 0 and cluster.complete("cilium.io", "ciliumendpoints"):
        return Role(slot=Slot.CHAINED, variant="standby", evidence=evidence, warnings=moving)
    if config.get("enable-policy") == "never" and 2 * len(migrated) <= len(cluster.nodes):
        return Role(slot=Slot.CHAINED, variant="standby", evidence=evidence, warnings=moving)
    doubts: tuple[str, ...] = ()
    if endpoints == 0:
        doubts = ("custom-cni-conf is set, and which pods Cilium manages could not be read",)
    return Role(slot=Slot.PRIMARY, evidence=evidence, warnings=moving, doubts=doubts)


# Routing, encryption, MTU


def routing(config: Settings, version: tuple[int, ...]) -> tuple[str | None, str]:
    """Return vxlan, geneve or native, and the settings that say so.

    An agent before 1.14 does not know ``routing-mode``; a later one prefers it to ``tunnel``.
    """
    tunnel, mode = config.get("tunnel"), config.get("routing-mode")
    protocol = config.get("tunnel-protocol") or "vxlan"
    old_agent = bool(version) and version < (1, 14)
    if tunnel and (old_agent or not mode):
        return ("native" if tunnel == "disabled" else tunnel), f"tunnel {tunnel}"
    if mode == "native":
        return "native", "routing-mode native"
    if mode == "tunnel":
        return protocol, f"routing-mode tunnel, tunnel-protocol {protocol}"
    if config.get("ipam") in ROUTED_IPAM:
        return "native", f"ipam {config.get('ipam')}, which knows no tunnel"
    return protocol, f"no routing-mode, which means tunnel; tunnel-protocol {protocol}"


def encryption_of(cluster: Cluster, config: Settings) -> tuple[str | None, tuple[str, ...]]:
    """Return what encrypts between nodes, and what does not fit."""
    if not config.known:
        return None, ()
    if config.on("enable-ipsec"):
        return "ipsec", ()
    if not config.on("enable-wireguard"):
        return "none", ()
    nodes = cluster.objects("cilium.io", "ciliumnodes")
    keyed = sum(
        any(reading.text(node, "metadata", "annotations", key) for key in WIREGUARD_KEYS)
        for node in nodes
    )
    if nodes and keyed < len(nodes):
        return "wireguard", (
            f"Cilium's WireGuard is enabled, but only {keyed} of {len(nodes)} nodes have published"
            " a key: traffic to the others is not encrypted.",
        )
    return "wireguard", ()


def mtu_source(config: Settings) -> str:
    """Return whether the MTU is configured or implied."""
    configured = reading.integer(config.get("mtu")) or 0
    return "cilium-config" if configured > 0 else f"implied for nodes with {UNDERLAY_MTU}"


def route_mtu(config: Settings, mode: str | None, encryption: str | None) -> int | None:
    """Return the MTU on pods' routes; their interface shows the underlay's all the same."""
    configured = reading.integer(config.get("mtu")) or 0
    mtu = configured if configured > 0 else UNDERLAY_MTU
    if mode in {"vxlan", "geneve"}:
        v6 = config.get("underlay-protocol") == "ipv6"
        mtu -= TUNNEL_BYTES_V6_UNDERLAY if v6 else TUNNEL_BYTES
    mtu -= {"wireguard": WIREGUARD_BYTES, "ipsec": IPSEC_BYTES}.get(encryption or "", 0)
    if config.get("bpf-lb-mode") == "dsr" and config.get("bpf-lb-dsr-dispatch") == "geneve":
        mtu -= DSR_GENEVE_BYTES
    return mtu if mtu > 0 else None


# Policy, kube-proxy, per-node settings


def policy_engine(config: Settings, version: str | None, evidence: Evidence) -> Engine | None:
    """Return Cilium as policy engine, unless its settings say that it enforces nothing."""
    if config.get("enable-policy") == "never" or config.get("enable-k8s-networkpolicy") == "false":
        return None
    doubt = "" if config.known else "whether Cilium enforces policy could not be read"
    return Engine(name="cilium", version=version, evidence=evidence, doubt=doubt)


def _policy_warnings(config: Settings) -> tuple[str, ...]:
    if config.get("enable-policy") == "never":
        return ("Cilium's enable-policy is never: it enforces no NetworkPolicy.",)
    if config.get("enable-k8s-networkpolicy") == "false":
        return ("Cilium's enable-k8s-networkpolicy is false: NetworkPolicy is not enforced.",)
    return ()


def kube_proxy_replacement(config: Settings) -> str:
    """Return replaced, partial or kept: true and strict replace, probe and partial in part."""
    word = config.get("kube-proxy-replacement")
    if word in {"true", "strict"}:
        return "replaced"
    return "partial" if word in {"partial", "probe"} else "kept"


def per_node_settings(cluster: Cluster) -> tuple[str, ...]:
    """Settings that differ per node, which the ConfigMap does not show."""
    names = sorted(
        reading.text(item, "metadata", "name") or "unnamed"
        for item in cluster.objects("cilium.io", "ciliumnodeconfigs")
    )
    if not names:
        return ()
    return (
        f"Cilium's settings differ on some nodes (CiliumNodeConfig {named(names)}):"
        " what is said here of mode and encryption may not hold there.",
    )

"""Calico's way between nodes: IPIP or VXLAN (always or across subnets), BGP, or neither.

Each IPPool says its own encapsulation; the pool most pods have addresses of is the one reported.
CLUSTER_TYPE says "bgp" even where VXLAN is used, so it is not asked.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from cniadvisor.detect import reading
from cniadvisor.detect.calico_felix import Felix
from cniadvisor.detect.calico_resources import Installation, stored_objects
from cniadvisor.detect.cluster import Cluster, Refusal
from cniadvisor.detect.cluster_objects import Container, Workload
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.domain.findings import Unknown
from cniadvisor.domain.inventory import JsonObject

UNDERLAY_MTU = 1500
OVERHEAD_BYTES: Mapping[str, int] = {
    "ipip": 20,
    "vxlan": 50,
    "vxlan-v6": 70,
    "wireguard": 60,
    "wireguard-v6": 80,
}
NODE_ADDRESS = "projectcalico.org/IPv4Address"
AKS_WIREGUARD_BYTES = 160
"""On AKS the underlay itself takes 100 bytes once WireGuard encrypts between hosts."""

_SOURCE = "/apis/crd.projectcalico.org/v1/ippools"
_SOURCE_AGENT = "/apis/apps/v1/daemonsets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """An address pool: ``encapsulation`` is ipip, vxlan or None for none."""

    name: str
    cidr: str
    encapsulation: str | None
    cross_subnet: bool

    @property
    def ipv6(self) -> bool:
        """Whether it holds IPv6 addresses."""
        return ":" in self.cidr


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """How packets travel between nodes."""

    mode: str | None
    cross_subnet: bool
    mtu: int | None
    details: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    unknown: tuple[Unknown, ...]


def read(
    cluster: Cluster,
    workload: Workload,
    container: Container,
    installation: Installation,
    felix: Felix,
) -> Path:
    """Return mode, cross-subnet and MTU from pools, Installation or environment, in that order."""
    pools, refusal, source = _pools(cluster, container, installation)
    routed = routing(container, installation)
    main = main_pool(cluster, pools)
    backend = container.environment.get("CALICO_NETWORKING_BACKEND", "bird")
    mode: str | None = None
    if main is not None:
        mode = main.encapsulation or routed
    elif backend == "vxlan":
        mode = "vxlan"
    evidence = tuple(
        in_favour(Rank.RESOURCE if source == _SOURCE else Rank.CONFIG_MAP, told, source=source)
        for told in (f"{_where(source)} {pool.name}: {_words(pool, routed)}" for pool in pools)
    )
    warnings: tuple[str, ...] = ()
    if len({(pool.encapsulation, pool.cross_subnet) for pool in pools if not pool.ipv6}) > 1:
        told = "; ".join(f"{pool.name} {_words(pool, routed)}" for pool in pools)
        warnings = (
            f"Calico's pools differ: {told}. Which one a pod uses decides how it performs.",
        )
    details = {"ipam": ipam(workload, installation)} | (
        {"pools": "; ".join(f"{p.name} {p.cidr} {_words(p, routed)}" for p in pools)}
        if len(pools) > 1
        else {}
    )
    if main is not None and main.cross_subnet and (subnet := only_subnet(cluster)):
        details["in_effect"] = f"no encapsulation: all nodes are in {subnet}"
    mtu, mtu_source = pod_mtu(workload, installation, felix, pools, mode)
    unknown = (
        (Unknown(what=f"Calico's encapsulation: {refusal.what}", right=refusal.right),)
        if refusal is not None and (mode is None or source != _SOURCE)
        else ()
    )
    return Path(
        mode=mode,
        cross_subnet=main.cross_subnet if main else False,
        mtu=mtu,
        details=details | ({"mtu_source": mtu_source} if mtu else {}),
        evidence=evidence,
        warnings=warnings,
        unknown=unknown,
    )


# Pools


def _pools(
    cluster: Cluster, container: Container, installation: Installation
) -> tuple[tuple[Pool, ...], Refusal | None, str]:
    resources, refusal = stored_objects(cluster, container, "ippools")
    pools = tuple(_pool(item) for item in resources if in_use(item))
    if pools:
        return pools, None, _SOURCE
    configured = reading.objects(installation.network, "ipPools")
    pools = tuple(_installation_pool(item) for item in configured)
    if pools:
        return pools, refusal, "/apis/operator.tigera.io/v1/installations"
    return _environment_pools(container), refusal, _SOURCE_AGENT


def in_use(resource: JsonObject) -> bool:
    """Whether pods may get addresses from an IPPool."""
    spec = reading.mapping(resource, "spec")
    uses = reading.texts(spec, "allowedUses")
    selector = (reading.text(spec, "nodeSelector") or "").replace(" ", "")
    return (
        not reading.truth(spec, "disabled")
        and (not uses or "Workload" in uses)
        and selector != "!all()"
    )


def _pool(resource: JsonObject) -> Pool:
    spec = reading.mapping(resource, "spec")
    encapsulation, cross = encapsulation_of(
        reading.text(spec, "ipipMode"), reading.text(spec, "vxlanMode")
    )
    return Pool(
        name=reading.text(resource, "metadata", "name") or "unnamed",
        cidr=reading.text(spec, "cidr") or "",
        encapsulation=encapsulation,
        cross_subnet=cross,
    )


def encapsulation_of(ipip: str | None, vxlan: str | None) -> tuple[str | None, bool]:
    """Return encapsulation and whether it is used across subnets only, from a pool's two modes."""
    for name, mode in (("vxlan", vxlan), ("ipip", ipip)):
        word = (mode or "never").lower()
        if word in {"always", "crosssubnet", "cross-subnet"}:
            return name, word != "always"
    return None, False


def _installation_pool(item: JsonObject) -> Pool:
    word = (reading.text(item, "encapsulation") or "IPIP").lower()
    name = next((kind for kind in ("vxlan", "ipip") if word.startswith(kind)), None)
    return Pool(
        name=reading.text(item, "name") or reading.text(item, "cidr") or "unnamed",
        cidr=reading.text(item, "cidr") or "",
        encapsulation=name,
        cross_subnet=word.endswith("crosssubnet"),
    )


def _environment_pools(container: Container) -> tuple[Pool, ...]:
    """What calico-node was told to create at its first start; the pool may have changed since."""
    ipip = container.environment.get("CALICO_IPV4POOL_IPIP")
    vxlan = container.environment.get("CALICO_IPV4POOL_VXLAN")
    if ipip is None and vxlan is None:
        return ()
    encapsulation, cross = encapsulation_of(ipip, vxlan)
    return (
        Pool(
            name="default-ipv4-ippool",
            cidr=container.environment.get("CALICO_IPV4POOL_CIDR") or "",
            encapsulation=encapsulation,
            cross_subnet=cross,
        ),
    )


def main_pool(cluster: Cluster, pools: tuple[Pool, ...]) -> Pool | None:
    """Return the pool most sampled pods have addresses of; without pods the first IPv4 one."""
    if not pools:
        return None
    addresses = [ip for pod in cluster.pods if pod.wired for ip in pod.ips]
    return max(
        pools,
        key=lambda pool: (
            sum(_holds(pool, ip) for ip in addresses),
            not pool.ipv6,
            pool.name == "default-ipv4-ippool",
        ),
    )


def _holds(pool: Pool, ip: str) -> bool:
    try:
        return ipaddress.ip_address(ip) in ipaddress.ip_network(pool.cidr, strict=False)
    except ValueError:
        return False


def only_subnet(cluster: Cluster) -> str | None:
    """Return the subnet all nodes are in, as Calico noted it on each; None if it did not or more.

    Across subnets only means: never, where there is one.
    """
    noted = [node.annotations.get(NODE_ADDRESS, "") for node in cluster.nodes if not node.windows]
    subnets: set[str] = set()
    for address in noted:
        try:
            subnets.add(str(ipaddress.ip_interface(address).network))
        except ValueError:
            return None
    return subnets.pop() if len(subnets) == 1 else None


# Routing, IPAM, MTU


def routing(container: Container, installation: Installation) -> str | None:
    """Return what no encapsulation means: ``bgp`` where BIRD spreads routes, or unencapsulated.

    BGP is on with the backend bird unless the Installation switches it off, or lets Felix spread
    the routes of the cluster; None when the backend could not be read.
    """
    if (reading.text(installation.network, "bgp") or "").lower() == "disabled":
        return "unencapsulated"
    if (reading.text(installation.network, "clusterRoutingMode") or "").lower() == "felix":
        return "unencapsulated"
    backend = container.environment.get("CALICO_NETWORKING_BACKEND", "bird")
    if backend is None:
        return None
    return "bgp" if backend in {"bird", ""} else "unencapsulated"


def ipam(workload: Workload, installation: Installation) -> str:
    """Return calico-ipam, or host-local where pods get addresses of their node's podCIDR."""
    told = (reading.text(installation.spec, "cni", "ipam", "type") or "").lower()
    if told:
        return {"calico": "calico-ipam", "hostlocal": "host-local"}.get(told, told)
    for container in workload.init_containers:
        config = container.environment.get("CNI_NETWORK_CONFIG") or ""
        if "host-local" in config:
            return "host-local"
    return "calico-ipam"


def pod_mtu(
    workload: Workload,
    installation: Installation,
    felix: Felix,
    pools: tuple[Pool, ...],
    mode: str | None,
) -> tuple[int | None, str]:
    """Return the pod MTU and where it comes from: set by somebody, or implied.

    Felix takes the least over everything that is enabled, even where cross-subnet never triggers.
    """
    if (effective := reading.integer(installation.status, "mtu")) and effective > 0:
        return effective, "Installation status"
    if (wanted := reading.integer(installation.network, "mtu")) and wanted > 0:
        return wanted, "Installation"
    for container in workload.init_containers:
        wanted = reading.integer(container.environment.get("CNI_MTU"))
        if wanted is not None and wanted > 0:
            return wanted, "veth_mtu"
    if mode is None:
        return None, ""
    enabled: list[int] = []
    for pool in pools:
        if pool.encapsulation is None:
            continue
        key = "vxlan-v6" if pool.encapsulation == "vxlan" and pool.ipv6 else pool.encapsulation
        setting = {"ipip": "ipipMTU", "vxlan": "vxlanMTU", "vxlan-v6": "vxlanMTUV6"}[key]
        enabled.append(felix.mtus.get(setting, UNDERLAY_MTU - OVERHEAD_BYTES[key]))
    if not pools and mode in OVERHEAD_BYTES:
        enabled.append(felix.mtus.get(f"{mode}MTU", UNDERLAY_MTU - OVERHEAD_BYTES[mode]))
    if felix.wireguard:
        aks = (reading.text(installation.spec, "kubernetesProvider") or "").upper() == "AKS"
        overhead = (
            AKS_WIREGUARD_BYTES if aks and felix.host_encryption else OVERHEAD_BYTES["wireguard"]
        )
        enabled.append(felix.mtus.get("wireguardMTU", UNDERLAY_MTU - overhead))
    if felix.wireguard_v6:
        enabled.append(
            felix.mtus.get("wireguardMTUV6", UNDERLAY_MTU - OVERHEAD_BYTES["wireguard-v6"])
        )
    return min(enabled, default=UNDERLAY_MTU), f"implied for nodes with {UNDERLAY_MTU}"


def _words(pool: Pool, routed: str | None) -> str:
    if pool.encapsulation is None:
        return routed or "no encapsulation"
    return f"{pool.encapsulation} across subnets" if pool.cross_subnet else pool.encapsulation


def _where(source: str) -> str:
    return {
        _SOURCE: "IPPool",
        _SOURCE_AGENT: "calico-node was told to create the pool",
    }.get(source, "Installation's pool")

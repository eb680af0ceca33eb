"""What the settings of the other CNIs say: one function each, named in the table of others.py."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cniadvisor.detect import reading
from cniadvisor.detect.candidate import Engine, Slot
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Container, Workload
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.detect.images import release, version_of
from cniadvisor.domain.findings import Unknown

UNDERLAY_MTU = 1500
ANTREA_TUNNEL_BYTES = {"geneve": 50, "vxlan": 50, "gre": 38, "stt": 100}
ANTREA_WIREGUARD_BYTES = 80
"""WireGuard takes the tunnel's place, so its overhead is the only one."""
ANTREA_IPSEC_BYTES = 38
KUBE_OVN_BYTES = {"geneve": 100, "vxlan": 50, "stt": 72, "vlan": 0}
_CONFIG_MAPS = "/api/v1/configmaps"
_AGENTS = "/apis/apps/v1/daemonsets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What settings say; None where they say nothing, and the table's row holds."""

    slot: Slot | None = None
    variant: str | None = None
    version: str | None = None
    mode: str | None = None
    cross_subnet: bool = False
    mtu: int | None = None
    encryption: str | None = None
    enforces: bool | None = None
    engine: Engine | None = None
    engine_doubt: str = ""
    kube_proxy: str | None = None
    details: Mapping[str, str] = field(default_factory=dict[str, str])
    evidence: tuple[Evidence, ...] = ()
    unknown: tuple[Unknown, ...] = ()


def nothing(_cluster: Cluster, _workload: Workload, _container: Container) -> Said:
    """Say nothing: the row is all there is."""
    return Said()


def kindnet(_cluster: Cluster, _workload: Workload, container: Container) -> Said:
    """Tell that kindnetd enforces policy itself, which releases before 2024 do not."""
    dated = release(container.image.version)
    if dated and len(str(dated[0])) == 8 and dated[0] < 2024_06_01:
        return Said(enforces=False, details={"ipam": "host-local"})
    doubt = "" if dated else "whether this kindnetd is recent enough to enforce policy"
    return Said(engine_doubt=doubt, details={"ipam": "host-local"})


def antrea(cluster: Cluster, workload: Workload, _container: Container) -> Said:
    """Read ``antrea-agent.conf``: trafficEncapMode, tunnelType, trafficEncryptionMode."""
    names = [n for n in (*workload.config_maps, "antrea-config") if n.startswith("antrea-config")]
    found = (cluster.config_map(workload.namespace, name) for name in names)
    data = next((item for item in found if item is not None), None)
    agents = cluster.objects("crd.antrea.io", "antreaagentinfos")
    told = (version_of(reading.text(agent, "version")) for agent in agents)
    version = next((item for item in told if item), None)
    if data is None:
        refusal = cluster.config_map_refusal(workload.namespace, names[0])
        unknown = (
            (Unknown(what=f"Antrea's mode: {refusal.what}", right=refusal.right),)
            if refusal
            else ()
        )
        return Said(version=version, unknown=unknown)
    conf = _yaml_words(data.get("antrea-agent.conf", ""))
    encap = conf.get("trafficencapmode", "encap").lower()
    # Up to 1.4 there was a switch for IPsec, and nothing else.
    switched = "ipsec" if reading.truth(conf.get("enableipsectunnel")) else "none"
    encryption = conf.get("trafficencryptionmode", switched).lower()
    tunnel = conf.get("tunneltype", "geneve").lower()
    evidence = in_favour(
        Rank.CONFIG_MAP,
        f"antrea-agent.conf: trafficEncapMode {encap}, tunnelType {tunnel},"
        f" trafficEncryptionMode {encryption}",
        source=_CONFIG_MAPS,
    )
    if encap == "networkpolicyonly":
        return Said(slot=Slot.POLICY, variant="policy-only", version=version, evidence=(evidence,))
    tunnelled = encap in {"encap", "hybrid"}
    configured = reading.integer(conf.get("defaultmtu")) or 0
    overhead = ANTREA_TUNNEL_BYTES.get(tunnel, 50) if tunnelled else 0
    if encryption == "wireguard":
        overhead = ANTREA_WIREGUARD_BYTES
    elif encryption == "ipsec":
        overhead += ANTREA_IPSEC_BYTES
    return Said(
        version=version,
        mode=tunnel if tunnelled else "native",
        cross_subnet=encap == "hybrid",
        mtu=configured if configured > 0 else UNDERLAY_MTU - overhead,
        encryption=encryption if encryption in {"wireguard", "ipsec"} else "none",
        kube_proxy="replaced" if conf.get("proxyall", "").lower() == "true" else None,
        details={"traffic_encap_mode": encap},
        evidence=(evidence,),
    )


def kube_ovn(cluster: Cluster, _workload: Workload, container: Container) -> Said:
    """Read ``--network-type``, ``--mtu``, ``--non-primary-cni-mode``, of agent or controller."""
    controllers = (w.container("kube-ovn-controller") for w in cluster.deployments)
    programs = [one for one in (container, *controllers) if one is not None]

    def told(flag: str) -> str:
        return next((value for one in programs if (value := one.option(flag))), "")

    mode = told("network-type") or "geneve"
    configured = reading.integer(told("mtu")) or 0
    overhead = KUBE_OVN_BYTES.get(mode)
    standby = reading.truth(told("non-primary-cni-mode")) is True
    mtu = configured or (UNDERLAY_MTU - overhead if overhead is not None else None)
    return Said(
        slot=Slot.CHAINED if standby else None,
        variant="secondary" if standby else None,
        mode="unencapsulated" if mode == "vlan" else mode,
        mtu=mtu if mtu is not None and mtu > 0 else None,
        encryption="ipsec" if reading.truth(told("enable-ovn-ipsec")) else "none",
    )


def ovn_kubernetes(cluster: Cluster, workload: Workload, _container: Container) -> Said:
    """Read the MTU from ``ovn-config``, or from OpenShift's Network; IPsec has its own workload."""
    data = cluster.config_map(workload.namespace, "ovn-config") or {}
    mtu = reading.integer(data.get("mtu"))
    for network in cluster.objects("config.openshift.io", "networks"):
        mtu = mtu or reading.integer(network, "status", "clusterNetworkMTU")
    ipsec = any(w.running and w.container("ovn-ipsec") for w in cluster.daemon_sets)
    agents_known = cluster.known("apps", "daemonsets")
    return Said(
        variant=_openshift(workload),
        mtu=mtu if mtu and mtu > 0 else None,
        encryption="ipsec" if ipsec else "none" if agents_known else None,
        kube_proxy="replaced",
    )


def openshift_sdn(cluster: Cluster, workload: Workload, _container: Container) -> Said:
    """Read the MTU from OpenShift's Network."""
    stated = (
        reading.integer(network, "status", "clusterNetworkMTU")
        for network in cluster.objects("config.openshift.io", "networks")
    )
    return Said(
        variant=_openshift(workload), mtu=next((mtu for mtu in stated if mtu and mtu > 0), None)
    )


def _openshift(workload: Workload) -> str | None:
    return "openshift" if workload.namespace.startswith("openshift-") else None


def weave(_cluster: Cluster, workload: Workload, container: Container) -> Said:
    """Read MTU and whether there is a password, which means encryption; never the password."""
    password = "WEAVE_PASSWORD" in container.environment
    controller = workload.container("weave-npc")
    engine = None
    if controller is not None:
        engine = Engine(
            name="weave",
            version=controller.image.version,
            variant="weave-npc",
            evidence=in_favour(
                Rank.AGENT, f"{workload} has the container weave-npc", source=_AGENTS
            ),
        )
    # Its fast datapath is VXLAN; without it packets go through a process, over UDP.
    slow = reading.truth(container.environment.get("WEAVE_NO_FASTDP")) is True
    return Said(
        mode="udp" if slow else "vxlan",
        mtu=reading.integer(container.environment.get("WEAVE_MTU")) or 1376,
        encryption="ipsec" if password else "none",
        engine=engine,
    )


def kube_router(_cluster: Cluster, workload: Workload, container: Container) -> Said:
    """Read the agent's arguments: router, firewall and service proxy can each be switched off.

    All three are on where nothing is said.
    """
    routes = container.option("run-router") not in {"false", "0"}
    firewall = container.option("run-firewall") not in {"false", "0"}
    proxy = container.option("run-service-proxy") not in {"false", "0"}
    engine = None
    if firewall:
        engine = Engine(
            name="kube-router",
            version=container.image.version,
            evidence=in_favour(
                Rank.AGENT, f"{workload} runs its firewall (run-firewall)", source=_AGENTS
            ),
        )
    kube_proxy = "replaced" if proxy else "kept"
    if not routes:
        return Said(slot=Slot.POLICY, variant="policy-only", engine=engine, kube_proxy=kube_proxy)
    overlay = container.option("enable-overlay") not in {"false", "0"}
    return Said(
        mode=(container.option("overlay-encap") or "ipip") if overlay else "bgp",
        cross_subnet=overlay and (container.option("overlay-type") or "subnet") == "subnet",
        mtu=UNDERLAY_MTU - 20 if overlay else UNDERLAY_MTU,
        encryption="none",
        engine=engine,
        kube_proxy=kube_proxy,
    )


def aws_vpc_cni(cluster: Cluster, workload: Workload, container: Container) -> Said:
    """Read MTU, and whether the node agent beside it enforces policy."""
    agent = workload.container("aws-eks-nodeagent", "aws-network-policy-agent")
    data = cluster.config_map(workload.namespace, "amazon-vpc-cni")
    switch = agent.option("enable-network-policy") if agent else None
    enforces = reading.truth(switch)
    if enforces is None and data is not None:
        enforces = reading.truth(data.get("enable-network-policy-controller"))
    engine = None
    if agent is not None and enforces is not False:
        engine = Engine(
            name="aws-eks-nodeagent",
            version=agent.image.version,
            variant="sidecar",
            evidence=in_favour(
                Rank.AGENT, f"{workload} has the container aws-eks-nodeagent", source=_AGENTS
            ),
            doubt="" if enforces else "whether the node agent's network policy is switched on",
        )
    mtu = (
        reading.integer(container.environment.get("POD_MTU"))
        or reading.integer(container.environment.get("AWS_VPC_ENI_MTU"))
        or 9001
    )
    return Said(
        version=version_of(container.environment.get("VPC_CNI_VERSION")),
        mtu=mtu if mtu > 0 else None,
        engine=engine,
        details={"ipam": "vpc"},
    )


def azure_cni(cluster: Cluster, _workload: Workload, _container: Container) -> Said:
    """Read the pod network type from node labels; behind Cilium it only hands out addresses."""
    labels = (node.labels.get("kubernetes.azure.com/podnetwork-type", "") for node in cluster.nodes)
    kind = next((label for label in labels if label), None)
    delegated = any(
        data.get("ipam") == "delegated-plugin"
        for (_, name), data in cluster.config_maps.items()
        if name == "cilium-config"
    )
    return Said(
        slot=Slot.CHAINED if delegated else None,
        variant="ipam" if delegated else kind,
        mtu=UNDERLAY_MTU,
        details={"ipam": "azure"},
    )


def _yaml_words(document: str) -> dict[str, str]:
    """Return ``key: word`` lines of a YAML file, keys in lower case, comments and nesting aside."""
    lines = re.findall(
        r"(?m)^[ \t]*([A-Za-z]{1,60}):[ \t]+\"?([\w.-]{1,60})\"?[ \t]*(?:#.*)?$", document
    )
    return {key.lower(): value for key, value in lines}

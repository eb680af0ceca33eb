"""The other CNIs and policy engines: one table, one row each.

A row says how its agent is known and what can be said of it without reading settings; what its
settings say is read by the function in its row, from others_settings.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cniadvisor.detect import others_settings as read
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
from cniadvisor.detect.others_settings import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One row.

    Attributes:
        containers: names of the agent's container; any of them.
        images: the image's path holds one of these, whichever registry it comes from.
        slot: what it is unless its settings say otherwise.
        enforces: the engine it brings for NetworkPolicy; "" for none.
        mode, mtu, encryption: where they are always the same.
        pod_cidr: its pods' addresses lie in their node's podCIDR.
        settings: reads what its settings say.
    """

    name: str
    containers: tuple[str, ...]
    images: tuple[str, ...]
    slot: Slot = Slot.PRIMARY
    enforces: str = ""
    mode: str | None = None
    mtu: int | None = None
    encryption: str | None = None
    pod_cidr: bool = False
    settings: Callable[[Cluster, Workload, Container], Said] = field(default=read.nothing)


PRODUCTS: tuple[Product, ...] = (
    Product(
        name="kindnet",
        containers=("kindnet-cni",),
        images=("kindnet",),
        enforces="kindnet",
        mode="host-gw",
        mtu=1500,
        encryption="none",
        pod_cidr=True,
        settings=read.kindnet,
    ),
    Product(
        name="antrea",
        containers=("antrea-agent",),
        images=("antrea-agent", "antrea-ubuntu", "antrea-ubi", "antrea-windows"),
        enforces="antrea",
        pod_cidr=True,
        settings=read.antrea,
    ),
    Product(
        name="kube-ovn",
        containers=("cni-server",),
        images=("kube-ovn",),
        enforces="kube-ovn",
        settings=read.kube_ovn,
    ),
    Product(
        name="ovn-kubernetes",
        containers=("ovnkube-controller", "ovnkube-node", "ovn-controller"),
        images=("ovn-kube", "ovnkube", "ovn-daemonset", "ose-ovn-kubernetes", "ocp-v4"),
        enforces="ovn-kubernetes",
        mode="geneve",
        settings=read.ovn_kubernetes,
    ),
    Product(
        name="openshift-sdn",
        containers=("sdn",),
        images=("ose-sdn", "origin-sdn", "ocp-v4"),
        enforces="openshift-sdn",
        mode="vxlan",
        encryption="none",
        settings=read.openshift_sdn,
    ),
    Product(
        name="weave",
        containers=("weave",),
        images=("weave-kube",),
        settings=read.weave,
    ),
    Product(
        name="kube-router",
        containers=("kube-router",),
        images=("kube-router",),
        pod_cidr=True,
        settings=read.kube_router,
    ),
    Product(
        name="aws-vpc-cni",
        containers=("aws-node",),
        images=("amazon-k8s-cni",),
        mode="native",
        encryption="none",
        settings=read.aws_vpc_cni,
    ),
    Product(
        name="azure-cni",
        containers=("cns-container", "azure-cns"),
        images=("azure-cns",),
        mode="native",
        encryption="none",
        settings=read.azure_cni,
    ),
    Product(
        name="oci-vcn-native",
        containers=("vcn-native-ip-cni", "vcn-native"),
        images=("vcn-native", "oke-native-pod-networking", "oci-native"),
        mode="native",
    ),
    Product(
        name="terway",
        containers=("terway",),
        images=("terway",),
        mode="native",
        enforces="terway",
    ),
    Product(
        name="azure-npm",
        containers=("azure-npm",),
        images=("azure-npm",),
        slot=Slot.POLICY,
        enforces="azure-npm",
    ),
    Product(
        name="kube-network-policies",
        containers=("kube-network-policies",),
        images=("kube-network-policies",),
        slot=Slot.POLICY,
        enforces="kube-network-policies",
    ),
)
"""To add one: a row here, and its traces in traces.py."""


def product_of(workload: Workload) -> Product | None:
    """Return the row a workload belongs to, by container and image."""
    return next((row for row in PRODUCTS if agent_container(row, workload) is not None), None)


def agent_container(row: Product, workload: Workload) -> Container | None:
    """Return the agent's container, by name and image."""
    for container in workload.containers:
        known = any(word in container.image.path for word in row.images)
        if container.name in row.containers and known:
            return container
    return None


def find(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return every product of the table that has a workload."""
    found: list[Candidate] = []
    for row in PRODUCTS:
        agents = tuple(
            workload
            for workload in cluster.daemon_sets
            if agent_container(row, workload) is not None and not workload.switched_off
        )
        # The sidecar of Flannel's chart has a finder of its own.
        agents = tuple(w for w in agents if len(w.containers) == 1 or row.slot is not Slot.POLICY)
        if agents:
            found.append(_candidate(cluster, row, agents))
    return tuple(found)


def _candidate(cluster: Cluster, row: Product, agents: tuple[Workload, ...]) -> Candidate:
    first = max(agents, key=lambda workload: workload.ready)
    container = agent_container(row, first) or first.containers[0]
    version, how = version_from(container, first)
    said = row.settings(cluster, first, container)
    version = said.version or version
    evidence = agent_evidence(agents, container.name, image_known=True) + said.evidence
    engine = said.engine
    if engine is None and row.enforces and said.enforces is not False:
        engine = Engine(
            name=row.enforces, version=version, evidence=evidence[0], doubt=said.engine_doubt
        )
    return Candidate(
        name=row.name,
        slot=said.slot or row.slot,
        covers=frozenset({row.name}),
        workloads=agents,
        variant=said.variant or installed_by(first),
        version=version,
        mode=said.mode or row.mode,
        cross_subnet=said.cross_subnet,
        mtu=said.mtu or row.mtu,
        encryption=said.encryption or row.encryption,
        evidence=evidence,
        pod_cidr=row.pod_cidr,
        engine=engine,
        kube_proxy=said.kube_proxy,
        details={**said.details, **({} if version else {"version_unknown": how})},
        unknown=said.unknown,
    )

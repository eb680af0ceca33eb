"""Canal: calico-node and flanneld in one pod. Flannel carries packets, Calico enforces policy.

Mode, MTU and encryption are Flannel's. Calico's own pools exist and are not used; its addresses on
nodes are left from old releases and mean nothing.
"""

from cniadvisor.detect import calico, flannel, reading
from cniadvisor.detect.calico_resources import uses_etcd
from cniadvisor.detect.candidate import (
    Candidate,
    Engine,
    Slot,
    agent_evidence,
    installed_by,
    version_from,
)
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Workload
from cniadvisor.detect.evidence import Rank, in_favour


def is_canal(workload: Workload) -> bool:
    """Whether the workload's pods run both, whatever the workload is called."""
    return (
        calico.calico_container(workload) is not None
        and flannel.flannel_container(workload) is not None
    )


def find(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return Canal if there is a workload of it."""
    agents = tuple(w for w in cluster.daemon_sets if is_canal(w) and not w.switched_off)
    if not agents:
        return ()
    first = max(agents, key=lambda workload: workload.ready)
    calico_node, flanneld = calico.calico_container(first), flannel.flannel_container(first)
    if calico_node is None or flanneld is None:
        return ()
    known = calico.image_is_calico(calico_node) and flannel.image_is_flannel(flanneld)
    version, version_evidence, details = calico.calico_version(cluster, first, calico_node)
    flannel_version, _ = version_from(flanneld, first)
    path = flannel.datapath(cluster, first)
    fixed = veth_mtu(first)
    told = ", image ".join((flanneld.name, flanneld.image.reference))
    evidence = (
        *agent_evidence(agents, calico.CONTAINER, image_known=known),
        in_favour(
            Rank.AGENT,
            f"The same pods run Flannel (container {told})",
            source="/apis/apps/v1/daemonsets",
        ),
        *version_evidence,
        *path.evidence,
    )
    etcd = uses_etcd(calico_node)
    if etcd:
        details["datastore"] = "etcd"
    if flannel_version is not None:
        details["flannel_version"] = flannel_version
    return (
        Candidate(
            name="canal",
            slot=Slot.PRIMARY,
            covers=frozenset({"canal", "calico", "flannel"}),
            workloads=agents,
            image_known=known,
            variant=installed_by(first),
            version=version,
            mode=path.mode,
            cross_subnet=path.cross_subnet,
            mtu=fixed or path.mtu,
            encryption=path.encryption,
            details={
                **details,
                "ipam": "host-local",
                **({"mtu_source": "veth_mtu" if fixed else path.mtu_source} if path.mtu else {}),
            },
            evidence=evidence,
            pod_cidr=not etcd,
            engine=Engine(
                name="calico", version=version, variant="policy-only", evidence=evidence[0]
            ),
            warnings=path.warnings + _mtu_warnings(fixed, path.mtu, path.mode),
            unknown=path.unknown,
        ),
    )


def veth_mtu(workload: Workload) -> int | None:
    """Return the pod MTU that is set by hand; None where it is left to be found out (0)."""
    for container in workload.init_containers:
        wanted = reading.integer(container.environment.get("CNI_MTU"))
        if wanted is not None and wanted > 0:
            return wanted
    return None


def _mtu_warnings(fixed: int | None, fitting: int | None, mode: str | None) -> tuple[str, ...]:
    if fixed is None or fitting is None or fixed <= fitting:
        return ()
    return (
        f"Canal's veth_mtu is fixed at {fixed}, but Flannel's {mode} backend leaves {fitting} on"
        " nodes with an MTU of 1500: larger packets are fragmented or lost.",
    )

"""Calico: how it was installed, whether it wires pods or only enforces policy, which version.

Encapsulation (IPIP, VXLAN, cross-subnet, BGP) and MTU are in calico_encapsulation.py, dataplane and
WireGuard in calico_felix.py. calico-node beside flanneld in one pod is Canal, see canal.py.
"""

from collections.abc import Iterable

from cniadvisor.detect import calico_encapsulation, calico_felix, reading
from cniadvisor.detect.calico_resources import Installation, calico_objects, uses_etcd
from cniadvisor.detect.candidate import Candidate, Engine, Slot, agent_evidence, version_from
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Container, Workload
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.detect.flannel import flannel_container
from cniadvisor.detect.images import version_of
from cniadvisor.domain.findings import Unknown

CONTAINER = "calico-node"
WINDOWS_CONTAINERS = ("felix", "node")
IMAGES = frozenset({"node", "cnx-node", "calico-node", "hardened-calico", "mirrored-calico-node"})
OPERATOR_NAMESPACE = "calico-system"
BACKEND_VARIABLE = "CALICO_NETWORKING_BACKEND"


def find(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return Calico if there is a workload of it: as primary, or as policy engine only."""
    agents = tuple(w for w in cluster.daemon_sets if is_calico(w) and not w.switched_off)
    if not agents:
        return ()
    first = max(agents, key=lambda workload: workload.ready)
    container = calico_container(first)
    if container is None:
        return ()
    windows = tuple(w for w in cluster.daemon_sets if is_calico_for_windows(w))
    known = image_is_calico(container)
    installation = installation_of(cluster, first)
    version, version_evidence, details = calico_version(cluster, first, container)
    evidence = agent_evidence(agents, CONTAINER, image_known=known) + version_evidence
    engine = Engine(
        name="calico",
        version=version,
        variant="operator" if installation.used else "manifest",
        evidence=evidence[0],
    )
    felix = calico_felix.read(cluster, container, installation)
    kube_proxy = "replaced" if felix.ebpf else "kept" if felix.ebpf is False else None
    if policy_only(container, installation):
        return (
            Candidate(
                name="calico",
                slot=Slot.POLICY,
                covers=frozenset({"calico"}),
                workloads=agents,
                image_known=known,
                variant="policy-only",
                version=version,
                evidence=(*evidence, _why_policy_only(container, installation)),
                encryption=felix.encryption,
                details={"installed_by": engine.variant or "", **details, **felix.details},
                engine=engine,
                kube_proxy=kube_proxy,
                warnings=felix.warnings,
            ),
        )
    path = calico_encapsulation.read(cluster, first, container, installation, felix)
    details |= {"datastore": "etcd"} if uses_etcd(container) else {}
    doubts = _doubts(cluster, first, container)
    return (
        Candidate(
            name="calico",
            slot=Slot.PRIMARY,
            covers=frozenset({"calico"}),
            workloads=(*agents, *(w for w in windows if not w.switched_off)),
            image_known=known,
            variant=engine.variant,
            version=version,
            mode=path.mode,
            cross_subnet=path.cross_subnet,
            mtu=path.mtu,
            encryption=felix.encryption,
            details={**details, **felix.details, **path.details},
            evidence=(*evidence, *path.evidence, *felix.evidence, *_migrations(cluster)),
            pod_cidr=path.details.get("ipam") == "host-local",
            engine=engine,
            kube_proxy=kube_proxy,
            doubts=doubts,
            warnings=(*path.warnings, *felix.warnings),
            unknown=(
                *(Unknown(what=doubt, right="get configmaps") for doubt in doubts),
                *path.unknown,
                *felix.unknown,
            ),
        ),
    )


# Who it is


def calico_container(workload: Workload) -> Container | None:
    """Return the container that runs calico-node, by name and by image or environment."""
    container = workload.container(CONTAINER)
    if container is None:
        return None
    own = any(key.startswith(("CALICO_", "FELIX_")) for key in container.environment)
    return container if image_is_calico(container) or own else None


def image_is_calico(container: Container) -> bool:
    """Whether the image is calico-node's; since 3.33 there may be no other Calico image."""
    image = container.image
    return image.name in IMAGES or "calico" in image.path


def is_calico(workload: Workload) -> bool:
    """Whether the workload's pods run calico-node, and not beside flanneld as Canal does."""
    return calico_container(workload) is not None and flannel_container(workload) is None


def is_calico_for_windows(workload: Workload) -> bool:
    """Whether it is the operator's DaemonSet for Windows nodes."""
    container = workload.container(*WINDOWS_CONTAINERS)
    return container is not None and container.image.name.endswith("node-windows")


def installation_of(cluster: Cluster, workload: Workload) -> Installation:
    """Return the operator's Installation if the operator made this workload.

    Where the Ready DaemonSet lies decides: a ``tigera-operator`` or an Installation that is left
    over, or a ConfigMap ``calico-config`` of a former manifest, does not.
    """
    by_operator = workload.namespace == OPERATOR_NAMESPACE or "Installation" in workload.owner_kinds
    return (
        Installation.read(cluster) if by_operator else Installation(used=False, spec={}, status={})
    )


# Primary or policy only


def policy_only(container: Container, installation: Installation) -> bool:
    """Whether somebody else wires pods: no networking backend, or another CNI's type."""
    if installation.used and installation.cni_type is not None:
        return installation.cni_type.lower() != "calico"
    return (backend(container) or "").lower() == "none"


def backend(container: Container) -> str | None:
    """Return ``bird``, ``vxlan`` or ``none``; None when it is set from something unreadable.

    calico-node takes bird when nothing is set.
    """
    if BACKEND_VARIABLE not in container.environment:
        return "bird"
    value = container.environment[BACKEND_VARIABLE]
    return None if value is None else (value.lower() or "bird")


def _why_policy_only(container: Container, installation: Installation) -> Evidence:
    if installation.used and installation.cni_type is not None:
        return in_favour(
            Rank.RESOURCE,
            f"Installation says cni.type {installation.cni_type}: Calico wires no pods",
            source="/apis/operator.tigera.io/v1/installations",
        )
    return in_favour(
        Rank.AGENT,
        f"{BACKEND_VARIABLE} is {backend(container)}: Calico wires no pods",
        source="/apis/apps/v1/daemonsets",
    )


def _doubts(cluster: Cluster, workload: Workload, container: Container) -> tuple[str, ...]:
    if backend(container) is not None:
        return ()
    names = ", ".join(
        refusal.what
        for name in ("calico-config",)
        if (refusal := cluster.config_map_refusal(workload.namespace, name))
    )
    return (
        f"whether Calico wires pods or only enforces policy: {BACKEND_VARIABLE} is set from"
        f" {names or 'something unreadable'}",
    )


# Version


def calico_version(
    cluster: Cluster, workload: Workload, container: Container
) -> tuple[str | None, tuple[Evidence, ...], dict[str, str]]:
    """Return the version, what tells it, and why it is unknown.

    Each calico-node writes its version into ClusterInformation when it starts, which is better than
    a mirror's tag; with etcd, or when none is ready, the object is stale.
    """
    tagged, how = version_from(container, workload, _of_the_same_release(cluster, workload))
    told: str | None = None
    if workload.running and not uses_etcd(container):
        information, _ = calico_objects(cluster, "clusterinformations")
        texts = (reading.text(item, "spec", "calicoVersion") for item in information)
        told = next((version for text in texts if (version := version_of(text))), None)
    if told is None and tagged is None and installation_of(cluster, workload).used:
        status = installation_of(cluster, workload).status
        if computed := version_of(reading.text(status, "calicoVersion")):
            source = "/apis/operator.tigera.io/v1/installations"
            told_by = in_favour(
                Rank.RESOURCE, f"Installation tells version {computed}", source=source
            )
            return computed, (told_by,), {}
    if told is None:
        return tagged, (), {} if tagged else {"version_unknown": how}
    evidence = in_favour(
        Rank.RESOURCE,
        f"ClusterInformation tells version {told}",
        source="/apis/crd.projectcalico.org/v1/clusterinformations",
    )
    details = {"image_version": tagged} if tagged not in (None, told) else {}
    return told, (evidence,), details


def _of_the_same_release(cluster: Cluster, workload: Workload) -> Iterable[Container | None]:
    """Calico's CNI plugin and controllers, which are released together with calico-node."""
    for one in workload.init_containers:
        if one.name == "install-cni" and "flannel" not in one.image.path:
            yield one
    for deployment in cluster.deployments:
        yield deployment.container("calico-kube-controllers") or deployment.container(
            "calico-typha"
        )


def _migrations(cluster: Cluster) -> tuple[Evidence, ...]:
    operator = next((w for w in cluster.deployments if w.container("tigera-operator")), None)
    if operator is None:
        return ()
    return (
        in_favour(
            Rank.RESOURCE,
            f"{operator}: {operator.ready} ready",
            source="/apis/apps/v1/deployments",
        ),
    )

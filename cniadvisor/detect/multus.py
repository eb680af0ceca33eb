"""Multus: attaches further interfaces to pods. It is never the primary: another CNI always is.

Thin or thick, and attachments that pods asked for and did not get. The ConfigMap
``multus-cni-config`` holds an example of Flannel that nobody uses, so it is not read.
"""

from dataclasses import dataclass

from cniadvisor.detect import reading, traces
from cniadvisor.detect.candidate import Candidate, Slot, agent_evidence, version_from
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Container, Pod, Workload
from cniadvisor.domain.words import counted, named

CONTAINERS = ("kube-multus", "kube-rke2-multus")
NETWORKS = "k8s.v1.cni.cncf.io/networks"


def find(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return Multus if there is a workload of it."""
    agents = tuple(w for w in cluster.daemon_sets if is_multus(w) and not w.switched_off)
    if not agents:
        return ()
    first = max(agents, key=lambda workload: workload.ready)
    container = multus_container(first)
    if container is None:
        return ()
    version, how = version_from(container, first)
    return (
        Candidate(
            name="multus",
            slot=Slot.META,
            covers=frozenset({"multus"}),
            workloads=agents,
            variant="thick" if is_thick(first, container) else "thin",
            version=version,
            evidence=agent_evidence(agents, container.name, image_known=True),
            details={} if version else {"version_unknown": how},
        ),
    )


def multus_container(workload: Workload) -> Container | None:
    """Return the container that runs Multus: by image, whatever the container is called."""
    for container in workload.containers:
        named = container.name in CONTAINERS or container.image.name.startswith("multus")
        if named and ("multus" in container.image.path or _runs_multus(container)):
            return container
        if container.image.name in {"hardened-multus-cni", "ose-multus-cni"}:
            return container
    return None


def is_multus(workload: Workload) -> bool:
    """Whether the workload's pods run Multus; its controllers and webhooks are no DaemonSets."""
    return multus_container(workload) is not None


def is_thick(workload: Workload, container: Container) -> bool:
    """Thick: a daemon runs on each node and a shim calls it. Thin: only the plugin is copied."""
    if any("thin_entrypoint" in word for word in container.words):
        return False
    return (
        (container.image.tag or "").endswith("-thick")
        or any("multus-daemon" in word for word in container.words)
        or "multus-daemon-config" in workload.config_maps
    )


def _runs_multus(container: Container) -> bool:
    return any("multus" in word or "thin_entrypoint" in word for word in container.words)


# Attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One further network a pod asked for."""

    namespace: str
    name: str

    @property
    def full_name(self) -> str:
        """As it appears in network-status."""
        return f"{self.namespace}/{self.name}"


def requests_of(pod: Pod) -> tuple[Request, ...]:
    """Return the networks a pod asks for: a JSON list, or names with commas and @interface."""
    annotation = pod.annotations.get(NETWORKS, "").strip()
    if not annotation:
        return ()
    if annotation.startswith("["):
        document = reading.parsed(annotation)
        listed = reading.objects({"entries": document}, "entries")
        return tuple(
            Request(namespace=reading.text(item, "namespace") or pod.namespace, name=name)
            for item in listed
            if (name := reading.text(item, "name"))
        )
    requested: list[Request] = []
    for word in annotation.split(","):
        namespace, _, name = word.strip().partition("@")[0].rpartition("/")
        if name:
            requested.append(Request(namespace=namespace or pod.namespace, name=name))
    return tuple(requested)


def warnings(cluster: Cluster) -> tuple[str, ...]:
    """Attachments that never came, and policy that does not see those that did."""
    asking = [(pod, requests_of(pod)) for pod in cluster.pods if not pod.host_network]
    missing = [
        f"{pod.full_name} ({', '.join(lacking)})"
        for pod, requested in asking
        if (lacking := _lacking(pod, requested))
    ]
    told: list[str] = []
    if missing:
        told.append(
            f"{counted(len(missing), 'pod')} asked for further networks that never came:"
            f" {named(missing)}. {_why_missing(cluster, asking)}"
        )
    attached = [pod for pod, _ in asking if traces.attachments(pod)]
    if attached:
        told.append(
            f"NetworkPolicy does not apply to the further interfaces Multus attached to"
            f" {len(attached)} of the sampled pods."
        )
    return tuple(told)


def _lacking(pod: Pod, requested: tuple[Request, ...]) -> list[str]:
    if pod.phase not in {"Running", "Pending"} or not pod.node:
        return []
    present = list(traces.attachments(pod))
    lacking: list[str] = []
    for request in requested:
        if request.full_name in present:
            present.remove(request.full_name)
        elif request.name in present:
            present.remove(request.name)
        else:
            lacking.append(request.full_name)
    return lacking


def _why_missing(cluster: Cluster, asking: list[tuple[Pod, tuple[Request, ...]]]) -> str:
    if not any(is_multus(w) and w.running for w in cluster.daemon_sets):
        if cluster.known("apps", "daemonsets"):
            return "Multus does not run here."
        return "Whether Multus runs could not be read."
    resource = "network-attachment-definitions"
    if not cluster.complete("k8s.cni.cncf.io", resource):
        return "Check that the network-attachment-definitions exist and restart the pods."
    defined = {
        (reading.text(item, "metadata", "namespace"), reading.text(item, "metadata", "name"))
        for item in cluster.objects("k8s.cni.cncf.io", resource)
    }
    undefined = sorted(
        {r.full_name for _, requested in asking for r in requested}
        - {f"{namespace}/{name}" for namespace, name in defined}
    )
    if undefined:
        return f"There is no network-attachment-definition {named(undefined)}."
    return "The pods may be older than Multus: restart them."

"""A candidate: one component that may be there, with its facts and what speaks for it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cniadvisor.detect.cluster_objects import Container, Workload
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.detect.images import version_of
from cniadvisor.domain.findings import Confidence, Unknown


class Slot(StrEnum):
    """What a component is to the cluster, if it is there."""

    PRIMARY = "primary"
    """It wires the default interface of pods."""
    POLICY = "policy"
    """It enforces NetworkPolicy for somebody else's interfaces."""
    META = "meta"
    """It attaches further interfaces and leaves the default one to the primary."""
    CHAINED = "chained"
    """It is there and working, but behind or beside the primary."""
    EMBEDDED = "embedded"
    """It runs inside another program and shows no workload of its own."""
    RESIDUE = "residue"
    """It is installed and wanted, but none of its agents is ready while another CNI's are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What enforces NetworkPolicy. ``doubt`` says why it is not certain; "" when it is."""

    name: str
    evidence: Evidence
    version: str | None = None
    variant: str | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One component that may be there.

    Attributes:
        workloads: its agents' workloads; empty for embedded ones.
        image_known: whether its image was recognised; False holds the confidence down.
        covers: product names whose traces belong to it (Canal covers Flannel and Calico).
        pod_cidr: whether its pods' addresses lie in their node's podCIDR.
        engine: what it brings to enforce NetworkPolicy; None for nothing.
        kube_proxy: ``replaced`` or ``partial`` where it takes over kube-proxy's work, ``kept``
            where it says that it does not; None when it doesn't say.
        sure: how sure a rule without agents to count is (embedded CNIs); None where agents tell.
        embedded: it runs inside another program or on the node itself, without a workload.
        seen_on: nodes it was seen on, where there are no agents to count.
        rival: it contended for the primary's place and lost.
        doubts: reasons why the facts may be incomplete; each holds the confidence down.
    """

    name: str
    slot: Slot
    evidence: tuple[Evidence, ...]
    covers: frozenset[str]
    workloads: tuple[Workload, ...] = ()
    image_known: bool = True
    variant: str | None = None
    version: str | None = None
    mode: str | None = None
    cross_subnet: bool = False
    mtu: int | None = None
    encryption: str | None = None
    details: Mapping[str, str] = field(default_factory=dict[str, str])
    pod_cidr: bool = False
    engine: Engine | None = None
    kube_proxy: str | None = None
    sure: Confidence | None = None
    embedded: bool = False
    seen_on: int | None = None
    rival: bool = False
    doubts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def ready(self) -> int:
        """Ready agents, which is the number of nodes it works on."""
        return sum(workload.ready for workload in self.workloads)

    @property
    def desired(self) -> int | None:
        """Agents that should be ready; None when that could not be read."""
        wanted = [workload.desired for workload in self.workloads]
        known = [count for count in wanted if count is not None]
        return sum(known) if known and len(known) == len(wanted) else None

    @property
    def running(self) -> bool:
        """Whether an agent is ready, or a rule says so of one that can't be counted."""
        return self.sure is not None or any(workload.running for workload in self.workloads)

    @property
    def installed_since(self) -> str | None:
        """When the oldest of its workloads was created."""
        return min((w.created for w in self.workloads if w.created), default=None)


def agent_evidence(
    workloads: Iterable[Workload], container: str, *, image_known: bool
) -> tuple[Evidence, ...]:
    """Return what running workloads prove, by the container and image they run."""
    told: list[Evidence] = []
    for workload in workloads:
        found = workload.container(container) or next(iter(workload.containers), None)
        image = found.image.reference if found else "none"
        wanted = "an unknown number" if workload.desired is None else str(workload.desired)
        note = "" if image_known else ", an image that is not recognised"
        told.append(
            in_favour(
                Rank.AGENT if workload.running else Rank.RESOURCE,
                f"{workload}: {workload.ready} of {wanted} agents ready"
                f" (container {found.name if found else 'none'}, image {image}{note})",
                source="/apis/apps/v1/daemonsets",
            )
        )
    return tuple(told)


def installed_by(workload: Workload) -> str:
    """Return ``chart`` when Helm's marks are on the workload, ``manifest`` otherwise."""
    helm = (
        "helm.sh/chart" in workload.labels
        or workload.labels.get("app.kubernetes.io/managed-by") == "Helm"
        or "meta.helm.sh/release-name" in workload.annotations
        or workload.labels.get("chart", "") != ""
        or workload.labels.get("heritage") in {"Helm", "Tiller"}
        or workload.name.startswith("rke2-")
    )
    return "chart" if helm else "manifest"


def version_from(
    container: Container | None, workload: Workload, companions: Iterable[Container | None] = ()
) -> tuple[str | None, str]:
    """Return the version and how it was read.

    Image tag (of the pods that run before the one in the template, which they may not have been
    updated to), then the chart's or the app's label, then the image tag of ``companions``: programs
    of the same release.
    """
    if container is not None:
        running = Counter(
            version
            for image in workload.pod_images.get(container.name, ())
            if (version := image.version)
        )
        wanted = container.image.version
        most = running.most_common(1)[0][1] if running else 0
        if running and running.get(wanted or "", 0) < most:
            return running.most_common(1)[0][0], "image tag of the running agents"
        if wanted:
            return wanted, "image tag"
    for labels in (workload.labels, workload.pod_labels):
        if version := version_of(labels.get("app.kubernetes.io/version")):
            return version, "label app.kubernetes.io/version"
        chart = labels.get("helm.sh/chart", "")
        if version := version_of(chart.rpartition("-")[2]):
            return version, "label helm.sh/chart"
    for companion in companions:
        if companion is not None and (version := companion.image.version):
            return version, f"image tag of {companion.name}"
    if container is not None and container.image.floating:
        return None, f"floating tag {container.image.tag or 'latest'}"
    return None, "not told by image or labels"

"""Cross-checks a candidate against what pods, conditions and nodes' files say of who wires pods.

Pods that are older than the candidate's workload prove nothing: they keep what the former CNI gave
them. A condition that is older is the former CNI's as well. Where a pod's address must lie differs
by CNI: Flannel takes it from the node's podCIDR, Calico's and Cilium's own IPAM do not.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cniadvisor.detect import reading, traces
from cniadvisor.detect.candidate import Candidate
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import ConfFile, Pod
from cniadvisor.detect.evidence import Evidence, Rank, against, in_favour
from cniadvisor.domain.words import counted, named

MARKED_BY_PLUGIN = frozenset({"calico", "canal"})
"""Their plugin annotates every pod it wires, so that a pod without the mark was wired by another
(not with Calico's etcd datastore, which leaves no mark)."""

_SOURCE_PODS = "/api/v1/pods"


def _says(told: str, trace: str) -> bool:
    """Whether a sentence already says what a trace does, or what its ConfigMap holds."""
    subject, exists, _ = trace.partition(" exists, ")
    return trace in told or (bool(exists) and told.startswith((f"{subject} ", f"{subject}:")))


@dataclass(frozen=True, slots=True, kw_only=True)
class PodProof:
    """Pods that speak for and against a candidate having wired them."""

    wired: tuple[Pod, ...]
    foreign: tuple[Pod, ...]


class Observations:
    """What was seen of pods, conditions and files, with the companions of the primary left out."""

    def __init__(self, cluster: Cluster, *, companions: frozenset[str] = frozenset()) -> None:
        self.cluster = cluster
        self.companions = companions

    @cached_property
    def wired_pods(self) -> tuple[Pod, ...]:
        """Ordinary pods with an address."""
        return tuple(pod for pod in self.cluster.pods if pod.wired)

    @cached_property
    def first_files(self) -> Mapping[str, ConfFile]:
        """Node -> the configuration file that wires its new pods (Multus' only delegates)."""
        return traces.first_files(self.cluster, skipped=self.companions & {"multus"})

    @cached_property
    def cilium_endpoints(self) -> frozenset[tuple[str, str]]:
        """Namespace and name of the pods Cilium says it manages."""
        return frozenset(
            (
                reading.text(item, "metadata", "namespace") or "",
                reading.text(item, "metadata", "name") or "",
            )
            for item in self.cluster.objects("cilium.io", "ciliumendpoints")
        )

    def mark(self, pod: Pod) -> str | None:
        """Return the CNI whose mark a pod carries, companions' marks left out."""
        marked = traces.mark_of(pod)
        if marked is None and (pod.namespace, pod.name) in self.cilium_endpoints:
            marked = "cilium"
        return None if marked in self.companions else marked

    def proof(self, candidate: Candidate, *, newer_only: bool = True) -> PodProof:
        """Return which pods the candidate wired and which it did not."""
        wired: list[Pod] = []
        foreign: list[Pod] = []
        for pod in self.wired_pods:
            since = candidate.installed_since
            if newer_only and since is not None and (pod.created or "") <= since:
                continue
            match self._speaks(candidate, pod):
                case True:
                    wired.append(pod)
                case False:
                    foreign.append(pod)
                case None:
                    pass
        return PodProof(wired=tuple(wired), foreign=tuple(foreign))

    def _speaks(self, candidate: Candidate, pod: Pod) -> bool | None:
        marked = self.mark(pod)
        if marked is not None:
            return marked in candidate.covers
        network = traces.default_network(pod)
        if network is not None:
            owners = {trace.name for trace in traces.TRACES if network in trace.networks}
            if owners and not owners & self.companions:
                return bool(owners & (candidate.covers | {candidate.name}))
        if candidate.details.get("datastore") != "etcd" and candidate.name in MARKED_BY_PLUGIN:
            return False
        if candidate.name == "cilium" and self.cluster.complete("cilium.io", "ciliumendpoints"):
            return False
        if candidate.pod_cidr:
            return traces.in_pod_cidr(pod, self.cluster)
        return None

    def evidence(self, candidate: Candidate) -> tuple[Evidence, ...]:
        """Return all evidence on a candidate but its own workload and configuration."""
        own = tuple(
            item
            for name in sorted(candidate.covers)
            for item in traces.traces_of(self.cluster, name)
            if item.rank != Rank.NODE_FILE
            and not any(_says(told.text, item.text) for told in candidate.evidence)
        )
        return (
            self._pod_evidence(candidate)
            + self._file_evidence(candidate)
            + own
            + self._condition_evidence(candidate)
        )

    def _pod_evidence(self, candidate: Candidate) -> tuple[Evidence, ...]:
        proof = self.proof(candidate)
        told: list[Evidence] = []
        if proof.wired:
            told.append(
                in_favour(
                    Rank.POD,
                    f"{counted(len(proof.wired), 'sampled pod')} wired by it:"
                    f" {named((pod.full_name for pod in proof.wired), most=3)}",
                    source=_SOURCE_PODS,
                )
            )
        if proof.foreign:
            told.append(
                against(
                    Rank.POD,
                    f"{counted(len(proof.foreign), 'sampled pod')} newer than it but wired by"
                    f" another: {named((pod.full_name for pod in proof.foreign), most=3)}",
                    source=_SOURCE_PODS,
                )
            )
        return tuple(told)

    def _condition_evidence(self, candidate: Candidate) -> tuple[Evidence, ...]:
        others: Counter[str] = Counter()
        for node in self.cluster.nodes:
            owner = traces.OWNER_OF_REASON.get(node.network_reason or "")
            if owner is None or owner in candidate.covers or owner in self.companions:
                continue
            if traces.fresh_condition(node, candidate.installed_since):
                others[node.network_reason or ""] += 1
        return tuple(
            against(
                Rank.CONDITION,
                f"{count} of {len(self.cluster.nodes)} nodes tell NetworkUnavailable with reason"
                f" {reason}, written after it was installed",
                source="/api/v1/nodes",
            )
            for reason, count in others.most_common()
        )

    def _file_evidence(self, candidate: Candidate) -> tuple[Evidence, ...]:
        ours = candidate.covers | {candidate.name} | self.companions
        told: list[Evidence] = []
        own: Counter[str] = Counter()
        foreign: Counter[str] = Counter()
        for file in self.first_files.values():
            owner = traces.file_owner(file)
            if owner is not None:
                (own if owner in ours else foreign)[file.name] += 1
        total = len(self.cluster.conf_files)
        for name, count in own.most_common():
            told.append(
                in_favour(
                    Rank.NODE_FILE,
                    f"{name} is the first CNI configuration on {count} of {total} nodes read",
                    source="host:/etc/cni/net.d",
                )
            )
        for name, count in foreign.most_common():
            told.append(
                against(
                    Rank.NODE_FILE,
                    f"{name}, which is not its own, is the first CNI configuration on {count} of"
                    f" {total} nodes read",
                    source="host:/etc/cni/net.d",
                )
            )
        return tuple(told)

    def standing(self, candidate: Candidate) -> tuple[int, int, int, int]:
        """Return what breaks a tie between two running primaries, the strongest count first."""
        proof = self.proof(candidate)
        conditions = sum(
            traces.OWNER_OF_REASON.get(node.network_reason or "") in candidate.covers
            and traces.fresh_condition(node, candidate.installed_since)
            for node in self.cluster.nodes
        )
        names = candidate.covers | {candidate.name}
        files = sum(traces.file_owner(file) in names for file in self.first_files.values())
        return (len(proof.wired) - len(proof.foreign), files, conditions, candidate.ready)

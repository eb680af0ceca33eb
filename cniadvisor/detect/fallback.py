"""The best answer where agents could not be read, and the proof that there is no CNI at all.

A guess needs more than what outlives every uninstall: conditions or pods' marks, and only where
DaemonSets were refused. "none" needs nodes that say so themselves.
"""

from collections import Counter

from cniadvisor.detect import calico, reading, traces
from cniadvisor.detect.candidate import Candidate, Slot
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.domain.findings import Component, Confidence, Coverage

OPENSHIFT_TYPES = {
    "ovnkubernetes": "ovn-kubernetes",
    "openshiftsdn": "openshift-sdn",
    "calico": "calico",
    "cilium": "cilium",
    "antrea": "antrea",
}
CALICO_CNI_TYPES = {"amazonvpc": "aws-vpc-cni", "azurevnet": "azure-cni", "gke": "kubenet"}


def guess(cluster: Cluster) -> tuple[Candidate, ...]:
    """Return who is likely the primary where the agents could not be read, at low confidence."""
    if stated := _openshift(cluster):
        return (stated,)
    if stated := _calico_operator(cluster):
        return (stated,)
    if cluster.known("apps", "daemonsets"):
        return ()
    told = Counter(
        owner
        for node in cluster.nodes
        if node.network_status == "False"
        and (owner := traces.OWNER_OF_REASON.get(node.network_reason or ""))
    )
    marks = Counter(mark for pod in cluster.pods if pod.wired and (mark := traces.mark_of(pod)))
    if cluster.objects("cilium.io", "ciliumendpoints"):
        marks["cilium"] += len(cluster.objects("cilium.io", "ciliumendpoints"))
    evidence: list[Evidence] = []
    names = {name for name, count in told.items() if count == len(cluster.nodes)}
    for name in names:
        evidence.extend(
            item for item in traces.traces_of(cluster, name) if item.rank == Rank.CONDITION
        )
    for name, count in marks.most_common():
        evidence.append(
            in_favour(Rank.POD, f"{count} sampled pods carry {name}'s mark", source="/api/v1/pods")
        )
    candidates = names | set(marks)
    if candidates == {"flannel", "calico"} and "flannel" in names:
        return (_guessed("canal", frozenset({"canal", "flannel", "calico"}), evidence),)
    if len(candidates) == 1:
        name = candidates.pop()
        return (_guessed(name, frozenset({name}), evidence),)
    return ()


def _guessed(name: str, covers: frozenset[str], evidence: list[Evidence]) -> Candidate:
    return Candidate(
        name=name, slot=Slot.PRIMARY, covers=covers, sure=Confidence.LOW, evidence=tuple(evidence)
    )


def _openshift(cluster: Cluster) -> Candidate | None:
    """OpenShift states its network type, which is authoritative for what its operator runs."""
    for network in cluster.objects("config.openshift.io", "networks"):
        kind = reading.text(network, "status", "networkType")
        name = OPENSHIFT_TYPES.get((kind or "").lower())
        if name is not None:
            mtu = reading.integer(network, "status", "clusterNetworkMTU")
            return Candidate(
                name=name,
                slot=Slot.PRIMARY,
                covers=frozenset({name}),
                variant="openshift",
                mtu=mtu if mtu and mtu > 0 else None,
                sure=Confidence.MEDIUM,
                evidence=(
                    in_favour(
                        Rank.RESOURCE,
                        f"OpenShift's Network says networkType {kind}",
                        source="/apis/config.openshift.io/v1/networks",
                    ),
                ),
            )
    return None


def _all(nodes: int) -> str:
    return "The only node is" if nodes == 1 else f"All {nodes} nodes are"


def _calico_operator(cluster: Cluster) -> Candidate | None:
    """Calico's operator says whose pods it polices, if it leaves wiring them to a cloud's CNI."""
    if not any(w.running and calico.is_calico(w) for w in cluster.daemon_sets):
        return None
    for installation in cluster.objects("operator.tigera.io", "installations"):
        kind = reading.text(installation, "spec", "cni", "type")
        name = CALICO_CNI_TYPES.get((kind or "").lower())
        if name is not None:
            return Candidate(
                name=name,
                slot=Slot.PRIMARY,
                covers=frozenset({name}),
                mode="native",
                sure=Confidence.MEDIUM,
                embedded=True,
                evidence=(
                    in_favour(
                        Rank.RESOURCE,
                        f"Calico's operator polices pods of another CNI: Installation says"
                        f" cni.type {kind}",
                        source="/apis/operator.tigera.io/v1/installations",
                    ),
                ),
            )
    return None


def proven_absent(cluster: Cluster) -> Component | None:
    """Return ``none`` if every node says that it has no CNI and nothing speaks against it."""
    if not cluster.known("apps", "daemonsets") or not cluster.known("", "nodes"):
        return None
    if not cluster.nodes or any(pod.wired for pod in cluster.pods):
        return None
    unready = [node for node in cluster.nodes if node.without_cni]
    empty = [
        node.name
        for node in cluster.nodes
        if node.name in cluster.host_nodes and not cluster.conf_files.get(node.name)
    ]
    total = len(cluster.nodes)
    evidence: list[str] = []
    if len(unready) == total:
        evidence.append(f"{_all(total)} not Ready: the container runtime has no CNI plugin set up")
    if len(empty) == total:
        evidence.append(f"{_all(total)} without a CNI configuration file")
    if not evidence:
        return None
    evidence.append("No DaemonSet of a known CNI has an agent")
    return Component(
        name="none",
        confidence=Confidence.HIGH,
        coverage=Coverage(nodes=0, of=total),
        evidence=tuple(evidence),
    )

"""What is wrong although everything looks Ready: agents behind, pods stuck, a switch half done."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from cniadvisor.detect import reading, traces
from cniadvisor.detect.candidate import Candidate
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Pod, Workload
from cniadvisor.detect.corroborate import Observations
from cniadvisor.detect.weigh import Judgement, uncovered
from cniadvisor.domain.words import counted, named

STUCK_AFTER_S = 30
MIGRATION_LABEL = "projectcalico.org/node-network-during-migration"
_OLD_PLUGIN = re.compile(r"incompatible CNI versions?;? *(?P<told>[^\n]{0,160})", re.IGNORECASE)
_NO_PLUGIN = re.compile(r"failed to find plugin \"(?P<plugin>[^\"\n]{1,60})\"")


def warnings(cluster: Cluster, judgement: Judgement) -> tuple[str, ...]:
    """Return one sentence for each thing the user should know of."""
    primary = judgement.primary.candidate if judgement.primary else None
    told = [*judgement.warnings]
    for weighed in judgement.everybody:
        told.extend(weighed.candidate.warnings)
        told.extend(agents_not_ready(weighed.candidate))
        told.extend(agents_not_updated(weighed.candidate))
    told.extend(stuck_pods(cluster, judgement))
    if primary is not None:
        told.extend(first_file_is_foreign(primary, judgement.observations))
        told.extend(pods_from_before(primary, judgement.observations))
        told.extend(uncovered_nodes(cluster, primary))
        told.extend(installed_twice(cluster, primary))
        told.extend(windows_nodes(cluster, primary))
        told.extend(intended(cluster, primary))
    told.extend(network_unavailable(cluster))
    told.extend(flannel_to_calico(cluster))
    return tuple(dict.fromkeys(told))


# Agents


def agents_not_ready(candidate: Candidate) -> tuple[str, ...]:
    """Agents that are wanted and not ready: pods on their nodes keep what they have."""
    return tuple(
        f"{candidate.name}: agents not ready, {workload.ready} of {workload.desired} of {workload}"
        " are; new pods on the other nodes may get no network."
        for workload in candidate.workloads
        if workload.desired is not None and workload.ready < workload.desired
    )


def agents_not_updated(candidate: Candidate) -> Iterator[str]:
    """Agents of different versions: an update under way, stuck, or left to whoever deletes pods."""
    for workload in candidate.workloads:
        for container in workload.containers:
            wanted = container.image.version
            seen = Counter(
                image.version or "an unknown version"
                for image in workload.pod_images.get(container.name, ())
                if image.reference != container.image.reference
            )
            other = {version: count for version, count in seen.items() if version != wanted}
            if other and wanted:
                total = len(workload.pod_images[container.name])
                told = ", ".join(f"{count} run {version}" for version, count in other.items())
                yield (
                    f"{candidate.name}: {workload} wants {container.name} {wanted}, but of"
                    f" {counted(total, 'pod')} looked at {told}: an update is under way"
                    " or stuck."
                )
                return
        behind = (workload.desired or 0) - (workload.updated or 0)
        if workload.updated is not None and behind > 0 and workload.running:
            yield (
                f"{candidate.name}: {counted(behind, 'agent')} of {workload.desired} of {workload}"
                " not updated to its current template yet: they may run another version or"
                " configuration."
            )


def uncovered_nodes(cluster: Cluster, primary: Candidate) -> tuple[str, ...]:
    """Ready nodes on which the primary's agents are not even wanted."""
    missing = uncovered(cluster, primary)
    wanted = primary.desired
    if not primary.running or wanted is None or missing == 0 or primary.ready < wanted:
        return ()
    return (
        f"{counted(missing, 'Ready node')} without an agent of {primary.name}, which is wanted on"
        f" {wanted} only: something else wires pods there, or nothing.",
    )


def installed_twice(cluster: Cluster, primary: Candidate) -> tuple[str, ...]:
    """Two workloads of one CNI on the same nodes, as when the namespace changed in an upgrade."""
    running = [str(workload) for workload in primary.workloads if workload.running]
    if len(running) < 2 or not cluster.nodes or primary.ready <= len(cluster.nodes):
        return ()
    return (f"{primary.name} is installed more than once: {named(running)}.",)


def windows_nodes(cluster: Cluster, primary: Candidate) -> tuple[str, ...]:
    """Windows nodes that no agent of the primary runs on."""
    windows = [node.name for node in cluster.nodes if node.windows]
    served = any("windows" in word for w in primary.workloads for word in (w.name, *_images(w)))
    if not windows or served:
        return ()
    return (
        f"{counted(len(windows), 'Windows node')} without an agent of {primary.name}: what wires"
        f" pods there runs outside Kubernetes (RKE2) or is missing ({named(sorted(windows))}).",
    )


def _images(workload: Workload) -> tuple[str, ...]:
    return tuple(container.image.path for container in workload.containers)


def network_unavailable(cluster: Cluster) -> tuple[str, ...]:
    """Nodes that say their network is not set up; Calico's word for it stays after it is gone."""
    reasons: dict[str, list[str]] = {}
    for node in cluster.nodes:
        if node.network_status == "True":
            reasons.setdefault(node.network_reason or "no reason", []).append(node.name)
    return tuple(
        f"{counted(len(names), 'node')} with NetworkUnavailable=True ({reason}), which keeps pods"
        f" away: {named(sorted(names))}."
        for reason, names in sorted(reasons.items())
    )


# Pods that get no network


def stuck_pods(cluster: Cluster, judgement: Judgement) -> tuple[str, ...]:
    """Pods that wait for their network although the agent on their node is Ready.

    A young pod is not stuck, nor one that waits for a volume while newer pods of its node get their
    network. What counts is an event that says so, or that another pod of the node, created no
    earlier, already runs on the host network, or that half a minute has passed.
    """
    messages = _sandbox_messages(cluster)
    latest = max(
        (*(pod.created or "" for pod in cluster.pods), *(node.heartbeat for node in cluster.nodes)),
        default="",
    )
    on_host = _newest(pod for pod in cluster.pods if pod.host_network and pod.ready)
    on_network = _newest(pod for pod in cluster.pods if pod.wired)
    stuck = [
        pod
        for pod in cluster.pods
        if _waits_for_network(pod)
        and (
            (pod.namespace, pod.name) in messages
            or (
                on_network.get(pod.node, "") <= (pod.created or "~")
                and (
                    on_host.get(pod.node, "") >= (pod.created or "~")
                    or _seconds_between(pod.created, latest) >= STUCK_AFTER_S
                )
            )
        )
    ]
    if not stuck:
        return ()
    primary = judgement.primary.candidate if judgement.primary else None
    ready = primary is not None and primary.running
    although = f" although {primary.name}'s agents are ready" if primary and ready else ""
    who = named(pod.full_name for pod in stuck)
    nodes = counted(len({pod.node for pod in stuck}), "node")
    told = [messages.get((pod.namespace, pod.name), "") for pod in stuck]
    return (
        f"{counted(len(stuck), 'pod')} on {nodes} stuck without a network{although}: {who}."
        f" {_why_stuck(told, judgement)}",
    )


def _why_stuck(messages: list[str], judgement: Judgement) -> str:
    for message in messages:
        if found := _OLD_PLUGIN.search(message):
            return (
                "The CNI plugin on the node is older than the cniVersion of its configuration:"
                f" {found['told']}. Update the plugin or lower cniVersion."
            )
        if found := _NO_PLUGIN.search(message):
            return f"The CNI plugin {found['plugin']} is not on the node."
    for message in messages:
        if message:
            return f"The container runtime says: {message[-200:]}"
    former = _sorting_before(judgement)
    if former:
        return (
            f"A former CNI's configuration ({named(former)}) may still be on the nodes and sorts"
            " first, or the CNI plugin may be older than the cniVersion of its configuration;"
            " `kubectl describe pod` tells which."
        )
    return (
        "Often the CNI plugin on the node is older than the cniVersion of its configuration, or"
        " missing; `kubectl describe pod` tells which."
    )


def _sorting_before(judgement: Judgement) -> list[str]:
    """Usual file names of CNIs with traces here that sort before the primary's own."""
    if judgement.primary is None:
        return []
    cluster, primary = judgement.observations.cluster, judgement.primary.candidate
    own = traces.TRACE_OF.get(primary.name)
    active = {name for weighed in judgement.everybody for name in weighed.candidate.covers}
    return [
        trace.file
        for trace in traces.TRACES
        if own is not None
        and trace.file
        and trace.file < own.file
        and trace.name not in active
        and traces.traces_of(cluster, trace.name)
    ]


def _sandbox_messages(cluster: Cluster) -> Mapping[tuple[str, str], str]:
    """Return pod -> what the container runtime said when it could not set up its network."""
    messages: dict[tuple[str, str], str] = {}
    for event in cluster.objects("", "events"):
        if reading.text(event, "reason") != "FailedCreatePodSandBox":
            continue
        involved = reading.mapping(event, "involvedObject") or reading.mapping(event, "regarding")
        key = (reading.text(involved, "namespace") or "", reading.text(involved, "name") or "")
        messages[key] = reading.text(event, "message") or reading.text(event, "note") or ""
    return messages


def _waits_for_network(pod: Pod) -> bool:
    return (
        not pod.host_network
        and bool(pod.node)
        and pod.phase == "Pending"
        and not pod.ips
        and (pod.sandbox_ready is False or "ContainerCreating" in pod.waiting)
    )


def _newest(pods: Iterable[Pod]) -> Mapping[str, str]:
    newest: dict[str, str] = {}
    for pod in pods:
        newest[pod.node] = max(newest.get(pod.node, ""), pod.created or "")
    return newest


def _seconds_between(earlier: str | None, later: str) -> float:
    try:
        start, end = datetime.fromisoformat(earlier or ""), datetime.fromisoformat(later)
    except ValueError:
        return 0.0
    return (end - start).total_seconds()


# Former CNIs and migrations


def first_file_is_foreign(primary: Candidate, observations: Observations) -> tuple[str, ...]:
    """A former CNI's configuration file that sorts before the primary's breaks every new pod."""
    ours = primary.covers | {primary.name} | observations.companions
    foreign: dict[str, list[str]] = {}
    for node, file in observations.first_files.items():
        owner = traces.file_owner(file)
        if owner is not None and owner not in ours:
            foreign.setdefault(file.name, []).append(node)
    return tuple(
        f"{name} on {counted(len(nodes), 'node')} ({named(sorted(nodes))}) sorts first, before"
        f" {primary.name}'s own configuration: the container runtime uses it for every new pod."
        " Remove it if it is a former CNI's."
        for name, nodes in sorted(foreign.items())
    )


def pods_from_before(primary: Candidate, observations: Observations) -> tuple[str, ...]:
    """Pods that another CNI wired: they keep its addresses and are not under policy."""
    if not primary.running:
        return ()
    old = observations.proof(primary, newer_only=False).foreign
    if not old:
        return ()
    return (
        f"{counted(len(old), 'sampled pod')} not wired by {primary.name}, as from before a CNI"
        f" switch: {named(pod.full_name for pod in old)}. They may be unreachable and NetworkPolicy"
        " may not hold for them; restart them.",
    )


def flannel_to_calico(cluster: Cluster) -> tuple[str, ...]:
    """Calico's live migration away from Flannel, which labels nodes while it lasts."""
    moved = [n.labels[MIGRATION_LABEL] for n in cluster.nodes if MIGRATION_LABEL in n.labels]
    if not moved:
        return ()
    return (
        f"A migration from Flannel to Calico is under way: {moved.count('calico')} of"
        f" {counted(len(cluster.nodes), 'node')} use Calico, {moved.count('flannel')} Flannel.",
    )


def intended(cluster: Cluster, primary: Candidate) -> tuple[str, ...]:
    """A chart of RKE2 that asks for another CNI than the one that runs: intent is not state."""
    wanted = {
        name.removeprefix("rke2-")
        for item in cluster.objects("helm.cattle.io", "helmcharts")
        if (name := reading.text(item, "metadata", "name"))
        in {"rke2-canal", "rke2-calico", "rke2-cilium", "rke2-flannel"}
    }
    if not wanted or primary.name in wanted:
        return ()
    return (
        f"RKE2 is set to install {named(sorted(wanted))}, but {primary.name} runs: the change has"
        " not taken effect.",
    )

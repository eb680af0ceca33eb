"""What is wrong although everything looks Ready: agents behind, pods stuck, a switch half done."""

from cniadvisor.detect import traces
from cniadvisor.detect.candidate import Candidate
from cniadvisor.detect.cluster import Cluster, Pod
from cniadvisor.detect.corroborate import Observations
from cniadvisor.detect.weigh import Judgement

_NAMED_AT_MOST = 5


def warnings(cluster: Cluster, judgement: Judgement) -> tuple[str, ...]:
    """Return one sentence for each thing the user should know of."""
    primary = judgement.primary.candidate if judgement.primary else None
    told = [*judgement.warnings]
    for weighed in judgement.everybody:
        told.extend(weighed.candidate.warnings)
        told.extend(agents_not_ready(weighed.candidate))
    told.extend(stuck_pods(cluster, primary))
    if primary is not None:
        told.extend(first_file_is_foreign(cluster, primary, judgement.observations))
        told.extend(pods_from_before(primary, judgement.observations))
    return tuple(dict.fromkeys(told))


def agents_not_ready(candidate: Candidate) -> tuple[str, ...]:
    """Agents that are wanted and not ready: pods on their nodes keep what they have, new ones don't
    get a network."""
    return tuple(
        f"{candidate.name}: only {workload.ready} of {workload.desired} agents of {workload} are"
        " ready; new pods on the other nodes may get no network."
        for workload in candidate.workloads
        if workload.desired is not None and workload.ready < workload.desired
    )


def stuck_pods(cluster: Cluster, primary: Candidate | None) -> tuple[str, ...]:
    """Pods that wait for their network although the agent on their node is Ready.

    A pod that is only young is not stuck: what counts is that another pod of the node, created no
    earlier, already runs on the host network, or that half a minute has passed.
    """
    latest = max((pod.created or "" for pod in cluster.pods), default="")
    stuck = [pod for pod in cluster.pods if _waits_for_network(pod)]
    hosts = {
        node: max(
            (
                p.created or ""
                for p in cluster.pods
                if p.host_network and p.ready and p.node == node
            ),
            default="",
        )
        for node in {pod.node for pod in stuck}
    }
    stuck = [
        pod
        for pod in stuck
        if hosts[pod.node] >= (pod.created or "~") or _seconds_between(pod.created, latest) >= 30
    ]
    if not stuck:
        return ()
    nodes = len({pod.node for pod in stuck})
    who = f" although {primary.name}'s agents are ready" if primary and primary.running else ""
    return (
        f"{len(stuck)} pods on {nodes} nodes are stuck without a network{who}: {_named(stuck)}."
        " The CNI plugin may be missing, or older than the cniVersion of its configuration, or a"
        " former CNI's configuration file may sort first; `kubectl describe pod` tells which.",
    )


def first_file_is_foreign(
    cluster: Cluster, primary: Candidate, observations: Observations
) -> tuple[str, ...]:
    """A former CNI's configuration file that sorts before the primary's breaks every new pod."""
    ours = primary.covers | {primary.name} | observations.companions
    foreign: dict[str, list[str]] = {}
    for node, file in traces.first_files(cluster).items():
        if traces.file_owner(file) not in ours:
            foreign.setdefault(file.name, []).append(node)
    return tuple(
        f"{name} on {len(nodes)} nodes sorts before {primary.name}'s own configuration, so the"
        " container runtime uses it for every new pod. Remove it if it is a former CNI's"
        f" ({', '.join(sorted(nodes)[:_NAMED_AT_MOST])})."
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
        f"{len(old)} of the sampled pods were not wired by {primary.name} (from before a CNI"
        f" switch?): {_named(old)}. They may be unreachable and NetworkPolicy may not hold for"
        " them; restart them.",
    )


def _waits_for_network(pod: Pod) -> bool:
    return (
        not pod.host_network
        and bool(pod.node)
        and pod.phase == "Pending"
        and not pod.ips
        and (pod.sandbox_ready is False or "ContainerCreating" in pod.waiting)
    )


def _seconds_between(earlier: str | None, later: str) -> float:
    from datetime import datetime

    try:
        return (
            datetime.fromisoformat(later) - datetime.fromisoformat(earlier or "")
        ).total_seconds()
    except ValueError:
        return 0.0


def _named(pods: list[Pod] | tuple[Pod, ...]) -> str:
    names = ", ".join(pod.full_name for pod in pods[:_NAMED_AT_MOST])
    return names + (", …" if len(pods) > _NAMED_AT_MOST else "")

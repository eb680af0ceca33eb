"""Chooses the nodes to look at and the pods to keep: pure, and the same for the same cluster."""

from collections.abc import Iterable, Sequence

from cniadvisor.domain.inventory import JsonObject
from cniadvisor.k8s.inventory_reads import NETWORK_AGENT
from cniadvisor.k8s.objects import mapping, objects, text, value

_ATTACHMENTS = "k8s.v1.cni.cncf.io/networks"
_PER_NODE = frozenset({"DaemonSet", "Node"})


def evenly(names: Sequence[str], count: int) -> Sequence[str]:
    """Return at most ``count`` names, evenly over the list: nodes of a pool are named alike."""
    if len(names) <= count:
        return names
    if count <= 1:
        return names[:count]
    step = (len(names) - 1) / (count - 1)
    return [names[round(index * step)] for index in range(count)]


def is_agent(pod: JsonObject) -> bool:
    """Tell whether a pod is one per node and looks like part of the cluster's network.

    Of a DaemonSet, or a static pod, which its node owns: so RKE2 and GKE run kube-proxy.
    """
    owners = objects(pod, "metadata", "ownerReferences")
    return any(owner.get("kind") in _PER_NODE for owner in owners) and _looks_like_network(
        mapping(pod, "spec"), text(pod, "metadata", "name")
    )


def is_network_workload(workload: JsonObject) -> bool:
    """Tell whether a DaemonSet or Deployment looks like part of the cluster's network."""
    return _looks_like_network(
        mapping(workload, "spec", "template", "spec"), text(workload, "metadata", "name")
    )


def sampled_pods(by_node: Iterable[Sequence[JsonObject]], at_most: int) -> list[JsonObject]:
    """Return at most ``at_most`` workload pods, shared out evenly over the nodes.

    Of each node: first a pod that never got its network, then one that asks for further
    attachments, then by turns the newest (wired by the CNI of today) and the oldest (which may
    still be wired by the one before).
    """
    queues = [_in_order_of_interest(pods) for pods in by_node]
    chosen: list[JsonObject] = []
    while len(chosen) < at_most and any(queues):
        for queue in queues:
            if queue and len(chosen) < at_most:
                chosen.append(queue.pop(0))
    return chosen


def is_stuck(pod: JsonObject) -> bool:
    """Tell whether a pod is on a node, waits, and has no address: its network never came."""
    return (
        value(pod, "status", "phase") == "Pending"
        and not value(pod, "status", "podIP")
        and bool(value(pod, "spec", "nodeName"))
    )


def _in_order_of_interest(pods: Iterable[JsonObject]) -> list[JsonObject]:
    candidates = [pod for pod in pods if _wired_by_the_cni(pod)]
    candidates.sort(key=_created, reverse=True)
    stuck = [pod for pod in candidates if is_stuck(pod)]
    running = [pod for pod in candidates if not is_stuck(pod)]
    attached = [pod for pod in running if _asks_for_attachments(pod)]
    first = [*stuck[:1], *attached[:1]]
    rest = [pod for pod in running if not any(pod is one for one in first)]
    by_turns: list[JsonObject] = []
    while rest:
        by_turns.append(rest.pop(0))
        if rest:
            by_turns.append(rest.pop())
    return [*first, *by_turns, *stuck[1:]]


def _wired_by_the_cni(pod: JsonObject) -> bool:
    """Not on the host's network, not an agent, and either running or stuck."""
    if value(pod, "spec", "hostNetwork") is True or is_agent(pod):
        return False
    running = value(pod, "status", "phase") == "Running" and bool(value(pod, "status", "podIP"))
    return running or is_stuck(pod)


def _asks_for_attachments(pod: JsonObject) -> bool:
    return bool(value(pod, "metadata", "annotations", _ATTACHMENTS))


def _looks_like_network(spec: JsonObject, name: str) -> bool:
    names = [name]
    for key in ("containers", "initContainers"):
        for container in objects(spec, key):
            names += [text(container, "name"), text(container, "image").rpartition("/")[2]]
    return any(NETWORK_AGENT.search(one) for one in names)


def _created(pod: JsonObject) -> tuple[str, str]:
    return text(pod, "metadata", "creationTimestamp"), text(pod, "metadata", "name")

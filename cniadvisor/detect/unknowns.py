"""What could not be read, what it would have told, and the right that would tell.

A refused read is unknown and never "absent": a limited account gets the best answer from the rest,
and learns here what it misses.
"""

from cniadvisor.detect import fallback, health, kube_proxy
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.weigh import Judgement
from cniadvisor.domain.findings import Confidence, Unknown

_ALWAYS_NEEDED = (
    ("apps", "daemonsets", "which CNI's agents run"),
    ("", "nodes", "nodes' conditions, annotations and podCIDRs, and how many nodes are covered"),
    ("", "pods", "who wired pods, and whether any are stuck"),
)


def unknown(cluster: Cluster, judgement: Judgement) -> tuple[Unknown, ...]:
    """Return everything that is not known, the most important first."""
    found: list[Unknown] = []
    for group, resource, tells in _ALWAYS_NEEDED:
        if refusal := cluster.refusal(group, resource):
            found.append(Unknown(what=f"{tells}: {refusal.what}", right=refusal.right))
        found.extend(
            Unknown(what=f"{tells}: {part.what}", right=part.right)
            for part in cluster.broken_parts(group, resource)
        )
    if cluster.groups is None and not cluster.definition_groups:
        told = f"which CNIs left their resources here: discovery ({cluster.discovery_outcome})"
        found.append(Unknown(what=told, right="get /apis"))
    for weighed in judgement.everybody:
        found.extend(weighed.candidate.unknown)
    events = cluster.refusal("", "events")
    if events is not None and health.stuck_pods(cluster, judgement):
        found.append(Unknown(what=f"why pods are stuck: {events.what}", right=events.right))
    found.extend(kube_proxy.unknown(cluster, judgement))
    if judgement.primary is None and fallback.proven_absent(cluster) is None:
        found.append(
            Unknown(
                what="who wires pods: nothing that could be read tells",
                right="read /etc/cni/net.d on a node, or create a pod and look at its routes",
            )
        )
    return tuple(dict.fromkeys(found))


def settle(cluster: Cluster, judgement: Judgement) -> tuple[str, ...]:
    """Return what would settle who the primary is, where that is not sure."""
    primary = judgement.primary
    if primary is not None and primary.confidence is Confidence.HIGH:
        return ()
    if primary is None and fallback.proven_absent(cluster) is not None:
        return ()
    told = [f"{item.right}: {item.what}" for item in unknown(cluster, judgement)]
    if primary is not None:
        candidate = primary.candidate
        if candidate.workloads and not candidate.running:
            told.append(f"{candidate.name} has no ready agent: see why with `kubectl logs`")
        elif candidate.desired is not None and candidate.ready < candidate.desired:
            told.append(f"all agents of {candidate.name} ready")
        told.extend(candidate.doubts)
        if not candidate.image_known:
            told.append("an image whose name tells what it is")
    if not cluster.conf_files:
        told.append("/etc/cni/net.d of the nodes: the first file there is what wires new pods")
    if not any(pod.wired for pod in cluster.pods):
        told.append("an ordinary running pod: its annotations and its address tell who wired it")
    return tuple(dict.fromkeys(told))

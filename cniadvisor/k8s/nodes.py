"""The nodes of a cluster as the API tells of them."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from cniadvisor.domain.errors import ClusterError, DeadlineError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.plan import NodeFacts
from cniadvisor.domain.quantities import mebibytes, millicores, quantity
from cniadvisor.domain.text import printable
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.objects import condition, mapping, objects, text, value

__all__ = ["node_facts", "node_trouble", "read_nodes", "requested_millicores"]

ASKED_FOR_REQUESTS = 12
"""Of at most so many nodes the pods are read: it is for choosing, and a pair is enough."""

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


async def read_nodes(connection: Connection) -> tuple[NodeFacts, ...]:
    """Read every node, in the order of their names.

    The CPU that pods request is summed for the first :data:`ASKED_FOR_REQUESTS` nodes a run could
    use (ready, schedulable, untainted Linux), if pods may be listed in the whole cluster.

    Raises:
        ClusterError: nodes can't be read; AccessError with the right when that is missing.
    """
    listed = await connection.listed("/api/v1/nodes")
    nodes = sorted(map(node_facts, objects(listed, "items")), key=lambda node: node.name)
    asked = [node for node in nodes if _is_candidate(node)][:ASKED_FOR_REQUESTS]
    requested = await asyncio.gather(*(_requested_on(connection, node.name) for node in asked))
    by_name = dict(zip((node.name for node in asked), requested, strict=True))
    return tuple(replace(node, requested_cpu_millicores=by_name.get(node.name)) for node in nodes)


def node_facts(node: JsonObject) -> NodeFacts:
    """Return what a Node object tells; nothing is known yet of the CPU requested on it."""
    info = mapping(node, "status", "nodeInfo")
    capacity = mapping(node, "status", "capacity")
    labels = mapping(node, "metadata", "labels")
    return NodeFacts(
        name=printable(text(node, "metadata", "name")),
        internal_ip=_internal_ip(node),
        ready=text(condition(node, "Ready"), "status") == "True",
        schedulable=value(node, "spec", "unschedulable") is not True,
        tainted=any(
            text(taint, "effect") in ("NoSchedule", "NoExecute")
            for taint in objects(node, "spec", "taints")
        ),
        control_plane=any(
            f"node-role.kubernetes.io/{role}" in labels for role in ("control-plane", "master")
        ),
        operating_system=_shown(info, "operatingSystem"),
        architecture=_shown(info, "architecture"),
        kernel=_shown(info, "kernelVersion"),
        os_image=_shown(info, "osImage"),
        kubelet_version=_shown(info, "kubeletVersion"),
        container_runtime=_shown(info, "containerRuntimeVersion"),
        cpu_millicores=millicores(text(capacity, "cpu")),
        memory_mib=mebibytes(text(capacity, "memory")),
        requested_cpu_millicores=None,
        zone=_first(
            labels, "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"
        ),
        instance_type=_first(
            labels, "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"
        ),
        boot_id=_shown(info, "bootID") or None,
    )


def node_trouble(node: JsonObject) -> str | None:
    """Return why a run must not go on on this node, or None."""
    name = printable(text(node, "metadata", "name"))
    ready = condition(node, "Ready")
    if text(ready, "status") != "True":
        said = printable(text(ready, "message"), limit=300)
        return f"node {name} is not ready" + (f": {said}" if said else "")
    for pressure in _PRESSURES:
        if text(condition(node, pressure), "status") == "True":
            return f"node {name} is under pressure ({pressure})"
    return None


def requested_millicores(pod: JsonObject) -> int:
    """Return the CPU the scheduler counts for a pod.

    The sum over its containers and sidecars, or the most that is needed while it starts, and the
    runtime's overhead (kubernetes.io, Sidecar containers: resource sharing within a pod).
    """
    sidecars = Decimal(0)
    starting = Decimal(0)
    for container in objects(pod, "spec", "initContainers"):
        asked = _cpu(container)
        if text(container, "restartPolicy") == "Always":
            sidecars += asked
            asked = Decimal(0)
        starting = max(starting, sidecars + asked)
    running = sidecars + sum(_cpu(container) for container in objects(pod, "spec", "containers"))
    overhead = quantity(text(pod, "spec", "overhead", "cpu")) or Decimal(0)
    return int((max(running, starting) + overhead) * 1000)


def _cpu(container: JsonObject) -> Decimal:
    return quantity(text(container, "resources", "requests", "cpu")) or Decimal(0)


async def _requested_on(connection: Connection, node: str) -> int | None:
    """Sum what pods request on a node; None when pods can't be read: it only helps to choose."""
    running = f"spec.nodeName={node},status.phase!=Succeeded,status.phase!=Failed"
    try:
        pods = await connection.listed("/api/v1/pods", {"fieldSelector": running})
    except (ClusterError, DeadlineError):
        return None
    return sum(map(requested_millicores, objects(pods, "items")))


def _is_candidate(node: NodeFacts) -> bool:
    return node.ready and node.schedulable and not node.tainted and node.operating_system == "linux"


def _internal_ip(node: JsonObject) -> str | None:
    for address in objects(node, "status", "addresses"):
        if address.get("type") == "InternalIP":
            return _shown(address, "address") or None
    return None


def _shown(thing: JsonObject, key: str) -> str:
    return printable(text(thing, key))


def _first(labels: JsonObject, *keys: str) -> str | None:
    return next((shown for key in keys if (shown := _shown(labels, key))), None)

"""The namespaces of the control plane and the nodes: nameless, they end with their processes."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.cluster import processes
from tests.cluster.errors import ClusterError
from tests.cluster.state import Cluster
from tests.cluster.waiting import until

CONTROL_PLANE = "control-plane"
_MOUNTS = Path(__file__).with_name("node_mounts.py")


def create_control_plane(cluster: Cluster) -> None:
    """A network namespace for etcd, the API server and the bridge between the nodes."""
    ready = _ready_file(cluster, CONTROL_PLANE)
    hold = ["sh", "-c", 'touch "$1"; exec sleep infinity', "sh", str(ready)]
    _start_holder(cluster, CONTROL_PLANE, ["unshare", "--net", "--", *hold])


def create_node(cluster: Cluster, node: str) -> None:
    """A node's network, mount and UTS namespaces, with the mounts that a node has of its own."""
    directory = cluster.directory / node
    directory.mkdir(exist_ok=True)
    unshare = ["unshare", "--net", "--mount", "--uts", "--propagation", "private", "--"]
    mounts = [sys.executable, str(_MOUNTS), node, str(directory), str(_ready_file(cluster, node))]
    _start_holder(cluster, node, [*unshare, *mounts])


def entering(cluster: Cluster, owner: str, argv: Sequence[str]) -> list[str]:
    """The command that becomes `argv` inside the namespaces of a node or the control plane."""
    kinds = ["--net"] if owner == CONTROL_PLANE else ["--net", "--mount", "--uts"]
    return ["nsenter", "--target", str(holder_pid(cluster, owner)), *kinds, "--", *argv]


def holder_pid(cluster: Cluster, owner: str) -> int:
    """The process that holds the namespaces open, for commands that take them by its number."""
    holder = processes.find(cluster, f"{owner}/namespaces")
    if not holder.running:
        raise ClusterError(f"{owner} of {cluster.name} is not running")
    return holder.pid


def _start_holder(cluster: Cluster, owner: str, argv: list[str]) -> None:
    name = f"{owner}/namespaces"
    holder = processes.start(cluster, name, argv)

    def ready() -> bool:
        if not holder.running:
            raise ClusterError(f"{owner} has no namespaces, see {cluster.log(name)}")
        return _ready_file(cluster, owner).exists()

    until(ready, 20, f"the namespaces of {owner} are made", every=0.02)


def _ready_file(cluster: Cluster, owner: str) -> Path:
    return cluster.directory / f"{owner}.namespaces-ready"

"""What a CNI must bring to be one of the cluster's choices."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.api import Api
from tests.cluster.state import Cluster


def _no_preparation(_cluster: Cluster, _node: str) -> None:
    """Most CNIs find on a node what they need."""


@dataclass(frozen=True, kw_only=True)
class Cni:
    """A CNI in one mode: its image archives, its objects, how to tell that nodes have it.

    Attributes:
        mode: as ``cniadvisor detect`` calls it, such as vxlan.
        ready: whether this many nodes have it.
        prepare_node: what a node needs before its kubelet starts.
        kube_proxy: False where the CNI does kube-proxy's work: then none is started.
    """

    name: str
    mode: str
    archives: Callable[[], list[Path]]
    objects: Callable[[], list[dict[str, Any]]]
    ready: Callable[[Api, int], bool]
    prepare_node: Callable[[Cluster, str], None] = _no_preparation
    kube_proxy: bool = True


def ready_nodes(api: Api) -> int:
    """How many nodes are Ready: a node without a CNI is not."""
    return sum(
        any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])
        for node in api.items("/api/v1/nodes")
    )


# Nodes that register and stay NotReady, for a CNI that somebody else puts there.
NONE = Cni(
    name="none",
    mode="",
    archives=list,
    objects=list,
    ready=lambda api, nodes: len(api.items("/api/v1/nodes")) == nodes,
)

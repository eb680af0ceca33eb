"""What a CNI must bring to be one of the cluster's choices."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.api import Api


@dataclass(frozen=True)
class Cni:
    """A CNI: its image archives, its objects and how to tell that this many nodes have it."""

    name: str
    archives: Callable[[], list[Path]]
    objects: Callable[[], list[dict[str, Any]]]
    ready: Callable[[Api, int], bool]


def ready_nodes(api: Api) -> int:
    """How many nodes are Ready: a node without a CNI is not."""
    return sum(
        any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])
        for node in api.items("/api/v1/nodes")
    )


# Nodes that register and stay NotReady.
NONE = Cni("none", list, list, lambda api, nodes: len(api.items("/api/v1/nodes")) == nodes)

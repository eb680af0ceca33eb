"""What is known about a cluster: written before anything is made, removed last."""

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.cluster.directories import state_directory
from tests.cluster.errors import ClusterError

DEFAULT_NAME = "cniadvisor-test"
CONTROL_PLANE_ADDRESS = "10.100.0.1"
SERVICE_CIDR = "10.96.0.0/16"
FIRST_SERVICE_ADDRESS = "10.96.0.1"
POD_CIDR = "10.244.0.0/16"
MAX_NODES = 9


@dataclass(frozen=True)
class Cluster:
    """A cluster of this machine: its name, where its API answers, its nodes."""

    name: str
    port: int
    cni: str
    nodes: tuple[str, ...]
    mode: str = ""
    ready: bool = False

    @property
    def directory(self) -> Path:
        """Everything of this cluster that lies on disk."""
        return run_directory(self.name)

    @property
    def network(self) -> str:
        """Its CNI and mode in words."""
        return f"{self.cni} {self.mode}".rstrip()

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, certificates embedded."""
        return self.directory / "admin.kubeconfig"

    def address(self, node: str) -> str:
        """A node's InternalIP."""
        return f"10.100.0.{10 + 1 + self.nodes.index(node)}"

    def log(self, process: str) -> Path:
        """The log of one process, such as "etcd" or "node1/kubelet"."""
        return self.directory / "log" / f"{process}.log"


def run_directory(name: str) -> Path:
    """Where a cluster of this name keeps its state; cgroups and files are named after it."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?", name):
        raise ClusterError(f"not a name for a cluster: {name!r} (small letters, digits, hyphens)")
    return state_directory() / name


def lock_file(name: str) -> Path:
    """Held while a cluster of this name is being made or removed."""
    return run_directory(name).with_name(f"{name}.lock")


def node_names(count: int) -> tuple[str, ...]:
    """The names of this many nodes."""
    if not 1 <= count <= MAX_NODES:
        raise ClusterError(f"1 to {MAX_NODES} nodes are possible, not {count}")
    return tuple(f"node{number}" for number in range(1, count + 1))


def save(cluster: Cluster) -> None:
    """Write the state; whoever is killed right after leaves something that `down` finds."""
    cluster.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = cluster.directory / "state.json.unfinished"
    unfinished.write_text(json.dumps(asdict(cluster), indent=2) + "\n")
    unfinished.replace(_state_file(cluster.name))


def mark_ready(cluster: Cluster) -> Cluster:
    """Record that the cluster came up whole."""
    ready = replace(cluster, ready=True)
    save(ready)
    return ready


def load(name: str = DEFAULT_NAME) -> Cluster | None:
    """The cluster of this name, also one that is half made; None if there is none."""
    try:
        fields = json.loads(_state_file(name).read_text())
    except FileNotFoundError:
        return None
    return Cluster(**(fields | {"nodes": tuple(fields["nodes"])}))


def _state_file(name: str) -> Path:
    return run_directory(name) / "state.json"

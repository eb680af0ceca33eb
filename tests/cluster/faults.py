"""Faults that tests ask for."""

import signal

from tests.cluster import control_plane, processes
from tests.cluster.state import Cluster


def stop_node(cluster: Cluster, node: str) -> None:
    """Freeze the node's kubelet: about 20 s later the node is NotReady; its pods run on."""
    processes.find(cluster, f"{node}/kubelet").send(signal.SIGSTOP)


def start_node(cluster: Cluster, node: str) -> None:
    """Let the kubelet go on: the node is Ready again within seconds."""
    processes.find(cluster, f"{node}/kubelet").send(signal.SIGCONT)


def forwarder_stop(cluster: Cluster) -> None:
    """Make the API server unreachable: connections break, and new ones are refused."""
    processes.find(cluster, control_plane.FORWARDER).end()


def forwarder_start(cluster: Cluster) -> None:
    """Make the API server reachable again, on the same port."""
    control_plane.start_forwarder(cluster)

"""The wires: a bridge beside the control plane, a veth pair from it to each node."""

from collections.abc import Generator
from contextlib import contextmanager

from tests.cluster import processes
from tests.cluster.namespaces import CONTROL_PLANE, entering, holder_pid
from tests.cluster.state import CONTROL_PLANE_ADDRESS, Cluster

_BRIDGE = "br0"
_PREFIX = 24
_WIRE = "eth0"  # a node's end; the bridge's end has the node's name
_BIGGEST_BURST = 128 * 1024  # two of the largest segments that offloading hands to the wire
_QUEUE_SECONDS = 0.02
_VXLAN_PORT = 8472  # Linux's, and so Flannel's; not IANA's


def create_bridge(cluster: Cluster) -> None:
    """The switch that the nodes are plugged into."""
    _ip(
        cluster,
        CONTROL_PLANE,
        "link set lo up",
        f"link add {_BRIDGE} type bridge",
        f"addr add {CONTROL_PLANE_ADDRESS}/{_PREFIX} dev {_BRIDGE}",
        f"link set {_BRIDGE} up",
    )


def connect_node(cluster: Cluster, node: str) -> None:
    """Give the node its wire, address and default route."""
    _ip(
        cluster,
        CONTROL_PLANE,
        f"link add {node} type veth peer name {_WIRE} netns {holder_pid(cluster, node)}",
        f"link set {node} master {_BRIDGE} up",
    )
    _ip(
        cluster,
        node,
        "link set lo up",
        f"addr add {cluster.address(node)}/{_PREFIX} dev {_WIRE}",
        f"link set {_WIRE} up",
        f"route add default via {CONTROL_PLANE_ADDRESS}",
    )
    # The node's own settings: /proc/sys/net is that of the namespace which looks.
    settings = "cd /proc/sys/net/ipv4\necho 1 > ip_forward\necho 0 > conf/all/rp_filter\n"
    processes.run(cluster, entering(cluster, node, ["sh", "-ec", settings]))


def shape(cluster: Cluster, node: str, rate_mbit: float | None) -> None:
    """Limit the node's wire to this rate, each direction by itself; None takes the limit off."""
    for owner, device in ((node, _WIRE), (CONTROL_PLANE, node)):
        if rate_mbit is None:
            commands = f"tc qdisc del dev {device} root 2>/dev/null || true"
        else:
            burst = max(_BIGGEST_BURST, int(rate_mbit * 1e6 / 8 / 250))  # a tick's worth
            limit = burst + int(rate_mbit * 1e6 / 8 * _QUEUE_SECONDS)
            commands = (
                f"tc qdisc replace dev {device} root tbf"
                f" rate {round(rate_mbit * 1e6)}bit burst {burst} limit {limit}"
            )
        processes.run(cluster, entering(cluster, owner, ["sh", "-ec", commands]))


@contextmanager
def rates_apart(cluster: Cluster, *, vxlan_mbit: float, others_mbit: float) -> Generator[None]:
    """Give VXLAN and all else a rate each on every node's wire, in sending, for a while.

    Rates count whole Ethernet frames without preamble and checksum, as the kernel does.
    """
    commands = [f"tc qdisc replace dev {_WIRE} root handle 1: htb default 2"]
    for number, rate_mbit in ((1, vxlan_mbit), (2, others_mbit)):
        rate = f"rate {round(rate_mbit * 1e6)}bit burst {_BIGGEST_BURST} cburst {_BIGGEST_BURST}"
        queue = _BIGGEST_BURST + int(rate_mbit * 1e6 / 8 * _QUEUE_SECONDS)
        commands += [
            f"tc class add dev {_WIRE} parent 1: classid 1:{number} htb {rate} quantum 60000",
            f"tc qdisc add dev {_WIRE} parent 1:{number} bfifo limit {queue}",
        ]
    commands.append(
        f"tc filter add dev {_WIRE} parent 1: protocol ip u32"
        f" match ip protocol 17 0xff match ip dport {_VXLAN_PORT} 0xffff flowid 1:1"
    )
    end = f"tc qdisc del dev {_WIRE} root 2>/dev/null || true"
    try:
        for node in cluster.nodes:
            processes.run(cluster, entering(cluster, node, ["sh", "-ec", "\n".join(commands)]))
        yield
    finally:
        for node in cluster.nodes:
            processes.run(cluster, entering(cluster, node, ["sh", "-ec", end]))


def _ip(cluster: Cluster, owner: str, *commands: str) -> None:
    batch = entering(cluster, owner, ["ip", "-batch", "-"])
    processes.run(cluster, batch, text="".join(f"{command}\n" for command in commands))

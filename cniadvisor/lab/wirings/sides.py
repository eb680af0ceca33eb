"""The two nodes as a CNI's agent sees them: itself, and its only peer."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from cniadvisor.lab.wiring import Nodes, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One node with its pod.

    Attributes:
        node, pod: the places.
        number: 1 or 2, for names and MAC addresses.
        address: the node's on the wire.
        block: the pod addresses that this node gives out.
        interface: the wire's name.
        node_mtu: the wire's MTU in bytes.
    """

    node: Place
    pod: Place
    number: int
    address: str
    block: IPv4Network
    interface: str
    node_mtu: int

    @property
    def tunnel_address(self) -> IPv4Address:
        """The block's first address: flanneld and Calico's IPAM both give it to the tunnel."""
        return self.block[0]

    @property
    def gateway(self) -> IPv4Address:
        """The block's second address: host-local keeps it for the gateway."""
        return self.block[1]

    @property
    def pod_address(self) -> IPv4Address:
        """The first address that host-local gives to a pod."""
        return self.block[2]


# What kube-controller-manager gives to the first two nodes of a cluster, as it does for kubeadm.
_NODE_BLOCKS = (IPv4Network("10.244.0.0/24"), IPv4Network("10.244.1.0/24"))
# Calico's own IPAM cuts blocks of 64 addresses (blockSize 26) out of the pool.
_CALICO_BLOCKS = (IPv4Network("10.244.10.64/26"), IPv4Network("10.244.20.128/26"))


def sides(nodes: Nodes, *, calico_ipam: bool = False) -> tuple[Side, Side]:
    """Return both nodes; the pod blocks are Calico's own IPAM's, or the nodes' podCIDRs."""
    first, second = _CALICO_BLOCKS if calico_ipam else _NODE_BLOCKS
    return (
        Side(
            node=Place.NODE1,
            pod=Place.POD1,
            number=1,
            address=nodes.node1_address,
            block=first,
            interface=nodes.interface,
            node_mtu=nodes.mtu,
        ),
        Side(
            node=Place.NODE2,
            pod=Place.POD2,
            number=2,
            address=nodes.node2_address,
            block=second,
            interface=nodes.interface,
            node_mtu=nodes.mtu,
        ),
    )

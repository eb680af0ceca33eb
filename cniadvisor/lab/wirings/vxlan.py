"""A VXLAN tunnel with one peer, filled in by hand as flanneld and Felix do it.

Neither lets the kernel learn: each peer has a permanent neighbour entry (its tunnel's address),
a permanent forwarding entry (its node's address) and a route over the tunnel.

Sources: flannel v0.28.10 ``pkg/backend/vxlan/device.go`` and ``vxlan_network.go``; Calico
``felix/dataplane/linux/vxlan_mgr.go``, ``route_mgr.go`` and ``felix/vxlanfdb``. Both create the
device through the same netlink library, whose defaults are iproute2's: UDP checksums on, TTL of the
inner packet not inherited, any source port.
"""

from dataclasses import dataclass

from cniadvisor.lab.wiring import Step
from cniadvisor.lab.wirings.sides import Side
from cniadvisor.lab.wirings.steps import run

OVERHEAD_BYTES = 50
"""Outer Ethernet, IPv4, UDP and VXLAN headers; subtracted from the node's MTU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """What tells one CNI's VXLAN from another's.

    Attributes:
        device: interface name.
        vni: VXLAN network identifier.
        port: UDP destination port.
        mac_prefix: the first five bytes of each tunnel's MAC address; the sixth is the node.
        link_options: for ``ip link add``, ahead of the type.
        route_options: for the route to the peer's block.
    """

    device: str
    vni: int
    port: int
    mac_prefix: str
    link_options: str = ""
    route_options: str = ""

    def mac(self, side: Side) -> str:
        """Return the MAC address of a node's end."""
        return f"{self.mac_prefix}:{side.number:02x}"


def tunnel_mtu(node_mtu: int) -> int:
    """Return the MTU in bytes of the tunnel and of the pods behind it."""
    return node_mtu - OVERHEAD_BYTES


def tunnel_steps(tunnel: Tunnel, side: Side, peer: Side) -> tuple[Step, ...]:
    """Return the steps that make a node's tunnel and tell it its peer."""
    device, mtu = tunnel.device, tunnel_mtu(side.node_mtu)
    link = f"ip link add {device} address {tunnel.mac(side)} mtu {mtu} {tunnel.link_options}"
    kind = f"type vxlan id {tunnel.vni} local {side.address} dev {side.interface}"
    to_peer = f"ip neigh replace {peer.tunnel_address} lladdr {tunnel.mac(peer)} dev {device}"
    through = f"bridge fdb replace {tunnel.mac(peer)} dev {device} dst {peer.address}"
    block = f"ip route replace {peer.block} via {peer.tunnel_address} dev {device} onlink"
    return (
        run(side.node, f"{link} {kind} dstport {tunnel.port} nolearning"),
        run(side.node, f"ip addr add {side.tunnel_address}/32 dev {device}"),
        run(side.node, f"ip link set {device} up"),
        run(side.node, f"{to_peer} nud permanent"),
        run(side.node, f"{through} self permanent"),
        run(side.node, f"{block} {tunnel.route_options}"),
    )

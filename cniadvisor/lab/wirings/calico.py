"""Calico: each pod behind a routed interface of its own, without encapsulation or over VXLAN.

Sources: Calico 3.29 to 3.32 ``cni-plugin/pkg/dataplane/linux/dataplane_linux.go`` (veth, proxy ARP,
the pod's routes), ``felix/dataplane/linux/endpoint_mgr.go`` (sysctls), ``vxlan_mgr.go`` and
``route_mgr.go``, ``felix/environment/feature_detect_linux.go`` (checksum offload of vxlan.calico
stays on with kernels after 5.7), ``confd/etc/calico/confd/templates`` (what BIRD exports).

``calico-vxlan`` encapsulates always (``vxlanMode: Always``). The shipped manifests say CrossSubnet,
which between two nodes on one wire is the plain route with VXLAN's MTU.

Left out: BIRD and its sessions (routes are set as BIRD sets them), kube-proxy's chains and the
portmap plugin's, IPv6, the operator, Felix's health and metrics ports.
"""

from cniadvisor.lab.wiring import Nodes, Step, Wiring
from cniadvisor.lab.wirings.felix_rules import felix_steps, workload_interface
from cniadvisor.lab.wirings.sides import Side, sides
from cniadvisor.lab.wirings.steps import run, sysctl, veth
from cniadvisor.lab.wirings.vxlan import Tunnel, tunnel_mtu, tunnel_steps

_GATEWAY = "169.254.1.1"  # on no interface: the node answers for it by proxy ARP
_WORKLOAD_MAC = "ee:ee:ee:ee:ee:ee"
_FELIX = "proto 80"  # Felix's own number for its routes
_SOURCE = "Calico 3.29 to 3.32: cni-plugin/pkg/dataplane/linux, felix/rules, felix/dataplane/linux"


def calico_routed(nodes: Nodes) -> Wiring:
    """Return Calico without encapsulation, with the routes that BIRD learns from the peer."""
    first, second = sides(nodes, calico_ipam=True)
    return Wiring(
        name="calico-routed",
        wired_as="Calico, no encapsulation, routes as by BGP",
        cni="calico",
        mode="bgp",
        source=f"{_SOURCE}, confd's templates for BIRD",
        pod_mtu=nodes.mtu,
        pod1_address=str(first.pod_address),
        pod2_address=str(second.pod_address),
        steps=(
            *_bird_routes(first, second),
            *_bird_routes(second, first),
            *workload(first, nodes.mtu),
            *workload(second, nodes.mtu),
            *felix_steps(first, second),
            *felix_steps(second, first),
        ),
    )


def calico_vxlan(nodes: Nodes) -> Wiring:
    """Return Calico with VXLAN between all nodes."""
    first, second = sides(nodes, calico_ipam=True)
    mtu = tunnel_mtu(nodes.mtu)
    tunnel = Tunnel(
        device="vxlan.calico",
        vni=4096,
        port=4789,
        mac_prefix="66:ca:11:c0:00",
        route_options=f"mtu {mtu}",
    )
    return Wiring(
        name="calico-vxlan",
        wired_as="Calico, VXLAN",
        cni="calico",
        mode="vxlan",
        source=_SOURCE,
        pod_mtu=mtu,
        pod1_address=str(first.pod_address),
        pod2_address=str(second.pod_address),
        steps=(
            *tunnel_steps(tunnel, first, second),
            *tunnel_steps(tunnel, second, first),
            _blackhole(first, _FELIX),
            _blackhole(second, _FELIX),
            *workload(first, mtu),
            *workload(second, mtu),
            *felix_steps(first, second, tunnel),
            *felix_steps(second, first, tunnel),
        ),
    )


def workload(side: Side, mtu: int) -> tuple[Step, ...]:
    """Return the steps of the calico CNI plugin and of Felix for one pod; Canal's are the same."""
    node, host_end = side.node, workload_interface(side)
    settings = f"net/ipv4/conf/{host_end}"
    return (
        sysctl(node, "net/ipv4/ip_forward", "1"),
        # Proxy ARP answers only for what the node has a route to, by another interface. A real
        # node has a default route; here the wire has to be it.
        run(node, f"ip route replace default dev {side.interface} scope link"),
        *veth(node, side.pod, host_end, mtu),
        run(node, f"ip link set {host_end} address {_WORKLOAD_MAC}"),
        sysctl(node, f"{settings}/route_localnet", "1"),
        sysctl(node, f"net/ipv4/neigh/{host_end}/proxy_delay", "0"),
        sysctl(node, f"{settings}/proxy_arp", "1"),
        sysctl(node, f"{settings}/forwarding", "1"),
        run(node, f"ip link set {host_end} up"),
        run(node, f"ip route add {side.pod_address}/32 dev {host_end} scope link"),
        run(side.pod, f"ip route add {_GATEWAY}/32 dev eth0 scope link"),
        run(side.pod, f"ip route add default via {_GATEWAY} dev eth0"),
        run(side.pod, f"ip addr add {side.pod_address}/32 dev eth0"),
        sysctl(side.pod, "net/ipv4/ip_forward", "0"),
    )


def _bird_routes(side: Side, peer: Side) -> tuple[Step, ...]:
    to_peer = f"ip route add {peer.block} via {peer.address} dev {side.interface} proto bird"
    return (run(side.node, to_peer), _blackhole(side, "proto bird"))


def _blackhole(side: Side, protocol: str) -> Step:
    """Packets to the block's addresses that no pod has end here and don't wander."""
    return run(side.node, f"ip route add blackhole {side.block} {protocol}")

"""Flannel: a bridge on each node, VXLAN or plain routes between them, masquerading.

Sources: flannel v0.28.10 ``pkg/backend/vxlan``, ``pkg/backend/hostgw``,
``pkg/trafficmngr/iptables/iptables.go`` (``--ip-masq`` as in ``Documentation/kube-flannel.yml``);
its CNI plugin hands over to containernetworking's ``plugins/main/bridge`` (``hairpinMode``,
``isDefaultGateway``, the MTU of ``/run/flannel/subnet.env``) with host-local addresses.

Left out: kube-proxy's chains and the portmap plugin's, IPv6 and its sysctls, the health port,
what flanneld does again every few seconds. ``br_netfilter`` is as this machine's kernel has it:
loading a module would change the machine.
"""

from cniadvisor.lab.wiring import POD_NETWORK, Nodes, Step, Wiring
from cniadvisor.lab.wirings.sides import Side, sides
from cniadvisor.lab.wirings.steps import iptables, run, sysctl, table, veth
from cniadvisor.lab.wirings.vxlan import Tunnel, tunnel_mtu, tunnel_steps

# Linux's port, not IANA's: flanneld leaves it to the kernel. It makes up its MAC addresses, and a
# queue length of 0 is what its netlink library sends unless told.
TUNNEL = Tunnel(
    device="flannel.1",
    vni=1,
    port=8472,
    mac_prefix="02:f1:a0:00:00",
    link_options="txqueuelen 0",
)

_BRIDGE = "cni0"
_KUBE_PROXY_MARK = "0x4000/0x4000"


def flannel_vxlan(nodes: Nodes) -> Wiring:
    """Return Flannel's default: VXLAN, each packet 50 bytes smaller than the wire allows."""
    first, second = sides(nodes)
    mtu = tunnel_mtu(nodes.mtu)
    return Wiring(
        name="flannel-vxlan",
        wired_as="Flannel, VXLAN",
        cni="flannel",
        mode="vxlan",
        source="flannel v0.28.10: pkg/backend/vxlan, pkg/trafficmngr/iptables; "
        "containernetworking/plugins: plugins/main/bridge",
        pod_mtu=mtu,
        pod1_address=str(first.pod_address),
        pod2_address=str(second.pod_address),
        steps=(
            *tunnel_steps(TUNNEL, first, second),
            *tunnel_steps(TUNNEL, second, first),
            *_bridged(first, mtu),
            *_bridged(second, mtu),
            *masquerading(first),
            *masquerading(second),
        ),
    )


def flannel_host_gw(nodes: Nodes) -> Wiring:
    """Return Flannel's host-gw: a plain route to the other node, nothing encapsulated."""
    first, second = sides(nodes)
    return Wiring(
        name="flannel-host-gw",
        wired_as="Flannel, host-gw",
        cni="flannel",
        mode="host-gw",
        source="flannel v0.28.10: pkg/backend/hostgw, pkg/trafficmngr/iptables; "
        "containernetworking/plugins: plugins/main/bridge",
        pod_mtu=nodes.mtu,
        pod1_address=str(first.pod_address),
        pod2_address=str(second.pod_address),
        steps=(
            _gateway_route(first, second),
            _gateway_route(second, first),
            *_bridged(first, nodes.mtu),
            *_bridged(second, nodes.mtu),
            *masquerading(first),
            *masquerading(second),
        ),
    )


def masquerading(side: Side) -> tuple[Step, ...]:
    """Return what flanneld writes to iptables on a node; Canal's flanneld writes the same.

    Between pods nothing is masqueraded: the second rule returns, but every new connection is held
    against it, and every packet of one is tracked.
    """
    flannel, own = POD_NETWORK, side.block
    masq = '-A FLANNEL-POSTRTG {} -m comment --comment "flanneld masq" -j {}'.format
    forward = '-A FLANNEL-FWD {} -m comment --comment "flanneld forward" -j ACCEPT'.format
    nat = table(
        "nat",
        ["FLANNEL-POSTRTG"],
        [
            '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
            masq(f"-m mark --mark {_KUBE_PROXY_MARK}", "RETURN"),
            masq(f"-s {own} -d {flannel}", "RETURN"),
            masq(f"-s {flannel} -d {own}", "RETURN"),
            masq(f"! -s {flannel} -d {own}", "RETURN"),
            masq(f"-s {flannel} ! -d 224.0.0.0/4", "MASQUERADE --random-fully"),
            masq(f"! -s {flannel} -d {flannel}", "MASQUERADE --random-fully"),
        ],
    )
    filtering = table(
        "filter",
        ["FLANNEL-FWD"],
        [
            '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
            forward(f"-s {flannel}"),
            forward(f"-d {flannel}"),
        ],
    )
    return (iptables(side.node, nat + filtering),)


def _gateway_route(side: Side, peer: Side) -> Step:
    return run(side.node, f"ip route add {peer.block} via {peer.address} dev {side.interface}")


def _bridged(side: Side, mtu: int) -> tuple[Step, ...]:
    """The pod on a bridge that is its gateway."""
    node, host_end = side.node, f"veth-pod{side.number}"
    prefix, gateway = side.block.prefixlen, side.gateway
    return (
        sysctl(node, "net/ipv4/ip_forward", "1"),
        run(node, f"ip link add {_BRIDGE} mtu {mtu} type bridge"),
        run(node, f"ip link set {_BRIDGE} up"),
        *veth(node, side.pod, host_end, mtu),
        run(node, f"ip link set {host_end} master {_BRIDGE}"),
        run(node, f"bridge link set dev {host_end} hairpin on"),
        run(node, f"ip link set {host_end} up"),
        run(node, f"ip addr add {gateway}/{prefix} broadcast + dev {_BRIDGE}"),
        run(side.pod, f"ip addr add {side.pod_address}/{prefix} broadcast + dev eth0"),
        run(side.pod, f"ip route add {POD_NETWORK} via {gateway} dev eth0"),
        run(side.pod, f"ip route add default via {gateway} dev eth0"),
    )

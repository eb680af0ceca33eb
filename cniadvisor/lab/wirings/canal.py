"""Canal: Flannel's VXLAN between the nodes, Calico's interfaces and policy chains for the pods.

Sources: Calico 3.32 ``manifests/canal.yaml`` (the calico CNI plugin with host-local addresses of
the node's podCIDR, ``CALICO_NETWORKING_BACKEND=none``, kube-flannel with ``--ip-masq``); what the
parts do is in ``flannel.py`` and ``calico.py`` beside this file.

There is no bridge: each pod is routed to. Felix has no tunnel of its own, so it neither lets
VXLAN packets pass untracked nor watches who sends them. Felix's chains come first, so that
flanneld's rules in ``filter`` see no packet of a known connection.

Left out: what those two leave out; Felix's IP pool is there but gives out no address.
"""

from cniadvisor.lab.wiring import Nodes, Wiring
from cniadvisor.lab.wirings.calico import workload
from cniadvisor.lab.wirings.felix_rules import felix_steps
from cniadvisor.lab.wirings.flannel import TUNNEL, masquerading
from cniadvisor.lab.wirings.sides import sides
from cniadvisor.lab.wirings.vxlan import tunnel_mtu, tunnel_steps


def canal(nodes: Nodes) -> Wiring:
    """Return Canal as its manifest sets it up."""
    first, second = sides(nodes)
    mtu = tunnel_mtu(nodes.mtu)
    return Wiring(
        name="canal",
        wired_as="Canal: Flannel's VXLAN, Calico's policy chains",
        cni="canal",
        mode="vxlan",
        source="Calico 3.32: manifests/canal.yaml, cni-plugin/pkg/dataplane/linux, felix/rules; "
        "flannel v0.28.10: pkg/backend/vxlan, pkg/trafficmngr/iptables",
        pod_mtu=mtu,
        pod1_address=str(first.pod_address),
        pod2_address=str(second.pod_address),
        steps=(
            *tunnel_steps(TUNNEL, first, second),
            *tunnel_steps(TUNNEL, second, first),
            *masquerading(first),
            *masquerading(second),
            *workload(first, mtu),
            *workload(second, mtu),
            *felix_steps(first, second),
            *felix_steps(second, first),
        ),
    )

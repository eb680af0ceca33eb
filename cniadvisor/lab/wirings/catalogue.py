"""All wirings by the names that ``--wiring`` takes.

Cilium is not among them: its datapath is eBPF programs of its own, which can't honestly be
imitated with what the kernel offers by itself.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cniadvisor.lab.wiring import Nodes, Wiring
from cniadvisor.lab.wirings.calico import calico_routed, calico_vxlan
from cniadvisor.lab.wirings.canal import canal
from cniadvisor.lab.wirings.flannel import flannel_host_gw, flannel_vxlan

WIRINGS: Mapping[str, Callable[[Nodes], Wiring]] = MappingProxyType(
    {
        "flannel-vxlan": flannel_vxlan,
        "flannel-host-gw": flannel_host_gw,
        "calico-routed": calico_routed,
        "calico-vxlan": calico_vxlan,
        "canal": canal,
    }
)
"""Each makes the steps for two nodes."""

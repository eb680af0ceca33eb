"""This machine, as the two nodes of a lab: both are the same machine, and say so."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

from cniadvisor.domain.plan import NodeFacts, NodePair
from cniadvisor.domain.text import printable
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Place

__all__ = ["machine_pair"]

_ARCHITECTURES: Mapping[str, str] = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm",
    "i686": "386",
}
"""Names as Kubernetes has them, where they differ from the kernel's."""

_KIB_PER_MIB = 1024


def machine_pair(wire: Wire) -> NodePair:
    """Return both nodes with what this machine tells of itself; equal boot ids mark them as one."""
    return NodePair(
        client=_node(Place.NODE1, NODES.node1_address),
        server=_node(Place.NODE2, NODES.node2_address),
        reason=f"two network namespaces on this machine; the wire between them is {wire}",
    )


def _node(place: Place, address: str) -> NodeFacts:
    system = os.uname()
    return NodeFacts(
        name=place.value,
        internal_ip=address,
        ready=True,
        schedulable=True,
        tainted=False,
        control_plane=False,
        operating_system="linux",
        architecture=_ARCHITECTURES.get(system.machine, system.machine),
        kernel=printable(system.release),
        os_image=_distribution(),
        kubelet_version="",
        container_runtime="",
        cpu_millicores=1000 * (os.cpu_count() or 1),
        memory_mib=_memory_mib(),
        requested_cpu_millicores=None,
        zone=None,
        instance_type=None,
        boot_id=_text("/proc/sys/kernel/random/boot_id") or None,
    )


def _distribution() -> str:
    try:
        return printable(platform.freedesktop_os_release().get("PRETTY_NAME", ""))
    except OSError:
        return ""


def _memory_mib() -> int:
    for line in _text("/proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemTotal":
            return int(value.split()[0]) // _KIB_PER_MIB
    return 0


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""

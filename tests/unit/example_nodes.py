"""A node as the API tells of it, for every test that needs one."""

from dataclasses import replace
from typing import Any

from cniadvisor.domain.plan import NodeFacts

_NODE = NodeFacts(
    name="node1",
    internal_ip="192.0.2.11",
    ready=True,
    schedulable=True,
    tainted=False,
    control_plane=False,
    operating_system="linux",
    architecture="amd64",
    kernel="6.12.48",
    os_image="Debian GNU/Linux 13 (trixie)",
    kubelet_version="1.36.1",
    container_runtime="containerd://2.1.4",
    cpu_millicores=4000,
    memory_mib=7936,
    requested_cpu_millicores=250,
    zone=None,
    instance_type=None,
    boot_id=None,
)


def example_node(name: str, **changes: Any) -> NodeFacts:
    """A Ready worker of this name, with what the test changes about it."""
    return replace(_NODE, name=name, **changes)

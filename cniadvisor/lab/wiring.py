"""What a wiring is: steps as data, for two nodes with a pod each.

The modules of ``lab/wirings`` make these from :class:`Nodes`; ``lab/wirings/catalogue.py`` lists
them. Nothing here runs anything: who runs the steps sees to it that the four namespaces exist,
that the nodes' wire is up with the addresses of :class:`Nodes`, and that ``lo`` is up everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LAB_PACKAGES = ("ipset", "iptables")
"""Debian packages that the steps need beside iproute2 of the benchmark image.

The steps name ``iptables-nft-restore``, which the package holds; ``iptables`` itself is a link that
only installing the package makes.
"""

POD_NETWORK = "10.244.0.0/16"
"""Where every wiring takes its pods' addresses from; the nodes' addresses must lie outside."""

SYSCTL_WRITE = "sysctl-write"
"""The program name of a step that writes a network setting: ``sysctl-write PATH VALUE``.

PATH lies under ``/proc/sys``, such as ``net/ipv4/ip_forward``. No program of this name exists: who
runs the steps writes the file, in the network namespace of the step's place.
"""


class Place(StrEnum):
    """The network namespaces a wiring is made in. The client runs on node1, the server on node2."""

    NODE1 = "node1"
    NODE2 = "node2"
    POD1 = "pod1"
    POD2 = "pod2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A program to run inside one network namespace; it must end with status 0.

    A :class:`Place` among the arguments stands for that network namespace: the runner puts its name
    (of ``ip netns``) or a process id there, see :meth:`named`.

    Attributes:
        stdin: what the program reads from its standard input, for ``iptables-restore`` and
            ``ipset restore``.
    """

    place: Place
    argv: tuple[str, ...]
    stdin: str = ""

    def named(self, namespaces: Mapping[Place, str]) -> tuple[str, ...]:
        """Return the arguments with each place replaced by what ``namespaces`` calls it."""
        return tuple(
            namespaces[argument] if isinstance(argument, Place) else argument
            for argument in self.argv
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The two nodes that a wiring is made for.

    Attributes:
        node1_address, node2_address: IPv4 addresses of the nodes on their common wire, without a
            prefix length.
        interface: the wire's name, the same on both nodes.
        mtu: the wire's MTU in bytes.
    """

    node1_address: str
    node2_address: str
    interface: str
    mtu: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How one CNI would wire these nodes.

    Attributes:
        name: ``flannel-vxlan``, what ``--wiring`` takes.
        wired_as: shown as "kernel dataplane wired as {wired_as}"; never the CNI's name alone.
        cni: the CNI's name as findings have it (``flannel``).
        mode: its mode as findings have it (``vxlan``).
        source: where in upstream this wiring is written down.
        pod_mtu: MTU in bytes of the pods' interface.
        pod1_address, pod2_address: IPv4 addresses of the pods, without a prefix length.
        steps: to be run in this order, each after the one before has ended.
    """

    name: str
    wired_as: str
    cni: str
    mode: str
    source: str
    pod_mtu: int
    pod1_address: str
    pod2_address: str
    steps: tuple[Step, ...]

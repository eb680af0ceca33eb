"""The wire between the two nodes: what it is made of, and the steps that make it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cniadvisor.lab.wiring import Nodes, Place, Step

__all__ = ["NODES", "RATES_MBIT_PER_S", "Wire", "wire_steps"]

RATES_MBIT_PER_S: Mapping[str, float] = {"1gbit": 1000.0, "10gbit": 10000.0}
"""What ``--wire`` takes."""

NODES = Nodes(node1_address="10.100.0.11", node2_address="10.100.0.12", interface="eth0", mtu=1500)
"""Addresses that only the lab's own namespaces see; no wiring's pods have such."""

_PREFIX_LENGTH = 24
_ENDS = {Place.NODE1: NODES.node1_address, Place.NODE2: NODES.node2_address}

_BURST_S = 0.004
"""What tbf lets through at once, as a time at the wire's rate. The kernel hands it packets of up to
64 KB; what is longer than the burst it cuts up, which costs CPU that a NIC would not take."""

_LEAST_BURST_BYTES = 256 * 1024
_QUEUE_S = 0.020
"""How long a packet waits at most: some more than the 1000 packets a NIC's queue holds at 1 Gbit/s.
A sender's socket buffer fits in, so that it is held up by the queue before the queue overflows."""

_NETEM_PACKETS = 100_000
"""netem holds every packet that is under way; its usual 1000 would be the bottleneck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How fast and how long the wire is.

    Attributes:
        rate_mbit_per_s: in each direction, Ethernet headers included; None: as fast as the CPU.
        delay_ms: added to the round trip, half of it in each direction; None: nothing is added.
    """

    rate_mbit_per_s: float | None = None
    delay_ms: float | None = None

    def __str__(self) -> str:
        rate = self.rate_mbit_per_s
        shown = "unshaped" if rate is None else f"shaped to {rate:g} Mbit/s"
        return shown if self.delay_ms is None else f"{shown}, {self.delay_ms:g} ms round trip added"


def wire_steps(wire: Wire) -> tuple[Step, ...]:
    """Return the steps that bring up ``lo`` everywhere and the wire between the nodes."""
    return tuple(_steps(wire))


def _steps(wire: Wire) -> Iterator[Step]:
    for place in Place:
        yield _ip(place, "link", "set", "dev", "lo", "up")
    interface = NODES.interface
    ends = ("name", interface, "type", "veth", "peer", "name", interface, "netns", Place.NODE2)
    yield _ip(Place.NODE1, "link", "add", *ends)
    for place, address in _ENDS.items():
        yield _ip(place, "address", "add", f"{address}/{_PREFIX_LENGTH}", "dev", interface)
        yield _ip(place, "link", "set", "dev", interface, "mtu", f"{NODES.mtu}", "up")
        yield from (
            Step(place=place, argv=("tc", "qdisc", "add", "dev", interface, *words))
            for words in _shaping(wire)
        )


def _shaping(wire: Wire) -> Iterator[tuple[str, ...]]:
    """Yield the queueing disciplines of one end of the wire, the outer one first."""
    parent = ("root",)
    if wire.delay_ms is not None:
        one_way = f"{wire.delay_ms * 500:.0f}us"
        yield (*parent, "handle", "1:", "netem", "delay", one_way, "limit", f"{_NETEM_PACKETS}")
        parent = ("parent", "1:1")
    if wire.rate_mbit_per_s is not None:
        bits_per_s = wire.rate_mbit_per_s * 1e6
        burst = max(_LEAST_BURST_BYTES, round(bits_per_s / 8 * _BURST_S))
        queue = burst + round(bits_per_s / 8 * _QUEUE_S)
        shape = ("rate", f"{bits_per_s:.0f}bit", "burst", f"{burst}", "limit", f"{queue}")
        yield (*parent, "tbf", *shape)


def _ip(place: Place, *words: str) -> Step:
    return Step(place=place, argv=("ip", *words))

"""The sampler's lines, and what a node did between two moments.

The sampler (``benchmarks/image/cniadvisor-sampler``) prints, on its node's monotonic clock::

    {"sampler":1,"interface":"eth0","mtu":1500,"cpu_model":"AMD EPYC 7763"}
    {"t":1.00,"rx":10,"tx":20}                                    every 250 ms
    {"t":2.00,"rx":10,"tx":20,"cpu":[[...8 ticks],...],"hz":100,"mem":[KiB,KiB],"self":0.01}

NIC counters come four times a second so that a trial of two seconds can be bracketed without
counting its neighbour; CPU and memory twice, so that it holds whole intervals of them. ``cpu`` is
the machine's line of /proc/stat followed by each core's: user, nice, system, idle, iowait, irq,
softirq, steal.
"""

import json
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from cniadvisor.domain.measurement import CpuUse, NodeLoad
from cniadvisor.domain.plan import Suite
from cniadvisor.domain.text import printable

_TICK_FIELDS = 8
_IDLE, _IOWAIT, _IRQ, _SOFTIRQ, _STEAL = 3, 4, 5, 6, 7
_KIB_PER_MIB = 1024

A_SECOND_S = 0.9
"""Readings at least so far apart make a sample of a second; the sampler's schedule jitters."""

CLOCK_MARGIN_S = 0.05
"""How much later than it was taken a reading may seem: the fastest log line's own latency."""

LEAST_HISTORY_S = 900
"""Readings younger than this are never forgotten."""


def history_s(suite: Suite) -> float:
    """Return how long readings are kept: for the longest span of the suite, and some more.

    Not for the longest span any suite may have: on a node of many cores that takes gigabytes.
    """
    return LEAST_HISTORY_S + max(suite.duration_s, suite.idle_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The sampler's first line; the interface leads to the peer node, None where there is none.

    ``cpu_model`` is printable; None where the node's kernel names no CPU.
    """

    interface: str | None
    mtu: int | None
    cpu_model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCounters:
    """CPU ticks (machine, then cores) and memory in KiB, as /proc tells them."""

    cpu_ticks: tuple[tuple[int, ...], ...]
    ticks_per_s: int
    memory_total_kib: int
    memory_available_kib: int
    sampler_cpu_s: float

    @property
    def memory_used_mib(self) -> float:
        """MemTotal less MemAvailable."""
        return (self.memory_total_kib - self.memory_available_kib) / _KIB_PER_MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One line: ``t`` in seconds on the node's clock; ``node`` only twice a second."""

    t: float
    rx_bytes: int | None
    tx_bytes: int | None
    node: NodeCounters | None


SamplerLine: TypeAlias = Header | Reading


def parse_line(line: bytes) -> SamplerLine | None:
    """Read one sampler line; None for anything that is not one (truncated, garbage)."""
    try:
        told: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    told = cast("dict[str, object]", told)
    if "sampler" in told:
        interface, mtu, model = told.get("interface"), told.get("mtu"), told.get("cpu_model")
        return Header(
            interface=interface if isinstance(interface, str) else None,
            mtu=mtu if isinstance(mtu, int) and not isinstance(mtu, bool) else None,
            cpu_model=(printable(model, limit=100) or None) if isinstance(model, str) else None,
        )
    t = told.get("t")
    if isinstance(t, bool) or not isinstance(t, int | float) or not math.isfinite(t):
        return None
    return Reading(
        t=float(t),
        rx_bytes=_count(told.get("rx")),
        tx_bytes=_count(told.get("tx")),
        node=_node(told),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _counts(value: object, length: int) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        return None
    counts = [_count(item) for item in cast("list[object]", value)]
    if len(counts) != length or None in counts:
        return None
    return tuple(count for count in counts if count is not None)


def _node(told: dict[str, object]) -> NodeCounters | None:
    cpu, hz, own = told.get("cpu"), _count(told.get("hz")), told.get("self")
    memory = _counts(told.get("mem"), 2)
    if not isinstance(cpu, list) or memory is None or not hz:
        return None
    ticks = [_counts(core, _TICK_FIELDS) for core in cast("list[object]", cpu)]
    if not ticks or None in ticks:
        return None
    return NodeCounters(
        cpu_ticks=tuple(core for core in ticks if core is not None),
        ticks_per_s=hz,
        memory_total_kib=memory[0],
        memory_available_kib=memory[1],
        sampler_cpu_s=float(own) if isinstance(own, int | float) else 0.0,
    )


def cpu_use(first: NodeCounters, last: NodeCounters, seconds: float) -> CpuUse | None:
    """Return the CPU use between two readings ``seconds`` apart; None if they don't fit.

    Readings don't fit when no time passed, a core came or went, or a counter ran backwards. iowait
    may do that (the kernel's Documentation/filesystems/proc.rst), and idle, which is counted the
    same way: then they are 0.
    """
    if seconds <= 0 or len(first.cpu_ticks) != len(last.cpu_ticks):
        return None
    spent: list[tuple[int, ...]] = []
    for before, after in zip(first.cpu_ticks, last.cpu_ticks, strict=True):
        ticks = [late - early for early, late in zip(before, after, strict=True)]
        for field in (_IDLE, _IOWAIT):
            ticks[field] = max(0, ticks[field])
        if min(ticks) < 0:
            return None
        spent.append(tuple(ticks))
    machine, cores = spent[0], spent[1:]
    per_second = 1000 / (last.ticks_per_s * seconds)

    def busy(ticks: tuple[int, ...]) -> int:
        return sum(ticks) - ticks[_IDLE] - ticks[_IOWAIT]

    shares = [100 * busy(core) / sum(core) for core in cores if sum(core) > 0]
    return CpuUse(
        busy_millicores=busy(machine) * per_second,
        softirq_millicores=machine[_SOFTIRQ] * per_second,
        irq_millicores=machine[_IRQ] * per_second,
        steal_millicores=machine[_STEAL] * per_second,
        busiest_core_percent=max(shares, default=0.0),
        cores=len(cores),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NicBytes:
    """Bytes counted by a NIC over a span that contains the asked one."""

    rx_bytes: int
    tx_bytes: int
    span_s: float


class CounterLog:
    """What one sampler told, on our own clock.

    The sampler's clock and ours differ by an unknown offset; a line arrives at least the way's
    latency after it was printed, so the smallest difference seen is the offset within that
    latency.
    """

    def __init__(self, *, kept_s: float = LEAST_HISTORY_S) -> None:
        self.header: Header | None = None
        self._kept_s = kept_s
        self._readings: deque[Reading] = deque()
        self._offset_s = math.inf

    def add(self, line: bytes, arrived_s: float) -> Reading | None:
        """Keep a line that arrived at ``arrived_s`` on our clock; return it if it is a reading."""
        told = parse_line(line)
        match told:
            case Header():
                self.header = told
                return None
            case Reading():
                if self._readings and told.t <= self._readings[-1].t:
                    return None  # told again after a reconnection
                self._offset_s = min(self._offset_s, arrived_s - told.t)
                self._readings.append(told)
                while self._readings[0].t < told.t - self._kept_s:
                    self._readings.popleft()
                return told
            case None:
                return None

    @property
    def latest_s(self) -> float:
        """When the newest reading was taken, on our clock; -inf before the first."""
        return self._readings[-1].t + self._offset_s if self._readings else -math.inf

    def nic(self, start_s: float, end_s: float) -> NicBytes | None:
        """Return what the NIC counted from the last reading before to the first after the span."""
        before = [r for r in self._readings if r.t + self._offset_s <= start_s]
        after = [r for r in self._readings if r.t + self._offset_s >= end_s + CLOCK_MARGIN_S]
        if not before or not after:
            return None
        first, last = before[-1], after[0]
        counters = (first.rx_bytes, last.rx_bytes, first.tx_bytes, last.tx_bytes)
        if None in counters:
            return None
        rx_first, rx_last, tx_first, tx_last = (count or 0 for count in counters)
        if rx_last < rx_first or tx_last < tx_first:
            return None
        return NicBytes(
            rx_bytes=rx_last - rx_first, tx_bytes=tx_last - tx_first, span_s=last.t - first.t
        )

    def load(self, start_s: float, end_s: float) -> NodeLoad | None:
        """Return what the node did between the first and the last reading inside the span."""
        inside = [
            reading
            for reading in self._readings
            if reading.node is not None and start_s <= reading.t + self._offset_s <= end_s
        ]
        return load_between(inside)

    def last_second(self) -> tuple[Reading, Reading] | None:
        """Return the newest reading with node counters and the one about a second before it."""
        newest: Reading | None = None
        for reading in reversed(self._readings):
            if reading.node is None:
                continue
            if newest is None:
                newest = reading
            elif reading.t <= newest.t - A_SECOND_S:
                return reading, newest
        return None


def load_between(readings: Sequence[Reading]) -> NodeLoad | None:
    """Return CPU use from the first to the last reading and the mean of memory used meanwhile."""
    counted = [(reading.t, reading.node) for reading in readings if reading.node is not None]
    if not counted:
        return None
    (start_s, first), (end_s, last) = counted[0], counted[-1]
    seconds = end_s - start_s
    cpu = cpu_use(first, last, seconds) if seconds >= 0.5 else None
    if cpu is None:
        return None
    memory = sum(node.memory_used_mib for _, node in counted) / len(counted)
    return NodeLoad(cpu=cpu, memory_used_mib=memory, window_s=seconds)

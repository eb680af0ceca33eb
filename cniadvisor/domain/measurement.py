"""Tests, paths, trials and what the samplers count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PathName(StrEnum):
    """The way the traffic takes between the two nodes."""

    POD = "pod"
    HOST = "host"


class Role(StrEnum):
    """Throughput runs from the server to the client, the way downloads go."""

    CLIENT = "client"
    SERVER = "server"


class TestName(StrEnum):
    """The tests; names are fixed."""

    __test__ = False

    TCP = "tcp"
    TCP_MULTI = "tcp-multi"
    UDP = "udp"
    UDP_MAX = "udp-max"
    HTTP = "http"
    HTTP_LATENCY = "http-latency"
    FTP = "ftp"
    SCP = "scp"
    LATENCY_TCP = "latency-tcp"
    LATENCY_UDP = "latency-udp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The one figure a test is judged by. ``key`` is its name in a trial's ``figures``."""

    key: str
    unit: str
    higher_is_better: bool
    label: str


GOODPUT = Figure(
    key="goodput_mbit_per_s", unit="Mbit/s", higher_is_better=True, label="goodput at the receiver"
)

LOSS_FREE_RATE = Figure(
    key="highest_rate_mbit_per_s",
    unit="Mbit/s",
    higher_is_better=True,
    label="highest rate that loses at most 0.1 %",
)

RESPONSE_TIME = Figure(
    key="latency_p50_us", unit="us", higher_is_better=False, label="median time of a request"
)

ROUND_TRIP = Figure(key="rtt_p50_us", unit="us", higher_is_better=False, label="median round trip")

FIGURES: Mapping[TestName, Figure] = {
    TestName.TCP: GOODPUT,
    TestName.TCP_MULTI: GOODPUT,
    TestName.UDP: GOODPUT,
    TestName.UDP_MAX: LOSS_FREE_RATE,
    TestName.HTTP: GOODPUT,
    TestName.HTTP_LATENCY: RESPONSE_TIME,
    TestName.FTP: GOODPUT,
    TestName.SCP: GOODPUT,
    TestName.LATENCY_TCP: ROUND_TRIP,
    TestName.LATENCY_UDP: ROUND_TRIP,
}
"""The medians are judged: a P99 of a short trial is mostly luck; it is kept beside them."""


DATAGRAM_BYTES = 1372
"""Payload of the UDP tests' datagrams: with IPv4 and UDP headers 1400 bytes, which fits the pod MTU
that common encapsulations leave of 1500. A datagram above the path's MTU is fragmented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialId:
    """Places a trial: one test on one path in one round; ``attempt`` 2 is the retry."""

    test: TestName
    path: PathName
    round: int
    attempt: int = 1

    def __str__(self) -> str:
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.test} on the {self.path} path, round {self.round}{again}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuUse:
    """CPU time over a window, in millicores, summed over the machine's cores.

    ``busy`` is total less idle and iowait; softirq, irq and steal are parts of it, told apart
    because packet work hides there. ``busiest_core_percent`` is the busiest single core's share.
    """

    busy_millicores: float
    softirq_millicores: float
    irq_millicores: float
    steal_millicores: float
    busiest_core_percent: float
    cores: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLoad:
    """What a node did during a window."""

    cpu: CpuUse
    memory_used_mib: float
    window_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentUse:
    """Mean CPU and memory of one container over a phase of a run, from the metrics API.

    It tells means over windows of its own (15 to 60 s). Only those that lie wholly within the
    phase count: ``windows`` of them, ``covered_s`` seconds together. Memory is the working set.
    """

    cpu_millicores: float
    memory_mib: float
    windows: int
    covered_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentShare:
    """What one container of a CNI's agent takes on one of the two nodes.

    Attributes:
        component: the detected component it belongs to (flannel, calico, ...).
        workload: its DaemonSet, as ``namespace/name``.
        role: whose node.
        idle: before the first trial; None with ``idle_reason`` when it is not resolved.
        load: over all trials, both paths; None with ``load_reason`` when it is not resolved.
    """

    component: str
    workload: str
    role: Role
    container: str
    idle: AgentUse | None
    load: AgentUse | None
    idle_reason: str = ""
    load_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsCost:
    """What the CNI's agents take; work the kernel does for the pods' packets is not in it.

    ``resolution_s`` is the longest window the metrics API told; None when it told none.
    ``reason`` says why there are no shares, or why some agents are missing.
    """

    resolution_s: float | None
    shares: tuple[AgentShare, ...] = ()
    reason: str = ""


BYPASSED_SHARE = 0.25
"""A NIC that counted less than this share of the payload did not carry it. Between it and the whole
payload nothing is certain: drivers that refresh their counters once a second (bnxt, tg3) leave out
up to 40 % of a trial of two seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NicProof:
    """Bytes that crossed the node's NIC during a trial, against what the tool received."""

    interface: str
    rx_bytes: int
    tx_bytes: int
    payload_bytes: int

    @property
    def crossed(self) -> bool:
        """Whether the client node's NIC received at least the payload."""
        return self.rx_bytes >= self.payload_bytes

    @property
    def bypassed(self) -> bool:
        """Whether it received so little that counters which lag behind can't be the reason."""
        return self.rx_bytes < BYPASSED_SHARE * self.payload_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One finished trial, or one that failed and says why.

    Attributes:
        started_s: seconds since the run began (monotonic).
        duration_s: seconds the trial took, set-up included.
        figures: name with unit -> value; the test's own figure is among them unless it failed.
        facts: name -> text the tool told (congestion control, tool version).
        samples_mbit_per_s: goodput second by second, as the tool reported it.
        load: role -> what that node did meanwhile; absent where it was not sampled.
        nic: the client node's NIC; None where it could not be counted.
        failure: why there is no figure; None when there is one.
    """

    id: TrialId
    started_s: float
    duration_s: float
    figures: Mapping[str, float] = field(default_factory=dict[str, float])
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    samples_mbit_per_s: tuple[float, ...] = ()
    load: Mapping[Role, NodeLoad] = field(default_factory=dict[Role, NodeLoad])
    nic: NicProof | None = None
    failure: str | None = None

    @property
    def value(self) -> float | None:
        """The figure the test is judged by; None when the trial failed."""
        return self.figures.get(FIGURES[self.id.test].key)

"""What happens in a run, as a stream of frozen events: the only thing between core and faces.

``at_s`` is seconds since the run began on a monotonic clock. Events hold plain data only, so that
a recording is one JSON object a line and a replay is the same stream again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import AgentsCost, CpuUse, PathName, Role, Trial, TrialId
from cniadvisor.domain.plan import Plan, TargetFacts
from cniadvisor.domain.probe import PolicyProbe

EVENTS_VERSION = 1


class Phase(StrEnum):
    """The phases of a run, in order."""

    OPEN = "open"
    WARM_UP = "warm-up"
    IDLE = "idle"
    MEASURE = "measure"
    PROBE = "probe"
    CLOSE = "close"


class Outcome(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The first event. ``started_at`` is UTC, ISO 8601."""

    at_s: float
    started_at: str
    tool_version: str
    command: str
    plan: Plan
    target: TargetFacts
    findings: Findings
    version: int = EVENTS_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """A phase began; ``detail`` is a sentence for a person."""

    at_s: float
    phase: Phase
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NicFacts:
    """The NIC that carries the traffic between the two nodes; None where the node can't tell."""

    role: Role
    interface: str
    mtu: int | None
    speed_mbit_per_s: int | None
    driver: str | None
    offloads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuFacts:
    """The CPU of one node, as its kernel names it; on virtual machines what the hypervisor says."""

    role: Role
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathProven:
    """Client and server of a path reached each other.

    ``interface`` and ``mtu`` are the client's towards the server; ``tools`` are the versions of
    the measuring tools, by name.
    """

    at_s: float
    path: PathName
    client_address: str
    server_address: str
    interface: str
    mtu: int | None
    tools: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NicSeen:
    """The NIC facts of one node."""

    at_s: float
    nic: NicFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuSeen:
    """The CPU of one node, told where its kernel names one."""

    at_s: float
    cpu: CpuFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted:
    """A trial began."""

    at_s: float
    trial: TrialId


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughputSample:
    """One second of a trial: goodput at the receiver, as the tool reported it.

    ``on_the_wire``: the tool reports none while it runs, so this is what the client endpoint's own
    interface received instead, headers included.
    """

    at_s: float
    trial: TrialId
    second: float
    mbit_per_s: float
    on_the_wire: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSample:
    """CPU, memory and NIC rate of one node over the last second or so."""

    at_s: float
    role: Role
    cpu: CpuUse
    memory_used_mib: float
    nic_rx_mbit_per_s: float | None
    nic_tx_mbit_per_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleMeasured:
    """CPU and memory of a node while nothing of ours ran."""

    at_s: float
    role: Role
    cpu: CpuUse
    memory_used_mib: float
    window_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsMeasured:
    """What the CNI's agents took, told once when all trials are over."""

    at_s: float
    agents: AgentsCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProbed:
    """Whether NetworkPolicy is enforced between pods of the run, as traffic told."""

    at_s: float
    probe: PolicyProbe


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFinished:
    """A trial ended, with figures or with the reason why there are none."""

    at_s: float
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRaised:
    """Something the reader of the figures must know. ``code`` is stable, for scripts."""

    at_s: float
    code: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupStep:
    """One thing was removed, or could not be (``error`` says why)."""

    at_s: float
    what: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The last event."""

    at_s: float
    finished_at: str
    outcome: Outcome
    reason: str = ""


BenchEvent: TypeAlias = (
    RunStarted
    | PhaseStarted
    | PathProven
    | NicSeen
    | CpuSeen
    | TrialStarted
    | ThroughputSample
    | NodeSample
    | IdleMeasured
    | AgentsMeasured
    | PolicyProbed
    | TrialFinished
    | WarningRaised
    | CleanupStep
    | RunFinished
)

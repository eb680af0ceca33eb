"""A finished (or partial) run as it is kept. The TOML keys are these field names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cniadvisor.domain.events import CpuFacts, NicFacts, Outcome
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import AgentsCost, CpuUse, PathName, TestName, Trial
from cniadvisor.domain.plan import Plan, TargetFacts
from cniadvisor.domain.probe import PolicyProbe

SCHEMA_VERSION = 1


class Machine(StrEnum):
    """What a resource figure was taken from; ``machine`` when both nodes are one machine."""

    CLIENT = "client"
    SERVER = "server"
    MACHINE = "machine"


class Flag(StrEnum):
    """What stands beside a verdict without changing it.

    ``unstable``: the values of a path vary by more than 5 % (CV). ``above-baseline``: the pod path
    is faster than the host-network baseline, which is to be explained. ``cpu-bound``: one core was
    busy all the time in most trials. ``not-on-nic``: fewer bytes crossed the NIC than were
    received. ``other-traffic``: over 1.3 times as many bytes crossed the NIC.
    """

    UNSTABLE = "unstable"
    ABOVE_BASELINE = "above-baseline"
    CPU_BOUND = "cpu-bound"
    NOT_ON_NIC = "not-on-nic"
    OTHER_TRAFFIC = "other-traffic"


class Verdict(StrEnum):
    """What the interval of a ratio allows to say. It speaks of the pod path."""

    FASTER = "faster"
    SLOWER = "slower"
    NO_DETECTABLE_DIFFERENCE = "no detectable difference"
    NO_VERDICT = "no verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One test on one path, over the trials that count (a retry replaces the trial it repeats).

    Values are in ``unit``. ``failed`` counts failed trials, replaced ones included. ``q1`` and
    ``q3`` are linearly interpolated (Hyndman and Fan's type 7). ``mean_95`` and ``cv_percent`` need
    two values. ``unstable``: CV above 5 %.
    """

    test: TestName
    path: PathName
    unit: str
    n: int
    failed: int
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float
    mean: float
    mean_95: Interval | None
    cv_percent: float | None
    unstable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Pod path against the host-network baseline, from pairs measured back to back.

    ``ratio`` is the geometric mean of the pairs' pod/host ratios; None with ``reason`` when there
    are too few pairs. ``verdict`` is faster or slower only if the whole interval lies outside
    the indifference zone of +-1 %. ``half_width_percent`` is half the width of the interval on
    the logarithmic scale, in percent of the ratio. ``dropped`` says in sentences which pairs do
    not count and why.
    """

    test: TestName
    pairs: int
    ratio: float | None
    ratio_95: Interval | None
    half_width_percent: float | None
    verdict: Verdict
    reason: str = ""
    flags: tuple[Flag, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Mean CPU and memory of a node: ``test`` and ``path`` are None for the idle window.

    When both nodes are one machine it is reported once, with role ``machine``. The cost in
    ``millicores_per_gbit_per_s`` is all busy CPU over goodput; the idle load is not taken off.
    """

    role: Machine
    test: TestName | None
    path: PathName | None
    cpu: CpuUse
    memory_used_mib: float
    window_s: float
    millicores_per_gbit_per_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSample:
    """One second of a node; samples are decimated before they are kept, peaks and dips stay.

    With role ``machine`` the NIC rates are the client node's.
    """

    at_s: float
    role: Machine
    busy_millicores: float
    softirq_millicores: float
    memory_used_mib: float
    nic_rx_mbit_per_s: float | None
    nic_tx_mbit_per_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenPath:
    """Addresses and MTU of a path as seen from the client endpoint."""

    path: PathName
    client_address: str
    server_address: str
    interface: str
    mtu: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A warning with its advice."""

    code: str
    text: str
    advice: str = ""


class Severity(StrEnum):
    """How much a diagnosis matters to the reader of the figures.

    ``problem``: something is broken or badly set and costs performance. ``warning``: the figures
    do not say what they seem to say. ``note``: how a figure is to be read.
    """

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a rule found in a report.

    Attributes:
        code: stable, for scripts.
        text: what was seen, with its figures.
        advice: what to do about it.
        source: where the rule comes from: a document, a line of source, an issue.
        tests: the tests whose figures it is about; empty when it is about all of them.
    """

    code: str
    severity: Severity
    text: str
    advice: str
    source: str
    tests: tuple[TestName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One clean-up step: what was removed, or could not be (``error`` says why)."""

    what: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """When, how and with what outcome."""

    started_at: str
    finished_at: str | None
    outcome: Outcome
    reason: str = ""
    command: str
    tool_version: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything one run leaves behind."""

    run: RunFacts
    plan: Plan
    target: TargetFacts
    findings: Findings
    tools: Mapping[str, str] = field(default_factory=dict[str, str])
    paths: tuple[ProvenPath, ...] = ()
    nics: tuple[NicFacts, ...] = ()
    cpus: tuple[CpuFacts, ...] = ()
    trials: tuple[Trial, ...] = ()
    summaries: tuple[Summary, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    resources: tuple[Resource, ...] = ()
    agents: AgentsCost | None = None
    policy_probe: PolicyProbe | None = None
    samples: tuple[SeriesSample, ...] = ()
    warnings: tuple[Notice, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    cleanup: tuple[Removal, ...] = ()
    schema_version: int = SCHEMA_VERSION

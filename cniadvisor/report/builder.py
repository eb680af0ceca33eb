"""Folds the events of a run into a report; at any time, also of a run that was cut off."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.events import (
    AgentsMeasured,
    BenchEvent,
    CleanupStep,
    CpuFacts,
    CpuSeen,
    IdleMeasured,
    NicFacts,
    NicSeen,
    NodeSample,
    Outcome,
    PathProven,
    PhaseStarted,
    PolicyProbed,
    RunFinished,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
    WarningRaised,
)
from cniadvisor.domain.measurement import AgentsCost, PathName, Role, TestName, Trial
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.report import (
    Comparison,
    Machine,
    Notice,
    ProvenPath,
    Removal,
    Report,
    Resource,
    RunFacts,
    SeriesSample,
    Summary,
)
from cniadvisor.report.finite import require_finite
from cniadvisor.report.flags import flags_of
from cniadvisor.report.resources import idle_resource, load_resource
from cniadvisor.stats.comparison import compare
from cniadvisor.stats.decimate import decimate
from cniadvisor.stats.pairing import latest_attempts, pairs_of
from cniadvisor.stats.summary import summarise

SAMPLES_PER_MACHINE = 480
"""So many samples of a node are kept; a standard run is kept whole, a long one is thinned."""

CUT_OFF = "the run was cut off before it ended"


class ReportBuilder:
    """Call it with every event of one run; ask :meth:`report` whenever one is wanted.

    Nothing is read or written: the same events give the same report.
    """

    def __init__(self) -> None:
        self._started: RunStarted | None = None
        self._finished: RunFinished | None = None
        self._last_at_s = 0.0
        self._tools: dict[str, str] = {}
        self._paths: dict[PathName, ProvenPath] = {}
        self._nics: dict[Role, NicFacts] = {}
        self._cpus: dict[Role, CpuFacts] = {}
        self._idle: dict[Role, IdleMeasured] = {}
        self._agents: AgentsCost | None = None
        self._policy_probe: PolicyProbe | None = None
        self._trials: list[Trial] = []
        self._samples: list[NodeSample] = []
        self._warnings: list[Notice] = []
        self._cleanup: list[Removal] = []

    @property
    def started(self) -> bool:
        """Whether there is anything to report: the run's first event was seen."""
        return self._started is not None

    def __call__(self, event: BenchEvent) -> None:
        """Take in one event.

        Raises:
            ValueError: the event holds a NaN or an infinity.
        """
        require_finite(event, type(event).__name__)
        self._last_at_s = max(self._last_at_s, event.at_s)
        match event:
            case RunStarted():
                self._started = event
            case PathProven():
                self._paths[event.path] = ProvenPath(
                    path=event.path,
                    client_address=event.client_address,
                    server_address=event.server_address,
                    interface=event.interface,
                    mtu=event.mtu,
                )
                self._tools.update(event.tools)
            case NicSeen():
                self._nics[event.nic.role] = event.nic
            case CpuSeen():
                self._cpus[event.cpu.role] = event.cpu
            case NodeSample():
                self._samples.append(event)
            case IdleMeasured():
                self._idle[event.role] = event
            case AgentsMeasured():
                self._agents = event.agents
            case PolicyProbed():
                self._policy_probe = event.probe
            case TrialFinished():
                self._trials.append(event.trial)
            case WarningRaised():
                notice = Notice(code=event.code, text=event.text, advice=event.advice)
                if notice not in self._warnings:
                    self._warnings.append(notice)
            case CleanupStep():
                self._cleanup.append(Removal(what=event.what, error=event.error))
            case RunFinished():
                self._finished = event
            case PhaseStarted() | TrialStarted() | ThroughputSample():
                pass  # how far a run is; a trial brings its own samples

    def report(self) -> Report:
        """Return the report of the events so far; ``partial`` unless the last event was seen.

        Raises:
            BenchmarkError: the run's first event has not been seen, so there is nothing to report.
        """
        started = self._started
        if started is None:
            raise BenchmarkError("the run never started, so there is nothing to report")
        one_machine = started.target.pair.one_machine
        counting = latest_attempts(self._trials)
        summaries = _summaries(started.plan.suite.tests, self._trials, counting)
        return Report(
            run=self._run_facts(started),
            plan=started.plan,
            target=started.target,
            findings=started.findings,
            tools=dict(self._tools),
            paths=tuple(self._paths[path] for path in PathName if path in self._paths),
            nics=tuple(self._nics[role] for role in Role if role in self._nics),
            cpus=tuple(self._cpus[role] for role in Role if role in self._cpus),
            trials=tuple(self._trials),
            summaries=summaries,
            comparisons=_comparisons(started.plan.suite.tests, counting, summaries),
            resources=self._resources(started.plan.suite.tests, counting, one_machine),
            agents=self._agents,
            policy_probe=self._policy_probe,
            samples=_series(self._samples, one_machine),
            warnings=tuple(self._warnings),
            cleanup=tuple(self._cleanup),
        )

    def _run_facts(self, started: RunStarted) -> RunFacts:
        finished = self._finished
        return RunFacts(
            started_at=started.started_at,
            finished_at=finished.finished_at if finished else None,
            outcome=finished.outcome if finished else Outcome.PARTIAL,
            reason=finished.reason if finished else CUT_OFF,
            command=started.command,
            tool_version=started.tool_version,
            duration_s=self._last_at_s - started.at_s,
        )

    def _resources(
        self, tests: Sequence[TestName], counting: Sequence[Trial], one_machine: bool
    ) -> tuple[Resource, ...]:
        """Idle first, then every test and path; one row a machine."""
        idle = [
            idle_resource(machine, self._idle[role])
            for machine, role in _machines(self._idle, one_machine)
        ]
        loads: list[Resource] = []
        for test in tests:
            for path in PathName:
                trials = _good(counting, test, path)
                roles = {role for trial in trials for role in trial.load}
                loads += [
                    load_resource(machine, role, trials)
                    for machine, role in _machines(roles, one_machine)
                ]
        return (*idle, *loads)


def _good(counting: Iterable[Trial], test: TestName, path: PathName) -> list[Trial]:
    return [
        trial
        for trial in counting
        if trial.id.test == test and trial.id.path == path and trial.value is not None
    ]


def _summaries(
    tests: Sequence[TestName], trials: Sequence[Trial], counting: Sequence[Trial]
) -> tuple[Summary, ...]:
    summaries: list[Summary] = []
    for test in tests:
        for path in PathName:
            values = [trial.value for trial in _good(counting, test, path)]
            numbers = [value for value in values if value is not None]
            failed = sum(
                trial.value is None
                for trial in trials
                if trial.id.test == test and trial.id.path == path
            )
            if numbers:
                summaries.append(summarise(numbers, test=test, path=path, failed=failed))
    return tuple(summaries)


def _comparisons(
    tests: Sequence[TestName], counting: Sequence[Trial], summaries: Sequence[Summary]
) -> tuple[Comparison, ...]:
    """One for every test that was tried at all."""
    comparisons: list[Comparison] = []
    for test in tests:
        paths = {trial.id.path for trial in counting if trial.id.test == test}
        if not paths:
            continue
        pairs, dropped = pairs_of(test, counting)
        if len(paths) < len(PathName):
            # One path alone: saying it once is enough, not round by round.
            (absent,) = set(PathName) - paths
            comparison = compare(test, ())
            name = "host-network baseline" if absent is PathName.HOST else "pod path"
            comparison = replace(comparison, reason=f"there is no {name} to compare with")
        else:
            comparison = compare(test, pairs, dropped=dropped)
        flags = flags_of(
            comparison,
            [summary for summary in summaries if summary.test == test],
            [trial for path in PathName for trial in _good(counting, test, path)],
        )
        comparisons.append(replace(comparison, flags=flags))
    return tuple(comparisons)


def _machines(roles: Iterable[Role], one_machine: bool) -> list[tuple[Machine, Role]]:
    """Say whose figures to report as whose: both nodes', or once the one machine's."""
    known = set(roles)
    present = [role for role in Role if role in known]
    if one_machine:
        return [(Machine.MACHINE, role) for role in present[:1]]
    return [(Machine(role.value), role) for role in present]


def _series(samples: Sequence[NodeSample], one_machine: bool) -> tuple[SeriesSample, ...]:
    kept: list[SeriesSample] = []
    for machine, role in _machines({sample.role for sample in samples}, one_machine):
        kept += decimate(
            [_series_sample(machine, sample) for sample in samples if sample.role == role],
            limit=SAMPLES_PER_MACHINE,
            measures=(
                lambda sample: sample.busy_millicores,
                lambda sample: sample.nic_rx_mbit_per_s,
                lambda sample: sample.nic_tx_mbit_per_s,
            ),
        )
    return tuple(kept)


def _series_sample(machine: Machine, sample: NodeSample) -> SeriesSample:
    rx, tx = sample.nic_rx_mbit_per_s, sample.nic_tx_mbit_per_s
    # The series is for charts; the exact figures are the trials'.
    return SeriesSample(
        at_s=round(sample.at_s, 2),
        role=machine,
        busy_millicores=round(sample.cpu.busy_millicores, 1),
        softirq_millicores=round(sample.cpu.softirq_millicores, 1),
        memory_used_mib=round(sample.memory_used_mib, 1),
        nic_rx_mbit_per_s=None if rx is None else round(rx, 3),
        nic_tx_mbit_per_s=None if tx is None else round(tx, 3),
    )

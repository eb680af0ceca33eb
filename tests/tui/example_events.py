"""Events as a run tells them, for tests that need some of their own making."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from cniadvisor.domain.events import (
    BenchEvent,
    NodeSample,
    Phase,
    PhaseStarted,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
)
from cniadvisor.domain.measurement import (
    FIGURES,
    CpuUse,
    PathName,
    Role,
    TestName,
    Trial,
    TrialId,
)
from cniadvisor.report.recording import read_recording

GOLDEN = Path(__file__).parents[1] / "golden"


def recorded_events() -> tuple[BenchEvent, ...]:
    """A complete small run: tcp and tcp-multi, three rounds, two nodes."""
    return tuple(read_recording(GOLDEN / "recording-v1.jsonl", tell=print))


def run_started(*, one_machine: bool = False, **suite: Any) -> RunStarted:
    """The first event of that run, with what the test changes about its suite."""
    event = recorded_events()[0]
    assert isinstance(event, RunStarted)
    plan = replace(event.plan, suite=replace(event.plan.suite, **suite))
    pair = event.target.pair
    if one_machine:
        pair = replace(pair, server=replace(pair.server, boot_id=pair.client.boot_id))
    return replace(event, plan=plan, target=replace(event.target, pair=pair))


def measuring(at_s: float = 30.0) -> PhaseStarted:
    """The phase in which trials run."""
    return PhaseStarted(at_s=at_s, phase=Phase.MEASURE, detail="12 trials in random order")


def trial_id(
    test: TestName = TestName.TCP, path: PathName = PathName.POD, number: int = 1, attempt: int = 1
) -> TrialId:
    """Place a trial."""
    return TrialId(test=test, path=path, round=number, attempt=attempt)


def trial_started(trial: TrialId, at_s: float) -> TrialStarted:
    """A trial began."""
    return TrialStarted(at_s=at_s, trial=trial)


def second(trial: TrialId, number: float, mbit_per_s: float, **more: Any) -> ThroughputSample:
    """One second of a trial."""
    return ThroughputSample(
        at_s=30.0 + number, trial=trial, second=number, mbit_per_s=mbit_per_s, **more
    )


def trial_finished(
    trial: TrialId, value: float | None, at_s: float = 50.0, failure: str | None = None
) -> TrialFinished:
    """A trial ended with the figure its test is judged by, or without."""
    figures = {} if value is None else {FIGURES[trial.test].key: value}
    ended = Trial(id=trial, started_s=at_s, duration_s=1.0, figures=figures, failure=failure)
    return TrialFinished(at_s=at_s, trial=ended)


def node_sample(
    role: Role, at_s: float, busy: float = 1500.0, softirq: float = 375.0, memory: float = 950.0
) -> NodeSample:
    """One second of a node of four cores."""
    return NodeSample(
        at_s=at_s,
        role=role,
        cpu=CpuUse(
            busy_millicores=busy,
            softirq_millicores=softirq,
            irq_millicores=0.0,
            steal_millicores=0.0,
            busiest_core_percent=60.0,
            cores=4,
        ),
        memory_used_mib=memory,
        nic_rx_mbit_per_s=None,
        nic_tx_mbit_per_s=None,
    )

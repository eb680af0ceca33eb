"""A run as it is known so far: a pure fold of its events, the same for a run and its recording.

Memory is bounded however many samples come, and each costs the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cniadvisor.domain.events import (
    BenchEvent,
    CleanupStep,
    NodeSample,
    Phase,
    PhaseStarted,
    RunFinished,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
    WarningRaised,
)
from cniadvisor.domain.measurement import Role, TestName, Trial, TrialId
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.report import Machine, Notice
from cniadvisor.report.finite import require_finite
from cniadvisor.tui.live.series import NodeSeries, TrialSeries, with_node, with_second
from cniadvisor.tui.live.so_far import TestSoFar, with_trial
from cniadvisor.tui.live.time_left import Clock
from cniadvisor.wording.events import Narrator

MOST_LINES = 500
"""So many sentences of the log are kept."""

MOST_STEPS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One sentence; ``wrong``: something a person should look at."""

    at_s: float
    text: str
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """Everything the Live screen shows of one stream.

    Attributes:
        at_s: the newest event's time, in seconds since the run began.
        running: the trial that runs.
        series: of the trial that runs, or of the last one.
        tests: by name, in the plan's order.
        nodes: by role; both nodes on one machine are one.
        log: the newest sentences.
        log_total: how many sentences there were, those that went included.
    """

    started: RunStarted | None = None
    at_s: float = 0.0
    phase: Phase | None = None
    phase_words: str = ""
    measuring_since_s: float | None = None
    last_end_s: float | None = None
    running: TrialId | None = None
    series: TrialSeries | None = None
    tests: Mapping[TestName, TestSoFar] = field(default_factory=dict[TestName, TestSoFar])
    nodes: Mapping[Role, NodeSeries] = field(default_factory=dict[Role, NodeSeries])
    log: tuple[LogLine, ...] = ()
    log_total: int = 0
    warnings: tuple[Notice, ...] = ()
    cleanup: tuple[CleanupStep, ...] = ()
    finished: RunFinished | None = None
    narrator: Narrator = field(default_factory=Narrator)

    @property
    def plan(self) -> Plan | None:
        """What the run is going to do; None before it began."""
        return self.started.plan if self.started is not None else None

    @property
    def clock(self) -> Clock:
        """How far the run is in time."""
        return Clock(
            at_s=self.at_s,
            phase=self.phase,
            measuring_since_s=self.measuring_since_s,
            last_end_s=self.last_end_s,
            finished=self.narrator.first_attempts,
        )


def advance(state: LiveState, event: BenchEvent) -> LiveState:
    """Return what is known after ``event``. Never raises: what can't be is left out, and said."""
    match event:
        case ThroughputSample():
            return _with_sample(state, event)
        case NodeSample():
            return _with_node(state, event)
        case _:
            pass
    try:
        require_finite(event, type(event).__name__)
    except ValueError as error:
        return _told(state, [LogLine(at_s=state.at_s, text=f"Left out: {error}", wrong=True)])
    state = replace(state, at_s=max(state.at_s, event.at_s), narrator=state.narrator.after(event))
    lines = [
        *(LogLine(at_s=event.at_s, text=text, wrong=True) for text in state.narrator.wrong(event)),
        *(LogLine(at_s=event.at_s, text=text) for text in state.narrator.news(event)),
    ]
    return _told(_known(state, event), lines)


def _known(state: LiveState, event: BenchEvent) -> LiveState:
    match event:
        case RunStarted():
            tests = {test: TestSoFar(test=test) for test in event.plan.suite.tests}
            return replace(state, started=event, tests=tests)
        case PhaseStarted():
            since = state.measuring_since_s
            if event.phase is Phase.MEASURE and since is None:
                since = event.at_s
            running = None if event.phase is Phase.CLOSE else state.running
            return replace(
                state,
                phase=event.phase,
                phase_words=event.detail,
                measuring_since_s=since,
                running=running,
            )
        case TrialStarted():
            return replace(state, running=event.trial, series=TrialSeries(trial=event.trial))
        case TrialFinished():
            return _with_trial(state, event.trial)
        case WarningRaised():
            notice = Notice(code=event.code, text=event.text, advice=event.advice)
            new = notice not in state.warnings
            return replace(state, warnings=(*state.warnings, notice)) if new else state
        case CleanupStep():
            return replace(state, cleanup=(*state.cleanup[-(MOST_STEPS - 1) :], event))
        case RunFinished():
            return replace(state, finished=event, running=None)
        case _:
            return state


def _with_sample(state: LiveState, sample: ThroughputSample) -> LiveState:
    series = state.series
    if series is None or series.trial != sample.trial:
        series = TrialSeries(trial=sample.trial)
    series = replace(
        series, points=with_second(series.points, sample), on_the_wire=sample.on_the_wire
    )
    return replace(state, at_s=_later(state.at_s, sample.at_s), series=series)


def _with_node(state: LiveState, sample: NodeSample) -> LiveState:
    machine = Machine(sample.role.value)
    if state.started is not None and state.started.target.pair.one_machine:
        # Both samplers see the same machine; the first to speak speaks for it.
        if next(iter(state.nodes), sample.role) is not sample.role:
            return state
        machine = Machine.MACHINE
    series = state.nodes.get(sample.role) or NodeSeries(machine=machine, cores=sample.cpu.cores)
    return replace(
        state,
        at_s=_later(state.at_s, sample.at_s),
        nodes={**state.nodes, sample.role: with_node(series, sample)},
    )


def _with_trial(state: LiveState, trial: Trial) -> LiveState:
    series = state.series if state.series and state.series.trial == trial.id else None
    so_far = state.tests.get(trial.id.test) or TestSoFar(test=trial.id.test)
    return replace(
        state,
        running=None if state.running == trial.id else state.running,
        last_end_s=state.at_s,
        series=state.series if series is None else replace(series, ended=True),
        tests={**state.tests, trial.id.test: with_trial(so_far, trial, series)},
    )


def _told(state: LiveState, lines: list[LogLine]) -> LiveState:
    if not lines:
        return state
    return replace(
        state,
        log=(*state.log, *lines)[-MOST_LINES:],
        log_total=state.log_total + len(lines),
    )


def _later(known_s: float, at_s: float) -> float:
    return max(known_s, at_s) if math.isfinite(at_s) else known_s

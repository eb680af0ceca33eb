"""What the events of a run say: one meaningful sentence each, readable aloud."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from cniadvisor.domain.events import (
    AgentsMeasured,
    BenchEvent,
    CleanupStep,
    CpuSeen,
    IdleMeasured,
    NicFacts,
    NicSeen,
    NodeSample,
    Outcome,
    PathProven,
    Phase,
    PhaseStarted,
    PolicyProbed,
    RunFinished,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
    WarningRaised,
)
from cniadvisor.domain.measurement import FIGURES, Trial, TrialId
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted, listed
from cniadvisor.wording.agents import agents_sentence
from cniadvisor.wording.figures import trial_words
from cniadvisor.wording.probes import probe_sentence
from cniadvisor.wording.words import duration, ended, network, quantity, rate, test_name

PHASES = {
    Phase.OPEN: "Set-up",
    Phase.WARM_UP: "Warm-up",
    Phase.IDLE: "Idle",
    Phase.MEASURE: "Measuring",
    Phase.PROBE: "Probe",
    Phase.CLOSE: "Clean-up",
}
"""What a person reads for a phase."""


NO_FIGURE = "no figure"


_ENDED = {Outcome.PARTIAL: "is partial", Outcome.FAILED: "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrator:
    """Knows how far a run is, so that its sentences can say so.

    ``narrator = narrator.after(event)`` comes first with each event; then it has the sentences.
    """

    plan: Plan | None = None
    first_attempts: int = 0

    def after(self, event: BenchEvent) -> Self:
        """Return the narrator that has taken notice of ``event``."""
        if isinstance(event, RunStarted):
            return replace(self, plan=event.plan)
        if isinstance(event, TrialFinished) and event.trial.id.attempt == 1:
            return replace(self, first_attempts=self.first_attempts + 1)
        return self

    def wrong(self, event: BenchEvent) -> Iterator[str]:
        """Yield what went wrong: warnings, failures, leftovers, an incomplete run."""
        match event:
            case WarningRaised():
                advice = f" Advice: {printable(event.advice)}" if event.advice else ""
                yield f"Warning: {ended(event.text) if advice else printable(event.text)}{advice}"
            case TrialFinished() if event.trial.failure is not None:
                yield f"{self._place(event.trial.id)}: {_failed(event.trial)}"
            case CleanupStep() if event.error is not None:
                yield f"Not removed: {printable(event.what)}: {printable(event.error)}"
            case RunFinished() if event.outcome is not Outcome.COMPLETE:
                yield f"The run {_ENDED[event.outcome]}: {printable(event.reason or 'it stopped')}"
            case _:
                pass

    def news(self, event: BenchEvent) -> Iterator[str]:
        """Yield how the run goes on."""
        match event:
            case RunStarted():
                yield from _begun(event)
            case PhaseStarted():
                detail = printable(event.detail) or "begins"
                yield f"{PHASES[event.phase]}: {detail}"
            case PathProven():
                yield _proven(event)
            case NicSeen():
                yield _nic(event.nic)
            case CpuSeen():
                yield f"CPU of the {event.cpu.role.value} node: {printable(event.cpu.model)}."
            case IdleMeasured():
                yield (
                    f"Idle {event.role.value} node over {duration(event.window_s)}: "
                    f"{event.cpu.busy_millicores:.0f} millicores of CPU busy, "
                    f"{event.memory_used_mib:.0f} MiB of memory in use."
                )
            case AgentsMeasured():
                yield agents_sentence(event.agents)
            case PolicyProbed():
                yield probe_sentence(event.probe)
            case TrialFinished() if event.trial.failure is None:
                yield f"{self._place(event.trial.id)}: {_result(event.trial)}."
            case CleanupStep() if event.error is None:
                yield f"Removed: {printable(event.what)}."
            case RunFinished() if event.outcome is Outcome.COMPLETE:
                yield f"The run is complete after {duration(event.at_s)}."
            case _:
                pass

    def _place(self, trial: TrialId) -> str:
        """Say which trial, of how many."""
        return trial_place(self.plan, trial, number=self.first_attempts)


def trial_place(plan: Plan | None, trial: TrialId, *, number: int) -> str:
    """Say which trial of how many it is: ``Trial 3 of 12 (round 1 of 3), TCP on the pod network``.

    ``number`` counts first attempts from 1; ``plan`` is None where a stream has no beginning.
    """
    if plan is None:
        which, rounds = f"Trial {number}", f"round {trial.round}"
    elif trial.round <= plan.suite.rounds:
        which = f"Trial {number} of {plan.trial_count}"
        rounds = f"round {trial.round} of {plan.suite.rounds}"
    else:
        which = f"Trial {number}"
        rounds = f"round {trial.round} of at most {plan.suite.max_rounds}"
    if trial.attempt > 1:
        which = "Second attempt"
    name = test_name(trial.test, plan.streams if plan else 1)
    return f"{which} ({rounds}), {name} on the {network(trial.path)}"


def _begun(event: RunStarted) -> Iterator[str]:
    plan, pair = event.plan, event.target.pair
    suite = plan.suite
    tests = listed([test_name(test, plan.streams) for test in suite.tests])
    # A lab's wirings share the time: how long they take together was said before.
    expected = "" if event.target.kind == "lab" else f", about {duration(plan.expected_s)}"
    paths = listed([f"the {network(path)}" for path in plan.paths])
    yield (
        f"Run {printable(plan.run_id)}: suite {printable(suite.name)}, {tests} on {paths}, "
        f"{counted(suite.rounds, 'round')} of {suite.duration_s:g} s a trial{expected}."
    )
    yield (
        f"Data goes from node {printable(pair.server.name)} to node "
        f"{printable(pair.client.name)} ({printable(pair.reason)})."
    )


def _proven(event: PathProven) -> str:
    interface = f" through {printable(event.interface)}" if event.interface else ""
    mtu = "MTU not known" if event.mtu is None else f"MTU {event.mtu} bytes"
    return (
        f"The {network(event.path)} works: {printable(event.client_address)} reaches "
        f"{printable(event.server_address)}{interface}, {mtu}."
    )


def _nic(nic: NicFacts) -> str:
    driver = f"driver {printable(nic.driver)}" if nic.driver else "driver not known"
    speed = rate(nic.speed_mbit_per_s) if nic.speed_mbit_per_s else "speed not known"
    mtu = f"MTU {nic.mtu} bytes" if nic.mtu else "MTU not known"
    return (
        f"NIC of the {nic.role.value} node: {printable(nic.interface)}, {driver}, {speed}, {mtu}."
    )


def _result(trial: Trial) -> str:
    value = trial.value
    figure = NO_FIGURE if value is None else quantity(value, FIGURES[trial.id.test].unit)
    return ", ".join([figure, *trial_words(trial)])


def _failed(trial: Trial) -> str:
    reason = ended(trial.failure or NO_FIGURE)
    if trial.id.attempt > 1:
        return f"failed again: {reason} Its pair is dropped."
    return f"failed: {reason} It is tried once more at the end of the round."


def details(event: BenchEvent) -> Iterator[str]:
    """Yield every sample and every start of a trial."""
    match event:
        case TrialStarted():
            yield f"Started: {event.trial}."
        case ThroughputSample():
            yield f"{event.trial}, second {event.second:.0f}: {rate(event.mbit_per_s)}."
        case NodeSample():
            words = [
                f"CPU {event.cpu.busy_millicores:.0f} millicores busy",
                f"{event.cpu.softirq_millicores:.0f} in softirq",
                f"memory {event.memory_used_mib:.0f} MiB",
            ]
            if event.nic_rx_mbit_per_s is not None:
                words.append(f"receiving {rate(event.nic_rx_mbit_per_s)}")
            if event.nic_tx_mbit_per_s is not None:
                words.append(f"sending {rate(event.nic_tx_mbit_per_s)}")
            yield f"{event.role.value.capitalize()} node: {', '.join(words)}."
        case _:
            pass

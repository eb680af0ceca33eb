import io
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.events import (
    BenchEvent,
    CleanupStep,
    CpuFacts,
    CpuSeen,
    IdleMeasured,
    NicSeen,
    NodeSample,
    Outcome,
    PathProven,
    Phase,
    PhaseStarted,
    RunFinished,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
    WarningRaised,
)
from cniadvisor.domain.measurement import PathName, Role, Trial
from cniadvisor.domain.report import Report
from cniadvisor.headless.renderer import Renderer

NASTY = "evil\x1b[2J\x07\u202ename\nnew line"


def start(report: Report) -> RunStarted:
    return RunStarted(
        at_s=0.0,
        started_at=report.run.started_at,
        tool_version=report.run.tool_version,
        command=report.run.command,
        plan=report.plan,
        target=report.target,
        findings=report.findings,
    )


def failed(trial: Trial, attempt: int = 1) -> Trial:
    identity = replace(trial.id, attempt=attempt)
    return replace(trial, id=identity, figures={}, failure="iperf3: unable to connect")


def a_run(report: Report) -> list[BenchEvent]:
    first, second = report.trials[:2]
    cpu = report.resources[0].cpu
    proven = report.paths[0]
    return [
        start(report),
        PhaseStarted(at_s=0.1, phase=Phase.OPEN, detail="waiting for 4 pods"),
        PathProven(
            at_s=5.0,
            path=proven.path,
            client_address=proven.client_address,
            server_address=proven.server_address,
            interface=proven.interface,
            mtu=proven.mtu,
            tools=report.tools,
        ),
        *(NicSeen(at_s=5.0, nic=nic) for nic in report.nics),
        *(CpuSeen(at_s=5.0, cpu=cpu) for cpu in report.cpus),
        PhaseStarted(at_s=6.0, phase=Phase.IDLE),
        IdleMeasured(at_s=26.0, role=Role.CLIENT, cpu=cpu, memory_used_mib=870.4, window_s=20.0),
        WarningRaised(at_s=26.0, code="x", text="a LimitRange is there", advice="remove it"),
        TrialStarted(at_s=27.0, trial=first.id),
        ThroughputSample(at_s=28.0, trial=first.id, second=1.0, mbit_per_s=9_400.0),
        NodeSample(
            at_s=28.0,
            role=Role.SERVER,
            cpu=cpu,
            memory_used_mib=870.0,
            nic_rx_mbit_per_s=None,
            nic_tx_mbit_per_s=9_450.0,
        ),
        TrialFinished(at_s=29.0, trial=first),
        TrialFinished(at_s=29.0, trial=failed(second)),
        TrialFinished(at_s=31.0, trial=failed(second, attempt=2)),
        CleanupStep(at_s=60.0, what="Job pod-client"),
        CleanupStep(at_s=61.0, what="Namespace cniadvisor-k7m2q", error="still terminating"),
        RunFinished(at_s=64.0, finished_at="x", outcome=Outcome.COMPLETE),
    ]


def told(renderer: Renderer, events: list[BenchEvent]) -> list[str]:
    return [line for event in events for line in renderer.lines(event)]


def test_a_run_in_lines(report: Report, golden: Callable[[str, str], None]) -> None:
    lines = told(Renderer(), a_run(report))
    # Lines are for pipes and screen readers: whole sentences, not broken at 80 columns.
    for width_free, line in enumerate(lines):
        assert "\n" not in line, width_free
    expected_kinds = ["Run", "Data goes", "Set-up", "The pod network", "NIC", "NIC", "CPU", "Idle"]
    assert all(line.startswith(kind) for line, kind in zip(lines, expected_kinds, strict=False))
    golden("run", "\n".join(part for line in lines for part in folded(line)))


def folded(line: str) -> list[str]:
    """Break a long line for the golden file alone."""
    import textwrap

    return textwrap.wrap(line, 80, subsequent_indent="    ", break_on_hyphens=False)


def test_verbose_adds_samples_and_starts(report: Report) -> None:
    events = a_run(report)
    plain, verbose = told(Renderer(), events), told(Renderer(verbose=True), events)
    assert [line for line in verbose if line not in plain] == [
        "Started: tcp on the host path, round 1.",
        "tcp on the host path, round 1, second 1: 9.40 Gbit/s.",
        "Server node: CPU 120 millicores busy, 30 in softirq, memory 870 MiB, sending 9.45 Gbit/s.",
    ]


def test_quiet_tells_only_what_went_wrong(report: Report) -> None:
    events = a_run(report)
    assert told(Renderer(quiet=True, verbose=True), events) == [
        "Warning: a LimitRange is there. Advice: remove it",
        "Trial 2 of 12 (round 1 of 3), TCP on the pod network: failed: "
        "iperf3: unable to connect. It is tried once more at the end of the round.",
        "Second attempt (round 1 of 3), TCP on the pod network: failed again: "
        "iperf3: unable to connect. Its pair is dropped.",
        "Not removed: Namespace cniadvisor-k7m2q: still terminating",
    ]


@pytest.mark.parametrize(
    ("outcome", "words"), [(Outcome.PARTIAL, "is partial"), (Outcome.FAILED, "failed")]
)
def test_a_run_that_did_not_end_well_says_so_even_when_quiet(outcome: Outcome, words: str) -> None:
    end = RunFinished(at_s=9.0, finished_at="x", outcome=outcome, reason="a node went NotReady")
    for quiet in (True, False):
        assert told(Renderer(quiet=quiet), [end]) == [f"The run {words}: a node went NotReady"]


def test_extra_rounds_and_second_attempts_are_counted_apart(report: Report) -> None:
    suite = replace(report.plan.suite, max_rounds=15, target_half_width_percent=2.5)
    begun = replace(start(report), plan=replace(report.plan, suite=suite))
    trial = report.trials[0]
    again = replace(trial, id=replace(trial.id, attempt=2))
    extra = replace(trial, id=replace(trial.id, round=4))
    lines = told(Renderer(), [begun, *(TrialFinished(at_s=1, trial=t) for t in (again, extra))])
    assert lines[-2:] == [
        "Second attempt (round 1 of 3), TCP on the host network: 9.41 Gbit/s, 3 retransmits.",
        "Trial 1 (round 4 of at most 15), TCP on the host network: 9.41 Gbit/s, 3 retransmits.",
    ]


def test_nothing_from_outside_reaches_the_terminal_raw(report: Report) -> None:
    pair = replace(
        report.target.pair,
        client=replace(report.target.pair.client, name=NASTY),
        server=replace(report.target.pair.server, name=NASTY),
        reason=NASTY,
    )
    plan = replace(report.plan, run_id=NASTY, suite=replace(report.plan.suite, name=NASTY))
    events: list[BenchEvent] = [
        replace(start(report), plan=plan, target=replace(report.target, pair=pair)),
        PhaseStarted(at_s=0, phase=Phase.OPEN, detail=NASTY),
        PathProven(
            at_s=0,
            path=PathName.POD,
            client_address=NASTY,
            server_address=NASTY,
            interface=NASTY,
            mtu=None,
            tools={NASTY: NASTY},
        ),
        NicSeen(at_s=0, nic=replace(report.nics[0], interface=NASTY, driver=NASTY)),
        CpuSeen(at_s=0, cpu=CpuFacts(role=Role.CLIENT, model=NASTY)),
        WarningRaised(at_s=0, code=NASTY, text=NASTY, advice=NASTY),
        TrialFinished(at_s=0, trial=replace(failed(report.trials[0]), failure=NASTY)),
        CleanupStep(at_s=0, what=NASTY),
        CleanupStep(at_s=0, what=NASTY, error=NASTY),
        RunFinished(at_s=0, finished_at=NASTY, outcome=Outcome.FAILED, reason=NASTY),
    ]
    lines = told(Renderer(verbose=True), events)
    assert len(lines) == 11
    assert all(line.isprintable() for line in lines)


def test_it_writes_to_stderr_as_it_is_now(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    Renderer()(CleanupStep(at_s=0, what="Job x"))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Removed: Job x.\n")
    stream = io.StringIO()
    Renderer(stream=stream)(CleanupStep(at_s=0, what="Job x"))
    assert stream.getvalue() == "Removed: Job x.\n"


def test_a_closed_stream_is_told_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    with pytest.raises(BrokenPipeError):
        Renderer()(CleanupStep(at_s=0, what="Job x"))

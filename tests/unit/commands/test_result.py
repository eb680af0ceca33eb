"""What a run that ended early leaves: a report if there is anything to tell."""

from dataclasses import replace
from pathlib import Path

from cniadvisor.commands.result import measured_report
from cniadvisor.domain.events import BenchEvent, Outcome, PolicyProbed, RunFinished
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import read_recording

RECORDING = Path(__file__).parents[2] / "golden" / "recording-v1.jsonl"
PROBE = PolicyProbe(probed_at="2026-11-23T09:00:00+00:00", reason="the pods don't meet")


def built(*between: BenchEvent) -> ReportBuilder:
    first, *_, last = read_recording(RECORDING, tell=lambda _: None)
    assert isinstance(last, RunFinished)
    builder = ReportBuilder()
    for event in (first, *between, replace(last, outcome=Outcome.FAILED)):
        builder(event)
    return builder


def test_nothing_measured_is_no_report() -> None:
    assert measured_report(built()) is None


def test_a_probe_without_a_trial_is_one() -> None:
    report = measured_report(built(PolicyProbed(at_s=30.0, probe=PROBE)))
    assert report is not None
    assert report.policy_probe == PROBE

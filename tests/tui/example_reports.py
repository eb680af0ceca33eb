"""Reports to explore: the golden run told again with other names and figures."""

from dataclasses import replace
from pathlib import Path

from cniadvisor.diagnose.diagnosing import diagnose
from cniadvisor.domain.events import BenchEvent, RunStarted, TrialFinished
from cniadvisor.domain.findings import Component
from cniadvisor.domain.measurement import PathName, TestName, Trial, TrialId
from cniadvisor.domain.report import Report
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import read_recording
from cniadvisor.report.toml_file import write

GOLDEN = Path(__file__).parents[1] / "golden"


def example_report(
    cni: str = "flannel",
    mode: str | None = "vxlan",
    *,
    run_id: str = "k7m2q",
    started_at: str = "2026-11-22T10:15:00Z",
    factor: float = 1.0,
    kernel: str = "6.12.48",
    context: str = "staging",
) -> Report:
    """The golden run as if of this CNI, its pod path ``factor`` times as fast."""
    builder = ReportBuilder()
    for event in read_recording(GOLDEN / "recording-v1.jsonl", tell=print):
        builder(
            _changed(
                event,
                component=Component(name=cni, mode=mode),
                run_id=run_id,
                started_at=started_at,
                factor=factor,
                kernel=kernel,
                context=context,
            )
        )
    report = builder.report()
    return replace(report, diagnoses=diagnose(report))


def keep(report: Report, folder: Path, name: str = "") -> Path:
    """Write a report into a folder under a name like those the product gives."""
    path = folder / (name or f"{report.run.started_at.replace(':', '')}-{report.plan.run_id}.toml")
    write(report, path)
    return path


def _changed(
    event: BenchEvent,
    *,
    component: Component,
    run_id: str,
    started_at: str,
    factor: float,
    kernel: str,
    context: str,
) -> BenchEvent:
    match event:
        case RunStarted():
            pair = event.target.pair
            nodes = replace(
                pair,
                client=replace(pair.client, kernel=kernel),
                server=replace(pair.server, kernel=kernel),
            )
            return replace(
                event,
                started_at=started_at,
                plan=replace(event.plan, run_id=run_id),
                target=replace(event.target, pair=nodes, context=context),
                findings=replace(event.findings, primary=component),
            )
        case TrialFinished() if event.trial.id.path is PathName.POD:
            return replace(event, trial=scaled(event.trial, factor))
        case _:
            return event


def scaled(trial: Trial, factor: float) -> Trial:
    """The trial with its figure and its seconds so many times as large."""
    return replace(
        trial,
        figures={
            key: value * factor if key.endswith("_mbit_per_s") else value
            for key, value in trial.figures.items()
        },
        samples_mbit_per_s=tuple(value * factor for value in trial.samples_mbit_per_s),
    )


def failed(number: int, path: PathName = PathName.POD, test: TestName = TestName.TCP) -> Trial:
    """A trial that failed."""
    return Trial(
        id=TrialId(test=test, path=path, round=number),
        started_s=40.0,
        duration_s=0.5,
        failure="iperf3: unable to connect to server",
    )

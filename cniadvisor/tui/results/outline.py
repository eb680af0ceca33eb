"""One report to walk through: its tests, their trials, resources, diagnoses, warnings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from cniadvisor.domain.measurement import FIGURES, PathName, TestName, Trial
from cniadvisor.domain.report import Machine, Report
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.tui.charts.chart import Chart, Line, LineChart
from cniadvisor.tui.results.pages import figures_chart
from cniadvisor.tui.results.subjects import subjects_of
from cniadvisor.tui.symbols import Symbols
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording import report as words
from cniadvisor.wording.agents import agents_lines
from cniadvisor.wording.probes import probe_lines
from cniadvisor.wording.trial import trial_lines, trial_title
from cniadvisor.wording.words import network, quantity, test_name

_MEANINGS = {PathName.POD: Meaning.POD, PathName.HOST: Meaning.HOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a report.

    Attributes:
        label: what the outline says of it, printable.
        text_for: width in columns -> what there is to read.
        chart: makes what there is to see, which takes a moment; None where there is nothing.
        parts: what it consists of.
    """

    label: str
    text_for: Callable[[int], str]
    chart: Callable[[], Chart] | None = None
    parts: "tuple[Part, ...]" = ()


def outline(report: Report, symbols: Symbols) -> tuple[Part, ...]:
    """Return the parts of a report, from the conclusions to what they rest on."""
    return tuple(_parts(report, symbols))


def _parts(report: Report, symbols: Symbols) -> Iterator[Part]:
    yield Part(label="Where and how", text_for=_text(words.head_lines, report))
    for test in report.plan.suite.tests:
        yield _test_part(report, test, symbols)
    if report.resources:
        yield Part(
            label="CPU and memory",
            text_for=_text(words.resources_lines, report),
            chart=partial(busy_chart, report) if report.samples else None,
        )
    if report.agents is not None:
        yield Part(label="The CNI's agents", text_for=_text(agents_lines, report.agents))
    if report.policy_probe is not None:
        found = report.policy_probe.enforcement.value
        text = _text(probe_lines, report.policy_probe)
        yield Part(label=f"NetworkPolicy: {found}", text_for=text)
    for number, told, label in (
        (len(report.diagnoses), words.diagnoses_lines, "Diagnoses"),
        (len(report.warnings) + len(report.findings.warnings), words.warnings_lines, "Warnings"),
    ):
        if number:
            yield Part(label=f"{label} ({number})", text_for=_text(told, report))
    if any(removal.error is not None for removal in report.cleanup):
        yield Part(
            label=f"{symbols.warning} Not removed", text_for=_text(words.left_over_lines, report)
        )


def _test_part(report: Report, test: TestName, symbols: Symbols) -> Part:
    comparison = next((c for c in report.comparisons if c.test is test), None)
    name = test_name(test, report.plan.streams)
    verdict = "not measured" if comparison is None else comparison.verdict.value
    return Part(
        label=f"{name}: {verdict}",
        text_for=lambda width: "\n".join(words.lines_of_test(report, test, width=width)),
        chart=partial(figures_chart, subjects_of([report]), test, from_zero=True),
        parts=tuple(
            _trial_part(report, trial, symbols) for trial in report.trials if trial.id.test is test
        ),
    )


def _trial_part(report: Report, trial: Trial, symbols: Symbols) -> Part:
    streams = report.plan.streams
    again = f", attempt {trial.id.attempt}" if trial.id.attempt > 1 else ""
    place = f"round {trial.id.round} {trial.id.path.value}{again}"
    if trial.value is None:
        told = f"{symbols.bad} failed"
    else:
        told = quantity(trial.value, FIGURES[trial.id.test].unit)
    return Part(
        label=printable(f"{place}: {told}"),
        text_for=lambda width: "\n".join(trial_lines(trial, streams=streams, width=width)),
        chart=partial(seconds_chart, trial, streams=streams) if trial.samples_mbit_per_s else None,
    )


def _text(told: Callable[..., list[str]], of: object) -> Callable[[int], str]:
    return lambda width: "\n".join(told(of, width=width))


def seconds_chart(trial: Trial, *, streams: int) -> LineChart:
    """Return what a trial told second by second; a sample is of the second that ends at its x."""
    return LineChart(
        title=trial_title(trial.id, streams=streams),
        unit="Mbit/s",
        across_to=float(len(trial.samples_mbit_per_s)),
        lines=(
            Line(
                name=network(trial.id.path),
                meaning=_MEANINGS[trial.id.path],
                points=tuple(
                    (float(second), value)
                    for second, value in enumerate(trial.samples_mbit_per_s, start=1)
                ),
                mark=trial.id.path.value[0],
            ),
        ),
    )


def busy_chart(report: Report) -> LineChart:
    """Return the busy CPU of each machine over the run, softirq apart."""
    lines: list[Line] = []
    for machine in Machine:
        samples = [sample for sample in report.samples if sample.role is machine]
        if not samples:
            continue
        whose = "both nodes" if machine is Machine.MACHINE else f"{machine.value} node"
        first = machine.value[0]
        lines += [
            Line(
                name=f"{whose}, busy",
                meaning=Meaning.OTHER1 if machine is Machine.SERVER else Meaning.CPU,
                points=tuple((sample.at_s, sample.busy_millicores) for sample in samples),
                mark=first.upper(),
            ),
            Line(
                name=f"{whose}, softirq",
                meaning=Meaning.OTHER2 if machine is Machine.SERVER else Meaning.SOFTIRQ,
                points=tuple((sample.at_s, sample.softirq_millicores) for sample in samples),
                mark=first,
            ),
        ]
    return LineChart(
        title=f"CPU over the run, {counted(len(report.samples), 'sample')}",
        unit="m",
        lines=tuple(lines),
        empty="The nodes were not sampled.",
    )

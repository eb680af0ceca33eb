"""What runs take from the nodes, as bars: idle, under load on each path."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.report import Report
from cniadvisor.domain.report import Resource as Measured
from cniadvisor.domain.words import listed
from cniadvisor.tui.charts.chart import Bar, BarChart
from cniadvisor.tui.results.subjects import Subjects
from cniadvisor.tui.results.topics import Resource
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording.words import network

UNITS = {Resource.CPU: "m", Resource.MEMORY: "MiB"}
"""Millicores of busy CPU, and memory in use."""

NAMES = {Resource.CPU: "Busy CPU", Resource.MEMORY: "Memory in use"}


def tests_sampled_in_all(reports: Sequence[Report]) -> tuple[TestName, ...]:
    """Return the tests whose load every report tells for both paths: only they can be set beside.

    Empty when there are none.
    """
    told = [{(row.test, row.path) for row in report.resources} for report in reports]
    return tuple(
        test
        for test in TestName
        if told and all((test, path) in rows for rows in told for path in PathName)
    )


def where_words(reports: Sequence[Report]) -> str:
    """Say whose load it is: of both nodes, or of the one machine that both are."""
    single = {report.target.pair.one_machine for report in reports}
    if single == {True}:
        return "the machine that both nodes are"
    return "both nodes together" if single == {False} else "nodes together, or their one machine"


def tests_words(tests: Sequence[TestName]) -> str:
    """Say over which tests a load is the mean."""
    return f"mean over {listed([test.value for test in tests])}"


def loads_chart(subjects: Subjects, resource: Resource) -> BarChart:
    """Return a bar for each report's idle load and its load on each path."""
    drawn = [subjects.reports[place] for place in subjects.drawn]
    tests = tests_sampled_in_all(drawn)
    return BarChart(
        title=f"{NAMES[resource]} of {where_words(drawn)}, {tests_words(tests)}"
        if tests
        else f"{NAMES[resource]} of {where_words(drawn)}",
        unit=UNITS[resource],
        bars=tuple(bar for place in subjects.drawn for bar in _bars(subjects, place, resource)),
        part_name="softirq" if resource is Resource.CPU else "",
        empty="The nodes were not sampled.",
    )


def idle_of(report: Report, resource: Resource) -> float | None:
    """Return what the nodes do together while nothing of ours runs; None if not sampled."""
    rows = [row for row in report.resources if row.test is None]
    return sum(_value(row, resource) for row in rows) if rows else None


def _bars(subjects: Subjects, place: int, resource: Resource) -> Iterator[Bar]:
    report = subjects.reports[place]
    before = "" if subjects.alone else f"{subjects.mark(place)} "
    idle = [row for row in report.resources if row.test is None]
    if idle:
        yield _bar(f"{before}idle", Meaning.MUTED, [idle], resource)
    tests = tests_sampled_in_all([subjects.reports[place] for place in subjects.drawn])
    for path, meaning in (
        (PathName.HOST, Meaning.HOST),
        (PathName.POD, subjects.meaning(place)),
    ):
        rows = [
            [row for row in report.resources if (row.test, row.path) == (test, path)]
            for test in tests
        ]
        if rows:
            yield _bar(f"{before}{network(path)}", meaning, rows, resource)


def _bar(
    name: str, meaning: Meaning, windows: Sequence[Sequence[Measured]], resource: Resource
) -> Bar:
    """Return the mean over windows of the sum over nodes."""
    return Bar(
        name=name,
        meaning=meaning,
        value=fmean(sum(_value(row, resource) for row in rows) for rows in windows),
        part=fmean(sum(row.cpu.softirq_millicores for row in rows) for rows in windows)
        if resource is Resource.CPU
        else None,
    )


def _value(row: Measured, resource: Resource) -> float:
    return row.cpu.busy_millicores if resource is Resource.CPU else row.memory_used_mib

"""What the explorer shows of a test or a resource of one or several reports: chart and text.

A line for each report's pod path and one for the baseline, round by round. Where the reports are
alike the baseline is the median of all of theirs; where they are not, each has its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Report
from cniadvisor.stats.pairing import latest_attempts
from cniadvisor.tui.charts.chart import (
    Across,
    Chart,
    DistributionChart,
    Group,
    Level,
    Line,
    LineChart,
)
from cniadvisor.tui.results.loads import (
    NAMES,
    UNITS,
    loads_chart,
    tests_sampled_in_all,
    tests_words,
    where_words,
)
from cniadvisor.tui.results.subjects import Subjects
from cniadvisor.tui.results.topics import Resource, Topic, View
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording import comparing, report
from cniadvisor.wording.agents import agents_lines
from cniadvisor.wording.words import network, test_name, wrapped

if TYPE_CHECKING:
    from cniadvisor.report.frames import RoundLine

BASELINE = network(PathName.HOST)

NO_FIGURES = "No trial of this test has a figure."


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A chart, what it comes to, and the text below it; words for any width in columns.

    ``verdict`` is empty where there is none: a resource has no verdict, its chart a sentence.
    """

    chart: Chart
    text_for: Callable[[int], str]
    verdict: Callable[[int], str]


def page(subjects: Subjects, topic: Topic, view: View, *, from_zero: bool = False) -> Page:
    """Return a page; imports pandas, so not for the thread that draws.

    Args:
        subjects: at least one report.
        topic: which tab.
        view: one that the topic has.
        from_zero: the vertical axis begins at zero, so that heights can be compared.
    """
    if isinstance(topic, TestName):
        charts = {View.ROUNDS: figures_chart, View.SHARES: shares_chart}
        chart = (
            trials_chart(subjects, topic, from_zero=from_zero)
            if view is View.TRIALS
            else charts[view](subjects, topic, from_zero=from_zero)
        )
        return Page(
            chart=chart,
            text_for=lambda width: _test_text(subjects, topic, width),
            verdict=lambda width: _verdict(subjects, topic, width),
        )
    drawn = (
        loads_chart(subjects, topic)
        if view is View.LOADS
        else rounds_of_load_chart(subjects, topic, from_zero=from_zero)
    )
    return Page(
        chart=drawn,
        text_for=lambda width: _resource_text(subjects, width),
        verdict=lambda _: "",
    )


def figures_chart(subjects: Subjects, test: TestName, *, from_zero: bool) -> LineChart:
    """Return a test's figure round by round."""
    from cniadvisor.report.frames import figure_lines

    return LineChart(
        title=_test_title(subjects, test),
        unit=FIGURES[test].unit,
        lines=_lines(subjects, figure_lines(_drawn(subjects), test)),
        across=Across.ROUNDS,
        from_zero=from_zero,
        empty=NO_FIGURES,
    )


def shares_chart(subjects: Subjects, test: TestName, *, from_zero: bool) -> LineChart:
    """Return a test's pod path in percent of its own baseline, round by round."""
    from cniadvisor.report.frames import share_lines

    lines = tuple(_pod_line(subjects, one) for one in share_lines(_drawn(subjects), test))
    return LineChart(
        title=f"{_test_title(subjects, test)}, share of each one's own baseline",
        unit="%",
        lines=lines,
        levels=(Level(name=BASELINE, meaning=Meaning.HOST, value=100.0, mark="h"),),
        across=Across.ROUNDS,
        from_zero=from_zero,
        empty="No round has a figure on both networks.",
    )


def trials_chart(subjects: Subjects, test: TestName, *, from_zero: bool) -> DistributionChart:
    """Return every trial that counts as a point; like baselines are put together."""
    hosts: list[Group] = []
    pods: list[Group] = []
    for place in subjects.drawn:
        by_path = {path: _values(subjects.reports[place], test, path) for path in PathName}
        pods.append(
            Group(
                name=_pod_name(subjects, place),
                meaning=subjects.meaning(place),
                values=by_path[PathName.POD],
                mark=subjects.mark(place),
            )
        )
        hosts.append(
            Group(
                name=_own_baseline(subjects, place),
                meaning=Meaning.HOST,
                values=by_path[PathName.HOST],
                mark=_own_mark(subjects, place),
            )
        )
    if not subjects.unlike:
        values = tuple(value for host in hosts for value in host.values)
        hosts = [Group(name=BASELINE, meaning=Meaning.HOST, values=values, mark="h")]
    return DistributionChart(
        title=_test_title(subjects, test),
        unit=FIGURES[test].unit,
        groups=tuple(group for group in (*pods, *hosts) if group.values),
        from_zero=from_zero,
        empty=NO_FIGURES,
    )


def rounds_of_load_chart(subjects: Subjects, resource: Resource, *, from_zero: bool) -> LineChart:
    """Return what trials take of a resource, round by round."""
    from cniadvisor.report.frames import Load, load_lines

    drawn = _drawn(subjects)
    tests = tests_sampled_in_all(drawn)
    load = Load.CPU if resource is Resource.CPU else Load.MEMORY
    found = load_lines(drawn, tests, load) if tests else ()
    return LineChart(
        title=f"{NAMES[resource]} of {where_words(drawn)}, {tests_words(tests)}",
        unit=UNITS[resource],
        lines=_lines(subjects, found),
        across=Across.ROUNDS,
        from_zero=from_zero,
        empty="No round has a sampled trial of every test.",
    )


# -- lines


def _drawn(subjects: Subjects) -> list[Report]:
    return [subjects.reports[place] for place in subjects.drawn]


def _lines(subjects: Subjects, found: "Sequence[RoundLine]") -> tuple[Line, ...]:
    from cniadvisor.report.frames import together

    if subjects.unlike:
        baselines = [line for line in found if line.path is PathName.HOST]
    else:
        baselines = [together(found, PathName.HOST)]
    return (
        *(_pod_line(subjects, line) for line in found if line.path is PathName.POD),
        *(_baseline_line(subjects, line) for line in baselines if line.values),
    )


def _pod_line(subjects: Subjects, line: "RoundLine") -> Line:
    assert line.place is not None
    return Line(
        name=_pod_name(subjects, line.place),
        meaning=subjects.meaning(line.place),
        points=_points(line),
        mark=subjects.mark(line.place),
    )


def _baseline_line(subjects: Subjects, line: "RoundLine") -> Line:
    if line.place is not None:
        name, mark = _own_baseline(subjects, line.place), _own_mark(subjects, line.place)
    else:
        name = BASELINE if subjects.alone else f"{BASELINE}, median of all reports"
        mark = "h"
    return Line(name=name, meaning=Meaning.HOST, points=_points(line), mark=mark)


def _points(line: "RoundLine") -> tuple[tuple[float, float | None], ...]:
    """Return a point for every round from the first to the last; one without a value is a gap."""
    known = dict(zip(line.rounds, line.values, strict=True))
    if not known:
        return ()
    return tuple((float(number), known.get(number)) for number in range(1, max(known) + 1))


def _pod_name(subjects: Subjects, place: int) -> str:
    # The letter is the mark already.
    name = subjects.names[place]
    return name if subjects.alone else name.partition(" ")[2]


def _own_baseline(subjects: Subjects, place: int) -> str:
    return BASELINE if subjects.alone else f"{BASELINE} of {subjects.mark(place)}"


def _own_mark(subjects: Subjects, place: int) -> str:
    return "h" if subjects.alone else subjects.mark(place).casefold()


def _values(one: Report, test: TestName, path: PathName) -> tuple[float, ...]:
    return tuple(
        trial.value
        for trial in latest_attempts(one.trials)
        if (trial.id.test, trial.id.path) == (test, path) and trial.value is not None
    )


# -- words


def _test_title(subjects: Subjects, test: TestName) -> str:
    figure = FIGURES[test]
    lower = "" if figure.higher_is_better else ", lower is better"
    return f"{test_name(test, streams_of(subjects.reports))}: {figure.label}{lower}"


def streams_of(reports: Sequence[Report]) -> int:
    """Return the streams of tcp-multi; of reports that differ the most."""
    return max((one.plan.streams for one in reports), default=1)


def cautions(subjects: Subjects) -> list[str]:
    """Return what must be known before figures of these reports are looked at together."""
    told = [comparing.unlike_sentence(subjects.unlike)] if subjects.unlike else []
    left_out = len(subjects.reports) - len(subjects.drawn)
    if left_out:
        told.append(
            f"The chart has the first {len(subjects.drawn)} of {len(subjects.reports)} reports."
        )
    return told


def _verdict(subjects: Subjects, test: TestName, width: int) -> str:
    """Say what the interval of one report allows to say, or those of several."""
    if subjects.unlike:
        told = [comparing.unlike_sentence(subjects.unlike)]
    elif subjects.alone:
        (one,) = subjects.reports
        told = [
            report.comparison_sentence(comparison, one.summaries, streams=one.plan.streams)
            for comparison in one.comparisons
            if comparison.test is test
        ]
    else:
        told = list(comparing.order_sentences(subjects.reports, test))
    return "\n".join(line for words in told for line in wrapped(words, width=width))


def _test_text(subjects: Subjects, test: TestName, width: int) -> str:
    if subjects.alone:
        return "\n".join(report.lines_of_test(subjects.reports[0], test, width=width))
    sections = [[line for told in cautions(subjects) for line in wrapped(told, width=width)]]
    if not subjects.unlike:
        sections.append(comparing.lines_of_test(subjects.reports, test, width=width))
    for name, one in zip(subjects.names, subjects.reports, strict=True):
        sections.append(
            [*wrapped(name, width=width), *report.lines_of_test(one, test, width=width)[1:]]
        )
    return "\n\n".join("\n".join(section) for section in sections if section)


def _resource_text(subjects: Subjects, width: int) -> str:
    sections = [[line for told in cautions(subjects) for line in wrapped(told, width=width)]]
    for name, one in zip(subjects.names, subjects.reports, strict=True):
        if not subjects.alone:
            sections.append(wrapped(name, width=width))
        sections.append(report.resources_lines(one, width=width))
        if one.agents is not None:
            sections.append(agents_lines(one.agents, width=width))
    return "\n\n".join("\n".join(section) for section in sections if section)

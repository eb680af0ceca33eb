"""A lab's plan, and what its wirings cost side by side: one table, one sentence a test."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.plan import Plan, TargetFacts
from cniadvisor.domain.report import Comparison, Report
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import listed
from cniadvisor.stats.ordering import ordering
from cniadvisor.wording.comparing import compared_tests, comparisons_of, undecided_sentence
from cniadvisor.wording.words import (
    WIDTH,
    duration,
    facts,
    network,
    ratio_percent,
    ratio_times,
    table,
    test_name,
    wrapped,
)

COLUMNS = 3
"""So many wirings stand side by side in a table of 80 columns; more get another table."""


_SET_UP_S = 8.0
"""Making and removing everything, as seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWiring:
    """One wiring of a lab: its name for ``--wiring``, what it is shown as, and its plan."""

    name: str
    label: str
    pod_mtu: int
    plan: Plan
    target: TargetFacts


# -- before


def lab_plan_text(wirings: Sequence[PlannedWiring], *, width: int = WIDTH) -> str:
    """Return what a lab is going to do, as text of at most ``width`` columns.

    Args:
        wirings: at least one; they have the same suite and are measured on the same machine.
    """
    plan, target = wirings[0].plan, wirings[0].target
    suite, node = plan.suite, target.pair.client
    tests = listed([test_name(test, plan.streams) for test in suite.tests])
    trials = sum(one.plan.trial_count for one in wirings)
    rows = [
        ("Lab", f"{target.server}: {node.os_image}, kernel {node.kernel}, {node.architecture}"),
        *((one.name, f"{one.label}, pod MTU {one.pod_mtu} bytes") for one in wirings),
        ("Nodes", target.pair.reason),
        ("Tools", target.image),
        ("Suite", f"{suite.name}: {tests}"),
        ("Paths", listed([network(path) for path in plan.paths])),
        ("Trials", f"{trials} of {suite.duration_s:g} s, one at a time, seed {plan.seed}"),
        ("Expected", f"about {duration(lab_expected_s([one.plan for one in wirings]))}"),
    ]
    sections = [
        facts(rows, width=width),
        _creates(target, len(wirings), width),
        wrapped(
            "All traffic stays in these namespaces. The machine's own network, firewall and "
            "settings are not touched; its CPU is busy meanwhile.",
            width=width,
        ),
    ]
    return "\n\n".join("\n".join(section) for section in sections)


def lab_expected_s(plans: Sequence[Plan]) -> float:
    """Return the seconds a lab is expected to take, the tools' making aside (an estimate).

    Its wirings measure in turns, but watch their idle nodes all at once.
    """
    idle_s = max(plan.suite.idle_s for plan in plans)
    alone_s = sum(plan.running_s - plan.suite.idle_s for plan in plans)
    return _SET_UP_S + idle_s + alone_s


def _creates(target: TargetFacts, wirings: int, width: int) -> list[str]:
    each = "" if wirings == 1 else ", for each wiring"
    lines = wrapped(f"Creates{each}, seen by nobody else and gone at the end:", width=width)
    for item in target.creates:
        told = f"{printable(item.kind)} {printable(item.name)}: {printable(item.purpose)}"
        lines += wrapped(told, indent="  ", first="- ", width=width)
    return lines


# -- after


def lab_text(reports: Mapping[str, Report], *, width: int = WIDTH) -> str:
    """Return what the wirings of one lab cost, side by side.

    Args:
        reports: by the wiring's name; measured in turns on the same machine.
        width: columns at most.
    """
    names, measured = list(reports), list(reports.values())
    tests = compared_tests(measured)
    sections = [
        wrapped(
            "Each wiring by the ratio of its pod network to its own baseline, the wire between "
            "its nodes: throughput in percent of it (more is better), latency in times of it (less "
            "is better). A kernel dataplane wired as a CNI wires it is not that CNI.",
            width=width,
        ),
        *(
            _table(names[first : first + COLUMNS], measured[first : first + COLUMNS], tests, width)
            for first in range(0, len(names), COLUMNS)
        ),
        [
            line
            for test in tests
            for line in wrapped(
                sentence_of_test(reports, test), indent="  ", first="- ", width=width
            )
        ],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def sentence_of_test(reports: Mapping[str, Report], test: TestName) -> str:
    """Say what one test found in every wiring, and which of them is ahead, if any is."""
    names = list(reports)
    found = comparisons_of(list(reports.values()), test)
    streams = next(iter(reports.values())).plan.streams
    told = (_of_one(name, one, test) for name, one in zip(names, found, strict=True))
    order = " ".join(_order(names, found, test))
    return f"{test_name(test, streams)}: {'; '.join(told)}. {order}".rstrip()


def _table(
    names: Sequence[str], reports: Sequence[Report], tests: Sequence[TestName], width: int
) -> list[str]:
    columns = [[_cell(one, test) for one in comparisons_of(reports, test)] for test in tests]
    rows = [(test.value, *cells) for test, cells in zip(tests, columns, strict=True)]
    mtus = ("pod MTU", *(_mtu(report) for report in reports))
    return table(("test", *names), [mtus, *rows], width=width)


def _cell(comparison: Comparison | None, test: TestName) -> str:
    if comparison is None or comparison.ratio is None or comparison.ratio_95 is None:
        return "no ratio"
    if FIGURES[test].higher_is_better:
        return ratio_percent(comparison.ratio, comparison.ratio_95)[0]
    return ratio_times(comparison.ratio, comparison.ratio_95)[0]


def _mtu(report: Report) -> str:
    mtu = next((path.mtu for path in report.paths if path.path is PathName.POD), None)
    return "not known" if mtu is None else f"{mtu} bytes"


def _of_one(name: str, comparison: Comparison | None, test: TestName) -> str:
    if comparison is None:
        return f"{name} was not measured"
    if comparison.ratio is None or comparison.ratio_95 is None:
        return f"{name} has no ratio ({printable(comparison.reason)})"
    of_figure = ratio_percent if FIGURES[test].higher_is_better else ratio_times
    share, interval = of_figure(comparison.ratio, comparison.ratio_95)
    of = "of its baseline" if FIGURES[test].higher_is_better else "its baseline"
    return f"{name} {share} {of} (95 % interval {interval}), {comparison.verdict.value}"


def _order(
    names: Sequence[str], found: Sequence[Comparison | None], test: TestName
) -> Iterator[str]:
    intervals = [None if one is None else one.ratio_95 for one in found]
    order = ordering(intervals, higher_is_better=FIGURES[test].higher_is_better)
    for winner in sorted({first for first, _ in order.ahead}):
        behind = [names[second] for first, second in order.ahead if first == winner]
        yield f"{names[winner]} is ahead of {listed(behind)}."
    yield from undecided_sentence(names, order, of=len(intervals))

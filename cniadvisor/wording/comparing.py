"""Reports side by side: the ratio of each to its own baseline, and no ranking inside the noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Comparison, Report
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import listed
from cniadvisor.stats.likeness import Unlike
from cniadvisor.stats.ordering import Ordering, ordering
from cniadvisor.wording.report import component_line
from cniadvisor.wording.subject import LETTERS, NO_CNI
from cniadvisor.wording.words import WIDTH, network, quantity, table, test_name, wrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A report and the name of its file."""

    name: str
    report: Report


def compare_text(
    reports: Sequence[Named],
    unlike: Sequence[Unlike],
    *,
    raw: bool = False,
    width: int = WIDTH,
    tests: Sequence[TestName] | None = None,
) -> str:
    """Return reports side by side as text of at most ``width`` columns, no newline at its end.

    Args:
        reports: at most 26.
        unlike: the conditions they are compared under all the same.
        raw: the medians too, which are about the machines as much as about the CNIs.
        width: in columns.
        tests: which; all that any report has when None.
    """
    alone = [one.report for one in reports]
    chosen = compared_tests(alone) if tests is None else tests
    sections = [
        head_lines(reports, width=width),
        _insisted(unlike, width),
        *(lines_of_test(alone, test, raw=raw, width=width) for test in chosen),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def compared_tests(reports: Sequence[Report]) -> tuple[TestName, ...]:
    """Return the tests that at least one of the reports has, in the product's order."""
    return tuple(
        test for test in TestName if any(test in report.plan.suite.tests for report in reports)
    )


def unlike_lines(unlike: Sequence[Unlike], *, width: int = WIDTH) -> list[str]:
    """Return a line for every condition that is not alike: ``- kernel: A 6.12; B 6.1``."""
    lines: list[str] = []
    for one in unlike:
        values = (f"{label} {value}" for label, value in zip(LETTERS, one.values, strict=False))
        told = printable(f"{one.condition}: {'; '.join(values)}")
        lines += wrapped(told, indent="  ", first="- ", width=width)
    return lines


def _insisted(unlike: Sequence[Unlike], width: int) -> list[str]:
    title = wrapped("Not alike, and compared all the same", width=width)
    return [*title, *unlike_lines(unlike, width=width)] if unlike else []


def unlike_sentence(unlike: Sequence[Unlike]) -> str:
    """Say in one sentence in what reports are not alike, and what that means for their figures."""
    conditions = printable(listed([one.condition for one in unlike]))
    return (
        f"Not measured under like conditions ({conditions}): figures may differ for that alone, so "
        "each report is drawn beside its own baseline."
    )


def head_lines(reports: Sequence[Named], *, width: int = WIDTH) -> list[str]:
    """Return what is compared, and which letter is which report."""
    told = "Compared by the ratio of each report to its own host-network baseline."
    return [*wrapped(told, width=width), *lettered_lines(reports, width=width)]


def lettered_lines(reports: Sequence[Named], *, width: int = WIDTH) -> list[str]:
    """Return which letter is which report."""
    lines: list[str] = []
    for label, named in zip(LETTERS, reports, strict=False):
        report = named.report
        cni = component_line(report.findings.primary) or NO_CNI
        mtu = next((path.mtu for path in report.paths if path.path is PathName.POD), None)
        measured = "" if mtu is None else f"; pod MTU {mtu} bytes as measured"
        lines += wrapped(f"{cni}{measured}", indent="   ", first=f"{label}  ", width=width)
        run = f"run {report.plan.run_id} of {report.run.started_at}, {report.run.outcome.value}"
        for told in (run, named.name):  # a name of its own line is more often whole to copy
            text = printable(told, limit=600)
            lines += wrapped(text, indent="   ", first="   ", width=width)
    return lines


def lines_of_test(
    reports: Sequence[Report], test: TestName, *, raw: bool = False, width: int = WIDTH
) -> list[str]:
    """Return one test of the reports side by side, and which of them is ahead, if any is."""
    figure = FIGURES[test]
    lower = "" if figure.higher_is_better else " (lower is better)"
    streams = {report.plan.streams for report in reports}
    name = test_name(test, streams.pop() if len(streams) == 1 else None)
    lines = wrapped(f"{name} ({test.value}), {figure.label}{lower}", width=width)
    found = comparisons_of(reports, test)
    header = ("", "ratio", "95 % interval", "pairs", "against its own baseline")
    labelled = list(zip(LETTERS, found, strict=False))
    lines += table(
        header, [(label, *_row(comparison)) for label, comparison in labelled], width=width
    )
    for label, comparison in labelled:
        if comparison is not None and comparison.ratio_95 is None:
            lines += wrapped(
                f"{label} has no ratio: {printable(comparison.reason)}.", indent="  ", width=width
            )
        if comparison is not None and comparison.flags:
            flags = ", ".join(flag.value for flag in comparison.flags)
            lines += wrapped(f"{label} is flagged: {flags}.", indent="  ", width=width)
    if raw:
        for label, report in zip(LETTERS, reports, strict=False):
            medians = [
                f"{median_words(report, test, path)} on the {network(path)}" for path in PathName
            ]
            lines += wrapped(
                f"{label} had, as medians, {listed(medians)}.", indent="  ", width=width
            )
    for sentence in order_sentences(reports, test):
        lines += wrapped(sentence, indent="  ", width=width)
    return lines


def comparisons_of(reports: Sequence[Report], test: TestName) -> list[Comparison | None]:
    """Return each report's comparison of a test with its own baseline; None where it has none."""
    return [
        next((one for one in report.comparisons if one.test is test), None) for report in reports
    ]


def _row(comparison: Comparison | None) -> tuple[str, ...]:
    if comparison is None:
        return ("n/a", "n/a", "0", "not measured")
    ratio, interval = comparison.ratio, comparison.ratio_95
    return (
        "n/a" if ratio is None else f"{ratio:.4f}",
        "n/a" if interval is None else f"{interval.low:.4f} to {interval.high:.4f}",
        str(comparison.pairs),
        comparison.verdict.value,
    )


def median_words(report: Report, test: TestName, path: PathName) -> str:
    """Return the median of a test on a path with its unit; n/a where there is none."""
    for summary in report.summaries:
        if (summary.test, summary.path) == (test, path):
            return quantity(summary.median, summary.unit)
    return "n/a"


def order_sentences(reports: Sequence[Report], test: TestName) -> Iterator[str]:
    """Yield which of the reports are ahead of which, and between which nothing can be said."""
    found = comparisons_of(reports, test)
    intervals = [None if one is None else one.ratio_95 for one in found]
    order = ordering(intervals, higher_is_better=FIGURES[test].higher_is_better)
    for winner in sorted({first for first, _ in order.ahead}):
        behind = [LETTERS[second] for first, second in order.ahead if first == winner]
        apart = "the intervals lie more than 1 % apart"
        yield f"{LETTERS[winner]} is ahead of {listed(behind)}: {apart}."
    yield from undecided_sentence(LETTERS, order, of=len(reports))


def undecided_sentence(names: Sequence[str], order: Ordering, *, of: int) -> Iterator[str]:
    """Yield between which nothing can be said, if there are any: ``names`` of ``of`` results."""
    pairs = order.undecided
    if len(pairs) > 1 and len(pairs) == comb(of, 2):
        yield "No detectable difference between any two of them."
    elif pairs:
        told = [f"between {names[first]} and {names[second]}" for first, second in pairs]
        yield f"No detectable difference {listed(told)}."

"""Reports side by side: the ratio of each to its own baseline, and no ranking inside the noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Comparison, Report
from cniadvisor.domain.text import printable
from cniadvisor.stats.likeness import Unlike
from cniadvisor.stats.ordering import ordering
from cniadvisor.wording.report import component_line
from cniadvisor.wording.words import listed, network, quantity, table, test_name, wrapped

LABELS = ascii_uppercase
"""What the reports are called in a comparison, in their order; there are no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A report and the name of its file."""

    name: str
    report: Report


def compare_text(reports: Sequence[Named], unlike: Sequence[Unlike], *, raw: bool = False) -> str:
    """Return reports side by side as text of at most 80 columns, without a newline at its end.

    Args:
        reports: at most 26.
        unlike: the conditions they are compared under all the same.
        raw: the medians too, which are about the machines as much as about the CNIs.
    """
    tests = [
        test for test in TestName if any(test in one.report.plan.suite.tests for one in reports)
    ]
    sections = [
        _head(reports),
        ["Not alike, and compared all the same", *unlike_lines(unlike)] if unlike else [],
        *(_test([one.report for one in reports], test, raw=raw) for test in tests),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def unlike_lines(unlike: Sequence[Unlike]) -> list[str]:
    """Return a line for every condition that is not alike: ``- kernel: A 6.12; B 6.1``."""
    lines: list[str] = []
    for one in unlike:
        values = (f"{label} {value}" for label, value in zip(LABELS, one.values, strict=False))
        told = printable(f"{one.condition}: {'; '.join(values)}")
        lines += wrapped(told, indent="  ", first="- ")
    return lines


def _head(reports: Sequence[Named]) -> list[str]:
    lines = wrapped("Compared by the ratio of each report to its own host-network baseline.")
    for label, named in zip(LABELS, reports, strict=False):
        report = named.report
        cni = component_line(report.findings.primary) or "CNI not found out"
        mtu = next((path.mtu for path in report.paths if path.path is PathName.POD), None)
        measured = "" if mtu is None else f"; pod MTU {mtu} bytes as measured"
        lines += wrapped(f"{cni}{measured}", indent="   ", first=f"{label}  ")
        run = f"run {report.plan.run_id} of {report.run.started_at}, {report.run.outcome.value}"
        lines += wrapped(printable(f"{run}; {named.name}", limit=600), indent="   ", first="   ")
    return lines


def _test(reports: Sequence[Report], test: TestName, *, raw: bool) -> list[str]:
    figure = FIGURES[test]
    lower = "" if figure.higher_is_better else " (lower is better)"
    streams = {report.plan.streams for report in reports}
    name = test_name(test, streams.pop()) if len(streams) == 1 else test.value
    lines = wrapped(f"{name} ({test.value}), {figure.label}{lower}")
    found = [
        next((one for one in report.comparisons if one.test is test), None) for report in reports
    ]
    header = ("", "ratio", "95 % interval", "pairs", "against its own baseline")
    labelled = list(zip(LABELS, found, strict=False))
    lines += table(header, [(label, *_row(comparison)) for label, comparison in labelled])
    for label, comparison in labelled:
        if comparison is not None and comparison.ratio_95 is None:
            lines += wrapped(f"{label} has no ratio: {printable(comparison.reason)}.", indent="  ")
        if comparison is not None and comparison.flags:
            flags = ", ".join(flag.value for flag in comparison.flags)
            lines += wrapped(f"{label} is flagged: {flags}.", indent="  ")
    if raw:
        for label, report in zip(LABELS, reports, strict=False):
            medians = [f"{_median(report, test, path)} on the {network(path)}" for path in PathName]
            lines += wrapped(f"{label} had, as medians, {listed(medians)}.", indent="  ")
    for sentence in _order(found, higher_is_better=figure.higher_is_better):
        lines += wrapped(sentence, indent="  ")
    return lines


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


def _median(report: Report, test: TestName, path: PathName) -> str:
    for summary in report.summaries:
        if (summary.test, summary.path) == (test, path):
            return quantity(summary.median, summary.unit)
    return "n/a"


def _order(found: Sequence[Comparison | None], *, higher_is_better: bool) -> Iterator[str]:
    intervals = [None if one is None else one.ratio_95 for one in found]
    order = ordering(intervals, higher_is_better=higher_is_better)
    for winner in sorted({first for first, _ in order.ahead}):
        behind = [LABELS[second] for first, second in order.ahead if first == winner]
        yield (
            f"{LABELS[winner]} is ahead of {listed(behind)}: the intervals lie more than 1 % apart."
        )
    pairs = [f"{LABELS[first]} and {LABELS[second]}" for first, second in order.undecided]
    if pairs:
        yield f"No detectable difference between {', between '.join(pairs)}."

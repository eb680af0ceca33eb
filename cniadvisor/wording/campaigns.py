"""Campaigns: what was found, by whom, under which conditions; apart from the user's own runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from cniadvisor.advise.recommendation import Recommendation
from cniadvisor.advise.reference import Campaign, Result
from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Report
from cniadvisor.domain.text import printable
from cniadvisor.stats.likeness import unlike_conditions
from cniadvisor.wording.comparing import (
    Named,
    compared_tests,
    comparisons_of,
    lettered_lines,
    median_words,
    unlike_lines,
)
from cniadvisor.wording.subject import LETTERS
from cniadvisor.wording.words import WIDTH, rate, ratio_times, table, wrapped

CAMPAIGNS = (
    "Measured elsewhere, under other conditions than yours; no part of the scores but memory"
)
"""Stands above the campaigns."""

BASELINE = "bare metal"
"""What others call what they held CNIs against; a result of this name is no CNI's."""

References: TypeAlias = Mapping[Path, Report]
"""The reports that campaigns name, as far as they could be read."""

_UNITS = (
    ("_mbit_per_s", "Mbit/s"),
    ("_millicores_per_gbit_per_s", "millicores per Gbit/s"),
    ("_memory_mb", "MB of memory"),
)


def campaigns_of(told: Recommendation) -> list[Campaign]:
    """Return the campaigns with what they tell of the CNIs in the ranking, and of the baseline.

    A campaign of reports is told as a whole: its reports stand side by side.
    """
    names = {one.profile.name for one in told.ranking if one.score is not None}
    found: list[Campaign] = []
    for campaign in told.campaigns:
        results = [one for one in campaign.results if one.cni in {*names, BASELINE} or one.report]
        if campaign.reports or any(one.cni in names for one in results):
            found.append(replace(campaign, results=tuple(results)))
    return found


def campaign_lines(campaign: Campaign, references: References, *, width: int = WIDTH) -> list[str]:
    """Return a campaign with its conditions, its results, and its cautions.

    Args:
        campaign: told in full.
        references: the reports to tell; one that is not there is left out.
        width: in columns.
    """
    return [
        *head_lines(campaign, width=width),
        *_listed("Conditions", campaign.conditions, width),
        *_listed("Results", typed_results(campaign), width),
        *_measured_lines(told_reports(campaign, references), width),
        *_listed("Cautions", campaign.cautions, width),
    ]


def typed_results(campaign: Campaign) -> list[str]:
    """Return a line for each result whose figures are the campaign's own, not those of a report."""
    return [result_words(one) for one in campaign.results if one.report is None]


def told_reports(campaign: Campaign, references: References) -> list[Named]:
    """Return the reports of a campaign that could be read, in its order."""
    found = ((path, references.get(path)) for path in campaign.reports)
    return [Named(name=path.name, report=report) for path, report in found if report is not None]


def _measured_lines(reports: Sequence[Named], width: int) -> list[str]:
    """Return reports side by side, test by test, with intervals as wide as they are."""
    if not reports:
        return []
    alone = [one.report for one in reports]
    width -= 2
    lines = wrapped("Results, each against its own host-network baseline", width=width)
    lines += lettered_lines(reports, width=width)
    lines += unlike_lines(unlike_conditions(alone), width=width)
    for test in compared_tests(alone):
        figure = FIGURES[test]
        lower = "" if figure.higher_is_better else " (lower is better)"
        header = ("", "pod", "host", "ratio", "95 % interval", "verdict")
        rows = zip(LETTERS, (_measured(one, test) for one in alone), strict=False)
        lines += wrapped(f"{test.value}, {figure.label}{lower}", width=width)
        lines += table(header, [(letter, *cells) for letter, cells in rows], width=width)
    return [f"  {line}" for line in lines]


def _measured(report: Report, test: TestName) -> tuple[str, ...]:
    (found,) = comparisons_of([report], test)
    medians = [median_words(report, test, path) for path in PathName]
    if found is None:
        return (*medians, "n/a", "n/a", "not measured")
    if found.ratio is None or found.ratio_95 is None:
        return (*medians, "n/a", "n/a", found.verdict.value)
    ratio, interval = ratio_times(found.ratio, found.ratio_95)
    return (*medians, ratio.removesuffix(" times"), interval, found.verdict.value)


def head_lines(campaign: Campaign, *, width: int = WIDTH) -> list[str]:
    """Return what a campaign is, whose, and where; the address on a line of its own, unbroken."""
    place = printable(campaign.url or campaign.data_url)
    return [
        *wrapped(campaign_words(campaign), indent="  ", first="- ", width=width),
        *([f"  {place}"] if place else []),
    ]


def campaign_words(campaign: Campaign) -> str:
    """Return what a campaign is, and whose."""
    return printable(
        f"{campaign.title}, by {campaign.author}, {campaign.date}; {campaign.provenance}"
    )


def reference_words(campaign: Campaign) -> str:
    """Return what the reports of a campaign stand under in a list, apart from the user's own."""
    return printable(f"Reference, not yours: {campaign.title}", limit=200)


def result_words(result: Result) -> str:
    """Return one result in a line: ``cilium 1.15.2, IPsec: tcp 1 stream 4.77 Gbit/s, ...``."""
    name = " ".join(filter(None, (result.cni, result.version)))
    head = ", ".join(filter(None, (name, result.variant)))
    figures = ", ".join(figure_words(result.figures))
    return printable(f"{head}: {'; '.join(filter(None, (result.text, figures)))}")


def figure_words(figures: Mapping[str, float]) -> list[str]:
    """Return figures with their units: ``idle node 1258 MB of memory``."""
    return [_figure(name, value) for name, value in figures.items()]


def _listed(title: str, texts: Iterable[str], width: int) -> list[str]:
    lines = [
        line
        for text in texts
        for line in wrapped(printable(text), indent="    ", first="  - ", width=width)
    ]
    return [f"  {title}", *lines] if lines else []


def _figure(name: str, value: float) -> str:
    for suffix, unit in _UNITS:
        if name.endswith(suffix):
            label = name.removesuffix(suffix).replace("_", " ")
            label = label.replace("tcp", "TCP").replace("udp", "UDP").replace("cpu", "CPU")
            shown = rate(value) if unit == "Mbit/s" else f"{value:g} {unit}"
            return f"{label} {shown}"
    return f"{name.replace('_', ' ')} {value:g}"

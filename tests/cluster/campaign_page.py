"""docs/reference.md: our own campaigns side by side, from the reports in `profiles/reference/`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from cniadvisor.advise.reference import Campaign
from cniadvisor.commands.profiles import known_campaigns
from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Comparison, Report, Verdict
from cniadvisor.report.toml_file import read
from cniadvisor.wording.agents import agents_sentence
from cniadvisor.wording.markdown import escaped, table
from cniadvisor.wording.probes import probe_sentence
from cniadvisor.wording.subject import report_subject
from cniadvisor.wording.words import ratio_percent, ratio_times, significant, test_name

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"

_HEAD = """\
# Our own reference results

Written by `make campaign` from the reports in `profiles/reference/`, which `cniadvisor show` reads,
`cniadvisor compare` sets side by side, and the app lists under Results. They say what a dataplane
costs on this one machine. What that tells about a network of 10 Gbit/s, and what not, is in
[method.md](method.md#what-one-machine-can-tell-about-a-10-gbits-network).

Each cell is pod network over host network within one report, its 95 % interval and the verdict; `=`
is no detectable difference, which does not mean equal. One column is ahead of another only where
their intervals lie apart."""


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(known_campaigns(None)), encoding="utf-8")


def page(campaigns: Sequence[Campaign]) -> str:
    """Return the page: a part for each campaign of reports, the newest first."""
    lines = [_HEAD]
    for campaign in reversed(campaigns):
        if campaign.reports:
            reports = [read(place) for place in campaign.reports]
            lines += ["", *_part(campaign, reports)]
    return "\n".join(lines) + "\n"


def _part(campaign: Campaign, reports: Sequence[Report]) -> Iterator[str]:
    names = [escaped(report_subject(report)) for report in reports]
    yield f"## {escaped(campaign.title)}"
    for told in (campaign.conditions, campaign.cautions):
        yield ""
        yield from (f"- {escaped(text)}" for text in told)
    for title, higher in (
        ("Goodput, more is better", True),
        ("Times, less is better", False),
    ):
        rows = [
            (
                escaped(test_name(test, reports[0].plan.streams)),
                *(_ratio(_comparison(report, test)) for report in reports),
            )
            for test in TestName
            if FIGURES[test].higher_is_better is higher
            and any(_comparison(report, test) for report in reports)
        ]
        if rows:
            yield from ("", *table((title, *names), rows))
    rows = [
        (
            escaped(test_name(test, reports[0].plan.streams)),
            *(_costs(report, test) for report in reports),
        )
        for test in TestName
        if any(_cost(report, test, path) for report in reports for path in PathName)
    ]
    yield from ("", *table(("Millicores per Gbit/s, pod (host)", *names), rows))
    for report, name in zip(reports, names, strict=True):
        told = [agents_sentence(report.agents)] if report.agents else []
        told += [probe_sentence(report.policy_probe)] if report.policy_probe else []
        if told:
            yield ""
            yield f"{name}: {escaped(' '.join(told))}"


def _comparison(report: Report, test: TestName) -> Comparison | None:
    return next((one for one in report.comparisons if one.test is test), None)


def _ratio(comparison: Comparison | None) -> str:
    if comparison is None or comparison.ratio is None or comparison.ratio_95 is None:
        return "n/a"
    words = ratio_percent if FIGURES[comparison.test].higher_is_better else ratio_times
    ratio, interval = words(comparison.ratio, comparison.ratio_95)
    equal = comparison.verdict is Verdict.NO_DETECTABLE_DIFFERENCE
    return f"{ratio} ({interval}) {'=' if equal else comparison.verdict.value}"


def _costs(report: Report, test: TestName) -> str:
    pod, host = (_cost(report, test, path) for path in (PathName.POD, PathName.HOST))
    if pod is None or host is None:
        return "n/a"
    return f"{significant(pod)} ({significant(host)})"


def _cost(report: Report, test: TestName, path: PathName) -> float | None:
    """Of both nodes together: they are one machine."""
    for row in report.resources:
        if (row.test, row.path) == (test, path):
            return row.millicores_per_gbit_per_s
    return None


if __name__ == "__main__":
    main()

"""Campaigns as Markdown, for a decision record: which there are, or all that they found."""

from collections.abc import Iterator, Sequence

from cniadvisor.advise.reference import Campaign
from cniadvisor.wording.campaigns import (
    CAMPAIGNS,
    References,
    campaign_words,
    told_reports,
    typed_results,
)
from cniadvisor.wording.markdown import escaped
from cniadvisor.wording.report import component_line
from cniadvisor.wording.report_markdown import results_table


def campaigns_markdown(campaigns: Sequence[Campaign], references: References | None) -> list[str]:
    """Return a line for each campaign; with ``references`` its conditions and results as well."""
    if not campaigns:
        return []
    if references is None:
        return [f"{escaped(CAMPAIGNS)}.", "", *(f"- {_head(one)}" for one in campaigns)]
    lines = [f"{escaped(CAMPAIGNS)}."]
    for one in campaigns:
        lines += ["", f"### {_head(one)}", *_whole(one, references)]
    return lines


def _head(campaign: Campaign) -> str:
    place = campaign.url or campaign.data_url
    return escaped(campaign_words(campaign)) + (f" <{place}>" if place else "")


def _whole(campaign: Campaign, references: References) -> Iterator[str]:
    for title, texts in (
        ("Conditions", campaign.conditions),
        ("Results", typed_results(campaign)),
        ("Cautions", campaign.cautions),
    ):
        if texts:
            yield from ("", f"{title}:", "", *(f"- {escaped(text)}" for text in texts))
    for one in told_reports(campaign, references):
        name = component_line(one.report.findings.primary) or one.name
        yield from ("", f"{escaped(name)}:", "", *results_table(one.report))

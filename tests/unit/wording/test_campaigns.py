"""Campaigns of our own reports, told beside the user's results."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cniadvisor.advise.advising import advise
from cniadvisor.advise.reference import Campaign, Result
from cniadvisor.domain.report import Report
from cniadvisor.wording.advice import advice_text
from cniadvisor.wording.advice_markdown import advice_markdown
from cniadvisor.wording.campaigns import References, campaign_lines, campaigns_of
from tests.tui.example_reports import example_report
from tests.unit.advise.shipped import TODAY, shipped

FLANNEL, CILIUM = Path("ours/flannel.toml"), Path("ours/cilium.toml")
OURS = Campaign(
    name="ours",
    title="Real CNIs on one machine",
    author="cniadvisor",
    date=date(2026, 11, 23),
    url="",
    data_url="",
    provenance="measured by this project",
    conditions=("two cores",),
    cautions=("The wire is virtual.",),
    results=tuple(
        Result(cni=path.stem, variant="", version="", figures={}, report=path)
        for path in (FLANNEL, CILIUM)
    ),
)
CATALOGUE = replace(shipped(), campaigns=(*shipped().campaigns, OURS))


@pytest.fixture(scope="module")
def references() -> References:
    return {FLANNEL: example_report(), CILIUM: example_report("cilium", "native", factor=1.04)}


@pytest.mark.parametrize("width", [40, 80, 120])
def test_each_report_is_told_with_medians_interval_and_verdict(
    references: References, width: int
) -> None:
    lines = campaign_lines(OURS, references, width=width)
    assert all(len(line) <= width for line in lines)
    text = " ".join(" ".join(lines).split())
    for wanted in (
        "Real CNIs on one machine, by cniadvisor, 2026-11-23; measured by this project",
        "Conditions - two cores",
        "A flannel, vxlan",
        "B cilium, native",
        "Cautions - The wire is virtual.",
    ):
        assert wanted in text
    report = references[FLANNEL]
    for test in report.plan.suite.tests:
        assert f"{test.value}, " in text


def test_a_row_holds_what_the_report_found(report: Report) -> None:
    (comparison, *_) = report.comparisons
    assert comparison.ratio is not None
    assert comparison.ratio_95 is not None
    lines = campaign_lines(OURS, {FLANNEL: report}, width=80)
    row = next(line for line in lines if line.startswith("    A  ")).split("  ")
    assert row[-1] == comparison.verdict.value
    told = [float(word) for cell in row[-3:-1] for word in cell.split(" to ")]
    found = (comparison.ratio, comparison.ratio_95.low, comparison.ratio_95.high)
    assert told == pytest.approx(found, abs=0.0051)


def test_unlike_conditions_are_named(references: References) -> None:
    other = {**references, CILIUM: example_report("cilium", kernel="6.1.0")}
    assert "kernel of the client node: A 6.12.48; B 6.1.0" in "\n".join(campaign_lines(OURS, other))


def test_a_report_that_could_not_be_read_is_left_out(references: References) -> None:
    alone = {FLANNEL: references[FLANNEL]}
    text = "\n".join(campaign_lines(OURS, alone))
    assert "A  flannel" in text
    assert "cilium, native" not in text


def test_our_campaign_is_told_as_a_whole_whoever_is_ranked(references: References) -> None:
    told = advise(CATALOGUE, {"l7": "yes"}, today=TODAY)  # Cilium alone is left
    (ours,) = (one for one in campaigns_of(told) if one.name == "ours")
    assert ours.reports == (FLANNEL, CILIUM)
    whole = advice_text(told, today=TODAY, references=references)
    assert "A  flannel, vxlan" in whole
    brief = advice_text(told, today=TODAY)
    assert "Real CNIs on one machine" in brief
    assert "A  flannel, vxlan" not in brief


def test_it_changes_no_score() -> None:
    with_ours = advise(CATALOGUE, {}, today=TODAY)
    without = advise(shipped(), {}, today=TODAY)
    assert replace(with_ours, campaigns=()) == replace(without, campaigns=())


def test_the_record_names_campaigns_and_tells_them_on_request(references: References) -> None:
    told = advise(CATALOGUE, {"policy": "3"}, today=TODAY)
    brief = advice_markdown(told, today=TODAY)
    assert "\n## Measured elsewhere\n" in brief
    assert "- Real CNIs on one machine, by cniadvisor" in brief
    assert "95 % interval" not in brief
    whole = advice_markdown(told, today=TODAY, references=references)
    assert "\n### Real CNIs on one machine, by cniadvisor" in whole
    assert whole.count("| test | pod network | host network | pod/host | 95 % interval |") == 2

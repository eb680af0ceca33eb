"""The shipped files: what every fact must have, and what the four CNIs must say."""

import re
from collections import ChainMap
from pathlib import Path

import pytest

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.profile import Evidence, Profile
from cniadvisor.advise.vocabulary import TERMS, Kind
from cniadvisor.domain.events import Outcome
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.text import printable
from cniadvisor.report.toml_file import read
from cniadvisor.resources import profiles
from cniadvisor.stats.comparison import MINIMUM_PAIRS
from cniadvisor.stats.likeness import unlike_conditions
from tests.cluster import campaign_page
from tests.unit.advise.shipped import shipped

PROFILES = shipped().profiles
PRIMARIES = shipped().primaries
SHIPPED_REPORTS = sorted((profiles() / "reference").glob("*/*.toml"))
_MACHINE = re.compile(r"/(work|root|home|tmp)/")


def test_the_five_are_there() -> None:
    assert [one.name for one in PROFILES] == ["calico", "canal", "cilium", "flannel", "multus"]
    assert [one.name for one in PRIMARIES] == ["calico", "canal", "cilium", "flannel"]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_fact_has_a_source_that_can_be_looked_up(profile: Profile) -> None:
    for fact in profile.all_facts():
        assert fact.text.endswith((".", ")"))
        assert printable(fact.text) == fact.text
        assert not _MACHINE.search(f"{fact.text} {fact.source.what}")
        assert fact.source.version
        if fact.source.kind in (Evidence.SOURCE, Evidence.DOCUMENTATION, Evidence.MEASUREMENT):
            assert fact.source.url.startswith("https://")


@pytest.mark.parametrize("profile", PRIMARIES, ids=lambda profile: profile.name)
def test_nothing_that_is_asked_for_is_left_open(profile: Profile) -> None:
    asked = {
        key
        for question in shipped().questions
        for choice in question.choices
        for group in choice.effect.needs
        for key in group
    }
    counted = {criterion.key for axis in shipped().axes for criterion in axis.criteria}
    assert asked | counted | {"min_kernel"} <= set(profile.facts)


@pytest.mark.parametrize("profile", PRIMARIES, ids=lambda profile: profile.name)
def test_options_change_something_and_say_so(profile: Profile) -> None:
    for option in profile.options:
        # How a CNI comes on a distribution may be all there is to say.
        assert option.facts or option.automatic
        comes = [one for one in profile.options if one.automatic and one is not option]
        there = [one.facts for one in comes if set(one.only_on) & set(option.only_on)]
        for key, fact in option.facts.items():
            known = ChainMap(*map(dict, there), dict(profile.facts)).get(key)
            assert known is None or (known.value, known.text) != (fact.value, fact.text)
            assert fact.option == option.name


def test_numbers_in_sentences_are_the_numbers_that_count() -> None:
    for fact in (fact for profile in PRIMARIES for fact in profile.all_facts()):
        words = re.findall(r"\d+(?:\.\d+)*", fact.text)
        kind = TERMS[fact.key].kind if fact.value is not None else Kind.FLAG
        if kind is Kind.NUMBER and float(fact.value or 0) > 1 and fact.option != "netpol":
            assert f"{float(fact.value or 0):g}" in words, fact.text
        if kind is Kind.VERSION and fact.cni != "flannel":
            assert fact.value in words, fact.text


def test_memory_is_that_of_the_campaign(catalogue: Catalogue) -> None:
    campaign = next(one for one in catalogue.campaigns if one.name == "2024-01-ducastel")
    memory = {
        (one.cni, one.variant): one.figures["idle_node_memory_mb"] for one in campaign.results
    }
    for profile in catalogue.primaries:
        fact = profile.facts["idle_memory_mb"]
        client, server = map(float, re.findall(r"(\d+) and (\d+) MB", fact.text)[0])
        # The campaign's rows hold the client's node.
        assert client == memory[profile.name, ""] - memory["bare metal", ""]
        assert abs(float(fact.value or 0) - (client + server) / 2) <= 0.5


def test_campaigns_say_under_which_conditions(catalogue: Catalogue) -> None:
    published = [one for one in catalogue.campaigns if not one.reports]
    assert [one.name for one in published] == [
        "2019-04-ducastel",
        "2020-08-ducastel",
        "2024-01-ducastel",
    ]
    assert all(one.url.startswith("https://") for one in published)
    for campaign in catalogue.campaigns:
        assert campaign.conditions
        assert campaign.cautions
        assert all(one.figures or one.text or one.report for one in campaign.results)
        assert not _MACHINE.search(" ".join((*campaign.conditions, *campaign.cautions)))


def test_every_report_that_ships_is_named_by_a_campaign_of_ours(catalogue: Catalogue) -> None:
    named = [path for campaign in catalogue.campaigns for path in campaign.reports]
    assert sorted(named) == SHIPPED_REPORTS
    for campaign in catalogue.campaigns:
        assert not campaign.reports or campaign.author == "cniadvisor"
        assert not campaign.reports or "measured by this project" in campaign.provenance


@pytest.mark.parametrize(
    "path", SHIPPED_REPORTS, ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_report_that_ships_is_whole(path: Path) -> None:
    report = read(path)
    assert report.run.outcome is Outcome.COMPLETE
    assert {trial.id.path for trial in report.trials} == set(PathName)
    assert {one.test for one in report.comparisons} == set(report.plan.suite.tests)
    assert all(one.pairs >= MINIMUM_PAIRS for one in report.comparisons)
    assert report.diagnoses
    assert not [removal for removal in report.cleanup if removal.error]
    # One machine, or cluster and lab could be taken for networks of their own.
    assert report.target.pair.one_machine
    assert not _MACHINE.search(report.run.command)


def test_reports_of_one_campaign_can_be_compared(catalogue: Catalogue) -> None:
    for campaign in catalogue.campaigns:
        assert unlike_conditions([read(path) for path in campaign.reports]) == ()


def test_the_article_is_the_users_mapping(catalogue: Catalogue) -> None:
    mapping = {axis.name: axis.article for axis in catalogue.axes if axis.article}
    assert mapping == {
        "simplicity": "flannel",
        "policy": "calico",
        "encryption": "cilium",
        "balance": "canal",
    }


def test_balance_is_no_score_by_hand(catalogue: Catalogue) -> None:
    balance = catalogue.axis("balance")
    assert balance.worst_of == ("simplicity", "policy", "lightness")
    assert not balance.criteria


def test_the_page_of_our_results_says_what_their_reports_say(catalogue: Catalogue) -> None:
    assert campaign_page.PAGE.read_text(encoding="utf-8") == campaign_page.page(
        catalogue.campaigns
    ), "python -m tests.cluster.campaign_page writes it anew"

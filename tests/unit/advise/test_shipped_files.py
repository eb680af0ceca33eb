"""The shipped files: what every fact must have, and what the four CNIs must say."""

import re
from collections import ChainMap

import pytest

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.profile import Evidence, Profile
from cniadvisor.advise.vocabulary import TERMS, Kind
from cniadvisor.domain.text import printable
from tests.unit.advise.shipped import shipped

PROFILES = shipped().profiles
PRIMARIES = shipped().primaries
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
    assert [one.name for one in catalogue.campaigns] == [
        "2019-04-ducastel",
        "2020-08-ducastel",
        "2024-01-ducastel",
    ]
    for campaign in catalogue.campaigns:
        assert campaign.conditions
        assert campaign.cautions
        assert campaign.url.startswith("https://")
        assert all(result.figures or result.text for result in campaign.results)


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

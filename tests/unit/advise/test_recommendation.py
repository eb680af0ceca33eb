"""Parts of the answer: what is given up, who else can, confidence, article, migration, commands."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cniadvisor.advise.advising import advise
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.decision import decide
from cniadvisor.domain.findings import Confidence
from tests.unit.advise.shipped import TODAY, advised, entry, named, shipped

ARTICLE = {
    "simplicity": "flannel",
    "policy": "calico",
    "encryption": "cilium",
    "balance": "canal",
}


def test_one_priority_alone_gives_what_the_article_says() -> None:
    for axis, cni in ARTICLE.items():
        told = advised(**{axis: 3})
        assert told.choice is not None
        assert told.choice.profile.name == cni
        assert told.article is not None
        assert told.article.agrees


def test_facts_that_do_not_carry_it_are_told_with_both_answers(catalogue: Catalogue) -> None:
    # A Calico without tiers and staged policies is level with Canal and behind Cilium.
    calico = catalogue.profile("calico")
    assert calico is not None
    poorer = replace(
        calico,
        facts={
            key: replace(fact, value=False) if key in ("policy_tiers", "policy_staged") else fact
            for key, fact in calico.facts.items()
        },
    )
    profiles = tuple(poorer if one.name == "calico" else one for one in catalogue.profiles)
    told = advise(replace(catalogue, profiles=profiles), {"policy": "3"}, today=TODAY)
    assert told.choice is not None
    assert told.choice.profile.name == "cilium"
    assert told.article is not None
    assert not told.article.agrees
    assert (told.article.article.name, told.article.article_score) == ("calico", 0.6)


def test_the_article_is_silent_where_more_was_asked() -> None:
    assert advised(policy=3, simplicity=1).article is None
    assert advised(policy=3, windows=True).article is None


def test_it_says_who_else_can_encrypt() -> None:
    told = advised(encryption=3)
    able = {one.fact.cni: one.fact.option for one in told.others_can}
    assert able == {"calico": "wireguard", "canal": "wireguard", "flannel": "wireguard"}


def test_it_says_who_else_can_enforce_policy() -> None:
    able = {one.fact.cni: one.fact.option for one in advised(policy=3).others_can}
    assert able == {"cilium": "", "canal": "", "flannel": "netpol"}


def test_what_is_given_up_names_who_has_it_and_counts_options() -> None:
    lost = {one.label: {fact.cni for fact in one.others} for one in advised(simplicity=3).given_up}
    assert lost["policy tiers"] == {"calico", "canal"}
    assert lost["BGP"] == {"calico", "cilium"}
    # Flannel can, by options.
    assert "encryption by WireGuard" not in lost
    assert "Kubernetes NetworkPolicy" not in lost


def test_nothing_is_given_up_where_nobody_else_fits() -> None:
    assert advised(l7=True).given_up == ()


def test_confidence_falls_with_the_lead_and_with_weak_facts() -> None:
    assert advised(simplicity=3).confidence is Confidence.HIGH
    policy = advised(policy=3)
    assert policy.lead is not None
    assert 0.05 <= policy.lead < 0.15
    assert policy.confidence is Confidence.MEDIUM
    balance = advised(balance=3)
    assert balance.lead is not None
    assert balance.lead >= 0.15
    assert named(balance.inferred) >= {"canal.policy_tiers"}
    assert balance.confidence is Confidence.MEDIUM
    assert advised(encryption=3).ranking[1].equal_to_first is False


def test_facts_grow_old() -> None:
    then = date(2026, 11, 23)
    assert named(advise(shipped(), {"policy": "3"}, today=then).stale) == set()
    later = then + timedelta(days=shipped().stale_after_days)
    old = advise(shipped(), {"policy": "3"}, today=later)
    assert "calico.policy_tiers" in named(old.stale)
    assert old.confidence is Confidence.LOW
    assert "canal.idle_memory_mb" in named(advised(balance=3).stale)


def test_equal_scores_are_told_as_equal() -> None:
    told = advised(encryption=3, current="calico", cni_fixed=False, l7=False)
    behind = [one.profile.name for one in told.ranking[1:]]
    assert behind == ["calico", "canal", "flannel"]  # what runs, then by balance
    assert len({one.score for one in told.ranking[1:]}) == 1
    level = advised(encryption=3, encrypted="yes", windows=False, kernel="5.6")
    assert [one.profile.name for one in level.ranking if one.score is not None] == ["flannel"]


def test_a_tie_is_no_reason_to_move() -> None:
    level = {"policy": 3, "kube_proxy_free": True}
    for current in ("calico", "cilium"):
        told = advised(**level, current=current)
        assert told.lead == pytest.approx(0)
        assert told.choice is not None
        assert told.choice.profile.name == current
        assert told.ranking[1].equal_to_first


def test_what_the_cluster_is_comes_after_what_is_asked_of_it() -> None:
    flips = advised(
        simplicity=3, network_policy=True, distribution="k3s", small_nodes=True
    ).sensitivity
    names = [flip.question.name for flip in flips if flip.steps == 1]
    assert "distribution" in names
    given = [name in ("current", "cni_fixed", "distribution") for name in names]
    assert given == sorted(given)
    fixed = advised(policy=3, cni_fixed=True, current="other", network_policy=True)
    assert "current" not in [flip.question.name for flip in fixed.sensitivity]


def test_what_goes_beside_has_its_facts() -> None:
    engine = advised(policy=3, cni_fixed=True, current="other", network_policy=True)
    (calico,) = engine.additions
    assert {"policy_beside", "policy_kubernetes", "note"} <= {fact.key for fact in calico.facts}
    assert engine.commands == ("cniadvisor probe policy",)
    (multus,) = advised(balance=3, interfaces="several").additions
    assert sum(fact.key == "note" for fact in multus.facts) == 2


def test_a_flip_really_flips() -> None:
    for answers in ({"balance": 3}, {"policy": 3, "windows": True}, {"l7": True, "windows": True}):
        told = advised(**answers)
        before = None if told.choice is None else told.choice.profile.name
        assert told.sensitivity
        for flip in told.sensitivity:
            changed = {
                name: "yes" if value is True else str(value) for name, value in answers.items()
            }
            after = decide(shipped(), {**changed, flip.question.name: flip.after.value}).choice
            assert (None if after is None else after.name) != before
            assert (None if after is None else after.name) == (
                None if flip.becomes is None else flip.becomes.name
            )
        assert [flip.steps for flip in told.sensitivity] == sorted(
            flip.steps for flip in told.sensitivity
        )


def test_the_way_from_what_runs() -> None:
    live = advised(policy=3, current="flannel").move
    assert live is not None
    assert live.way is not None
    assert live.way.live
    assert "node after node" in live.way.fact.text
    none = advised(simplicity=3, current="calico").move
    assert none is not None
    assert none.way is None
    stays = advised(policy=3, current="calico").move
    assert stays is not None
    assert stays.stays
    assert advised(policy=3).move is None
    for distribution, live in (("rke2", False), ("k3s", None)):
        there = advised(policy=3, current="flannel", distribution=distribution).move
        assert there is not None
        assert (None if there.way is None else there.way.live) is live
    any_ = advised(l7=True, current="other").move
    assert any_ is not None
    assert any_.way is not None


def test_commands_measure_before_and_after_a_change() -> None:
    assert advised(simplicity=3).commands == (
        "cniadvisor bench --suite standard --out flannel.toml",
    )
    assert advised(policy=3, current="flannel").commands == (
        "cniadvisor bench --suite standard --out flannel.toml",
        "cniadvisor bench --suite standard --out calico.toml",
        "cniadvisor compare flannel.toml calico.toml",
        "cniadvisor advise --report flannel.toml --report calico.toml",
    )
    switched = advised(policy=3, current="calico", encrypted="yes").commands
    assert switched[2] == "cniadvisor compare before.toml after.toml"
    assert advised(l7=True, windows=True).commands == ()


def test_remarks_of_alternatives_are_shown_with_the_alternative_only() -> None:
    beside = [one.fact.text for one in entry(advised(encryption=3), "calico").cautions]
    assert any("encrypts as well" in text for text in beside)
    chosen = advised(policy=3, encrypted="yes").choice
    assert chosen is not None
    assert not any("encrypts as well" in one.fact.text for one in chosen.cautions)


def test_a_profile_that_is_silent_can_not_be_defended(catalogue: Catalogue) -> None:
    flannel = catalogue.profile("flannel")
    assert flannel is not None
    silent_about = ("windows", "workloads")
    facts = {key: fact for key, fact in flannel.facts.items() if key not in silent_about}
    silent = replace(flannel, facts=facts)
    profiles = tuple(silent if one.name == "flannel" else one for one in catalogue.profiles)
    told = advise(replace(catalogue, profiles=profiles), {"windows": "yes"}, today=TODAY)
    (miss,) = entry(told, "flannel").unmet
    assert (miss.label, miss.facts) == ("Windows nodes", ())
    simple = advise(replace(catalogue, profiles=profiles), {"simplicity": "3"}, today=TODAY)
    assert simple.unknown == ("flannel.workloads",)
    assert entry(simple, "flannel").score == pytest.approx(0.8)
    assert simple.confidence is Confidence.MEDIUM


def test_without_a_priority_what_runs_stays() -> None:
    told = advised(current="cilium")
    assert told.unasked
    assert told.weights == {"balance": 1, "continuity": 1}
    assert told.move is not None
    assert told.move.stays
    asked = advised(current="cilium", balance=1)
    assert not asked.unasked
    assert asked.choice is not None
    assert asked.choice.profile.name == "canal"
    assert advised().weights == {"balance": 1}

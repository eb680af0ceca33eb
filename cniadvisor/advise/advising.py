"""The advisor: answers in, recommendation out."""

from collections.abc import Mapping
from datetime import date

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.decision import Decision, decide
from cniadvisor.advise.interview import answered, effective
from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.advise.prefill import Found
from cniadvisor.advise.profile import Evidence, Fact, Profile, Role
from cniadvisor.advise.questionnaire import ANOTHER_RUNS, Answers
from cniadvisor.advise.reasons import given_up, others_can, ranked
from cniadvisor.advise.recommendation import (
    Addition,
    Article,
    Move,
    Ranked,
    Recommendation,
)
from cniadvisor.advise.sensitivity import flips
from cniadvisor.domain.findings import Confidence

CLEAR_LEAD = 0.15
CLOSE_LEAD = 0.05
"""A lead of at least CLEAR_LEAD is high confidence, less than CLOSE_LEAD is low."""

PROBE = "cniadvisor probe policy"
"""Tries whether NetworkPolicy is enforced: no profile can promise that of a cluster."""

_LESS = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW}


def advise(
    catalogue: Catalogue,
    answers: Answers,
    *,
    today: date,
    found: Mapping[str, Found] | None = None,
    own: OwnMeasurements | None = None,
) -> Recommendation:
    """Return the recommendation with its reasons.

    Args:
        catalogue: what is known.
        answers: question -> value, as somebody gave them.
        today: for the age of facts.
        found: what the cluster answers by itself; ``answers`` go before it.
        own: own measurements.
    """
    found = {} if found is None else found
    own = OwnMeasurements() if own is None else own
    held = effective(catalogue, answers, found)
    decision = decide(catalogue, held, own.measured)
    ranking = ranked(decision)
    first = ranking[0] if decision.choice is not None else None
    stale = catalogue.stale(_deciding(decision, ranking), today)
    inferred = () if first is None else _inferred(first)
    unknown = _unknown(decision)
    lead = _lead(decision)
    return Recommendation(
        answers=answered(catalogue, answers, found, own.measured),
        weights=decision.weights,
        unasked=decision.unasked,
        ranking=ranking,
        additions=tuple(_addition(profile, decision) for profile in decision.additions),
        given_up=given_up(decision),
        others_can=others_can(catalogue, decision),
        sensitivity=flips(catalogue, held, own.measured),
        confidence=_confidence(lead, decision, weak=bool(stale or inferred or unknown)),
        lead=lead,
        stale=stale,
        inferred=inferred,
        unknown=unknown,
        article=_article(catalogue, decision),
        move=None if first is None else _move(decision, first),
        commands=_commands(decision, first),
        own=own,
        campaigns=catalogue.campaigns,
    )


def _lead(decision: Decision) -> float | None:
    scores = [candidate.score for candidate in decision.eligible if candidate.score is not None]
    return scores[0] - scores[1] if len(scores) > 1 else None


def _confidence(lead: float | None, decision: Decision, *, weak: bool) -> Confidence:
    """Return high for a clear lead or a single CNI that fits; one less if facts are weak."""
    if decision.choice is None or lead is None or lead >= CLEAR_LEAD:
        sure = Confidence.HIGH
    else:
        sure = Confidence.MEDIUM if lead >= CLOSE_LEAD else Confidence.LOW
    return _LESS.get(sure, sure) if weak else sure


def _deciding(decision: Decision, ranking: tuple[Ranked, ...]) -> tuple[Fact, ...]:
    """Return the facts the outcome rests on: of everybody who was scored or excluded."""
    facts = [
        reason.fact
        for one in ranking
        if one.score is not None
        for reason in (*one.reasons, *one.cautions)
        if reason.fact.value is not None
    ]
    facts += [fact for one in ranking for miss in one.unmet for fact in miss.facts]
    return tuple(dict.fromkeys(facts))


def _inferred(first: Ranked) -> tuple[Fact, ...]:
    return tuple(
        reason.fact for reason in first.reasons if reason.fact.source.kind is Evidence.INFERENCE
    )


def _unknown(decision: Decision) -> tuple[str, ...]:
    """Return what a profile says nothing about although it counts: ``cni.key``."""
    return tuple(
        f"{candidate.name}.{met.criterion.key}"
        for candidate in decision.eligible
        for axis in decision.weights
        for met in candidate.values[axis].all_criteria
        if met.fact is None
    )


def _addition(profile: Profile, decision: Decision) -> Addition:
    """Return what goes beside with the facts that speak for it there, and remarks."""
    needed = [key for group in decision.effect.needs for key in group]
    telling = dict.fromkeys(("several_interfaces", "policy_beside", *needed))
    facts = [profile.facts[key] for key in telling if key in profile.facts]
    notes = [note.fact for note in profile.notes if telling.keys() & set(note.keys)]
    return Addition(profile=profile, facts=(*(f for f in facts if f.value is True), *notes))


def _article(catalogue: Catalogue, decision: Decision) -> Article | None:
    """Return what the article says where its question was asked: one priority, nothing else."""
    effect = decision.effect
    plain = not (effect.needs or effect.fixed or effect.counts or effect.distribution)
    if len(decision.weights) != 1 or not plain or decision.choice is None:
        return None
    (name,) = decision.weights
    axis = catalogue.axis(name)
    profile = catalogue.profile(axis.article)
    if profile is None:
        return None
    scores = {candidate.name: candidate.score for candidate in decision.ranking}
    return Article(
        axis=axis.title,
        article=profile,
        article_score=scores[profile.name],
        agrees=decision.choice.name == profile.name,
    )


def _move(decision: Decision, first: Ranked) -> Move | None:
    origin = decision.effect.current
    if not origin:
        return None
    target = first.profile
    if origin == target.name:
        return Move(origin=origin, stays=True, way=None)
    here = [way for way in target.migrations if way.exists_on(decision.effect.distribution)]
    ways = [way for way in here if origin in way.origins]
    ways += [way for way in here if ANOTHER_RUNS in way.origins]
    return Move(origin=origin, stays=False, way=ways[0] if ways else None)


def _commands(decision: Decision, first: Ranked | None) -> tuple[str, ...]:
    """Return the commands that verify the recommendation on the user's own cluster."""
    needs = decision.effect.needs
    probe = (PROBE,) if any("policy_kubernetes" in group for group in needs) else ()
    if first is None:
        beside = any(profile.role is Role.PRIMARY for profile in decision.additions)
        return probe if beside else ()
    bench = "cniadvisor bench --suite standard --out"
    name, origin = first.profile.name, decision.effect.current
    switched = [option for option in first.options if not option.automatic]
    if origin == name and not switched:
        return (f"{bench} {name}.toml", *probe)
    before = "before.toml" if origin in ("", name) else f"{origin}.toml"
    after = "after.toml" if origin in ("", name) else f"{name}.toml"
    if not origin:
        return (f"{bench} {name}.toml", *probe)
    return (
        f"{bench} {before}",
        f"{bench} {after}",
        f"cniadvisor compare {before} {after}",
        f"cniadvisor advise --report {before} --report {after}",
        *probe,
    )

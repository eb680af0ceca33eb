"""What speaks for a CNI, what against it, what is given up: always facts of its profile."""

from collections.abc import Iterable, Iterator

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.decision import EQUAL, Candidate, Decision
from cniadvisor.advise.needs import able, met
from cniadvisor.advise.profile import Fact, Option, Profile
from cniadvisor.advise.recommendation import GivenUp, OthersCan, Ranked, Reason
from cniadvisor.advise.vocabulary import TERMS

HALF = 0.5
"""A criterion that gives at least this speaks for a CNI, less speaks against it."""


def ranked(decision: Decision) -> tuple[Ranked, ...]:
    """Return the ranking with its reasons."""
    first = decision.choice.score if decision.choice is not None else None
    return tuple(
        _ranked(candidate, decision, is_first=place == 0, first=first)
        for place, candidate in enumerate(decision.ranking)
    )


def given_up(decision: Decision) -> tuple[GivenUp, ...]:
    """Return what the recommendation can't do and other eligible CNIs can.

    Capabilities of axes that count come first; within them the vocabulary's order.
    """
    choice = decision.choice
    if choice is None:
        return ()
    counting = {
        met.criterion.key for axis in decision.weights for met in choice.values[axis].all_criteria
    }
    lost: list[tuple[bool, GivenUp]] = []
    for key, term in TERMS.items():
        if not term.capability or able(choice.standing.profile, decision.effect, key) is not None:
            continue
        others = tuple(_able_too(decision, key))
        if others:
            own = choice.standing.chosen.facts.get(key)
            lost.append((key not in counting, GivenUp(label=term.label, fact=own, others=others)))
    return tuple(one for _, one in sorted(lost, key=lambda item: item[0]))


def others_can(catalogue: Catalogue, decision: Decision) -> tuple[OthersCan, ...]:
    """Return which other eligible CNIs can do what the axes that count are about."""
    axes = [catalogue.axis(name) for name in decision.weights]
    return tuple(
        OthersCan(axis=axis.title, fact=fact)
        for axis in axes
        if axis.headline
        for fact in _able_too(decision, axis.headline)
    )


def options_of(profile: Profile, names: Iterable[str]) -> tuple[Option, ...]:
    """Return a profile's options by name, in the profile's order."""
    wanted = set(names)
    return tuple(option for option in profile.options if option.name in wanted)


def _ranked(
    candidate: Candidate, decision: Decision, *, is_first: bool, first: float | None
) -> Ranked:
    standing = candidate.standing
    notes = tuple(_notes(candidate, decision))
    if candidate.score is None:
        return Ranked(
            profile=standing.profile,
            score=None,
            cautions=notes,
            unmet=standing.unmet,
            fixed_out=standing.fixed_out,
        )
    counting = {axis: candidate.values[axis] for axis in decision.weights}
    criteria = [
        (axis.axis.title, met)
        for axis in counting.values()
        for met in axis.all_criteria
        if met.fact is not None
    ]
    return Ranked(
        profile=standing.profile,
        score=candidate.score,
        equal_to_first=not is_first and first is not None and abs(first - candidate.score) <= EQUAL,
        values=counting,
        options=options_of(standing.profile, standing.chosen.options),
        reasons=_once(
            (
                *_for_needs(candidate, decision),
                *(_reason(about, m.fact) for about, m in criteria if m.fact and m.value >= HALF),
            )
        ),
        cautions=_once(
            (
                *(_reason(about, m.fact) for about, m in criteria if m.fact and m.value < HALF),
                *notes,
            )
        ),
    )


def _for_needs(candidate: Candidate, decision: Decision) -> Iterator[Reason]:
    for fact in met(candidate.standing.chosen, decision.effect):
        yield _reason(TERMS[fact.key].label, fact)


def _notes(candidate: Candidate, decision: Decision) -> Iterator[Reason]:
    mattering = set(decision.weights) | {key for group in decision.effect.needs for key in group}
    for note in candidate.standing.profile.notes:
        if note.alternative and candidate is decision.choice:
            continue
        if note.exists_on(decision.effect.distribution) and mattering.intersection(note.keys):
            yield _reason("note", note.fact)


def _able_too(decision: Decision, key: str) -> Iterator[Fact]:
    """Yield the facts by which other eligible CNIs can do something."""
    for other in decision.eligible[1:]:
        if (fact := able(other.standing.profile, decision.effect, key)) is not None:
            yield fact


def _reason(about: str, fact: Fact) -> Reason:
    return Reason(about=about, fact=fact)


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Leave out what was said: a fact may count on several axes."""
    said: dict[tuple[str, str, str], Reason] = {}
    for reason in reasons:
        said.setdefault((reason.fact.key, reason.fact.option, reason.fact.text), reason)
    return tuple(said.values())

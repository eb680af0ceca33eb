"""The shipped catalogue, and shortcuts to ask it."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from cniadvisor.advise.advising import advise
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.profile import Fact
from cniadvisor.advise.questionnaire import Answers
from cniadvisor.advise.recommendation import Ranked, Recommendation
from cniadvisor.commands.profiles import known_catalogue

TODAY = date(2026, 11, 23)


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """Return the shipped catalogue; it never changes, so it is read once."""
    return known_catalogue(None)


def answers_of(table: Mapping[str, object]) -> Answers:
    """Return answers as a person writes them in a file: true, 3, "k3s"."""
    said = {True: "yes", False: "no"}
    return {
        name: said[value] if isinstance(value, bool) else str(value)
        for name, value in table.items()
    }


def advised(**answers: object) -> Recommendation:
    """Return what the shipped catalogue recommends."""
    return advise(shipped(), answers_of(answers), today=TODAY)


def named(facts: Iterable[Fact]) -> set[str]:
    """Return facts as ``cni.key``."""
    return {f"{fact.cni}.{fact.key}" for fact in facts}


def entry(told: Recommendation, name: str) -> Ranked:
    """Return a CNI's entry in the ranking."""
    return next(one for one in told.ranking if one.profile.name == name)

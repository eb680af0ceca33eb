"""A CNI with options switched on, and the facts that hold then."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from cniadvisor.advise.profile import Fact, Option, Profile
from cniadvisor.advise.vocabulary import TERMS, Kind, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is switched on, in the profile's order (automatic options included), and what holds."""

    options: tuple[str, ...]
    chosen: int
    facts: Mapping[str, Fact]

    def true(self, key: str) -> Fact | None:
        """Return the fact if it is known and true."""
        fact = self.facts.get(key)
        return fact if fact is not None and fact.value is True else None


class ConfigurationsOf:
    """All configurations of a profile on a distribution, those with fewest options first.

    Only options that touch one of the asked keys are tried: the others can't help to meet a need
    and would only multiply the combinations.
    """

    def __init__(self, profile: Profile, distribution: str) -> None:
        there = [option for option in profile.options if option.exists_on(distribution)]
        self.profile = profile
        self.automatic = tuple(option for option in there if option.automatic)
        self.optional = tuple(option for option in there if not option.automatic)

    def touching(self, keys: AbstractSet[str]) -> tuple[Configuration, ...]:
        """Return the configurations of all options that turn one of ``keys`` true."""
        wanted = {
            option.name
            for option in self.optional
            if any(fact.value is True and key in keys for key, fact in option.facts.items())
        }
        for option in self.optional:
            if option.name in wanted:
                wanted |= set(option.requires)
        usable = [option for option in self.optional if option.name in wanted]
        return tuple(
            self.with_options(chosen)
            for size in range(len(usable) + 1)
            for chosen in combinations(usable, size)
            if _consistent(chosen)
        )

    def with_options(self, chosen: tuple[Option, ...]) -> Configuration:
        """Return the configuration with these options switched on."""
        facts = dict(self.profile.facts)
        for option in self.automatic:
            facts |= option.facts
        changes: dict[str, list[Fact]] = {}
        for option in chosen:
            for key, fact in option.facts.items():
                changes.setdefault(key, []).append(fact)
        facts |= {key: _prevailing(key, told) for key, told in changes.items()}
        names = (*self.automatic, *chosen)
        return Configuration(
            options=tuple(o.name for o in self.profile.options if o in names),
            chosen=len(chosen),
            facts=facts,
        )


def configurations(
    profile: Profile, distribution: str, keys: frozenset[str]
) -> tuple[Configuration, ...]:
    """Return the configurations of a profile that matter for ``keys``."""
    return _cached(_Same(profile), distribution, keys)


class _Same:
    """A profile as a cache key: by identity, because its facts are mappings."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.profile is self.profile

    def __hash__(self) -> int:
        return id(self.profile)


@lru_cache(maxsize=4096)
def _cached(same: _Same, distribution: str, keys: frozenset[str]) -> tuple[Configuration, ...]:
    return ConfigurationsOf(same.profile, distribution).touching(keys)


def _consistent(chosen: tuple[Option, ...]) -> bool:
    names = {option.name for option in chosen}
    return not any(
        names.intersection(option.excludes) or not names.issuperset(option.requires)
        for option in chosen
    )


def _prevailing(key: str, told: list[Fact]) -> Fact:
    """Return what holds where several options say something: the less favourable.

    That is: can't prevails over can, a newer kernel over an older, more over less.
    """
    kind = TERMS[key].kind
    if kind is Kind.FLAG:
        return next((fact for fact in told if fact.value is False), told[0])
    if kind is Kind.VERSION:
        return max(told, key=lambda fact: version_of(str(fact.value)))
    return max(told, key=lambda fact: float(fact.value or 0))

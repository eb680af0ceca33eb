"""Hard constraints: whom they exclude, and which fact says so."""

from dataclasses import dataclass

from cniadvisor.advise.configuration import Configuration, configurations
from cniadvisor.advise.profile import Fact, Profile
from cniadvisor.advise.questionnaire import Effect
from cniadvisor.advise.vocabulary import TERMS, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A need that a configuration doesn't meet.

    Attributes:
        label: what was needed.
        facts: the facts that say it can't; empty when the profile says nothing about it.
    """

    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a CNI stands against the needs.

    Attributes:
        eligible: configurations that meet every need, those with fewest options first.
        unmet: why there is none, from the configuration that comes closest.
        fixed_out: the platform fixes another CNI.
    """

    profile: Profile
    eligible: tuple[Configuration, ...]
    unmet: tuple[Unmet, ...] = ()
    fixed_out: bool = False

    @property
    def excluded(self) -> bool:
        """Whether it can't be recommended."""
        return not self.eligible or self.fixed_out

    @property
    def chosen(self) -> Configuration:
        """The eligible configuration with the fewest options switched on."""
        return self.eligible[0]


def standing(profile: Profile, effect: Effect, asked: frozenset[str]) -> Standing:
    """Hold a CNI against the needs.

    Args:
        profile: the CNI.
        effect: what the answers ask for.
        asked: further keys that matter to somebody (criteria); options for them are looked at too.

    A fact that a profile lacks can't meet a need: nobody defends a choice with what isn't known.
    """
    keys = asked | {key for group in effect.needs for key in group}
    tried = configurations(profile, effect.distribution, keys)
    misses = [(configuration, unmet(configuration, effect)) for configuration in tried]
    fixed_out = effect.fixed and profile.name != effect.current
    eligible = tuple(configuration for configuration, missing in misses if not missing)
    if eligible:
        return Standing(profile=profile, eligible=eligible, fixed_out=fixed_out)
    _, closest = min(misses, key=lambda tried: _distance(*tried, effect))
    return Standing(profile=profile, eligible=(), unmet=closest, fixed_out=fixed_out)


def able(profile: Profile, effect: Effect, key: str) -> Fact | None:
    """Return the fact by which a CNI can do something besides the needs; options count."""
    for configuration in standing(profile, effect, frozenset({key})).eligible:
        if (fact := configuration.true(key)) is not None:
            return fact
    return None


def unmet(configuration: Configuration, effect: Effect) -> tuple[Unmet, ...]:
    """Return which needs a configuration doesn't meet, in the needs' order."""
    missing = [
        Unmet(
            label=" or ".join(TERMS[key].label for key in group),
            facts=tuple(configuration.facts[key] for key in group if key in configuration.facts),
        )
        for group in effect.needs
        if not any(configuration.true(key) for key in group)
    ]
    # Where RHEL 8 is answered there is no kernel to compare with: its own fact is a need.
    if effect.kernel:
        kernel = configuration.facts.get("min_kernel")
        if kernel is None or version_of(str(kernel.value)) > version_of(effect.kernel):
            missing.append(
                Unmet(
                    label=f"kernels down to {effect.kernel}",
                    facts=() if kernel is None else (kernel,),
                )
            )
    return tuple(missing)


def met(configuration: Configuration, effect: Effect) -> tuple[Fact, ...]:
    """Return the facts by which a configuration meets the needs, in the needs' order."""
    facts = [fact for group in effect.needs for key in group if (fact := configuration.true(key))]
    return tuple(dict.fromkeys(facts))


def _distance(
    configuration: Configuration, missing: tuple[Unmet, ...], effect: Effect
) -> tuple[int, int, int]:
    """Order by what is missing; then the more telling attempt: options that meet other needs."""
    by_option = sum(bool(fact.option) for fact in met(configuration, effect))
    return len(missing), -by_option, configuration.chosen

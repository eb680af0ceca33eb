"""The ranking itself: who is excluded, who comes first, what goes beside. Reasons come later."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cniadvisor.advise.catalogue import DEFAULT_AXIS, Catalogue
from cniadvisor.advise.needs import Standing, standing
from cniadvisor.advise.profile import Profile
from cniadvisor.advise.questionnaire import Answers, Effect
from cniadvisor.advise.scoring import (
    NOTHING_MEASURED,
    AxisValue,
    Measured,
    axis_values,
    criteria_keys,
    score,
    weights_of,
)

POLICY_AXIS = "policy"
BESIDE = frozenset(
    {
        "policy_kubernetes",
        "policy_cluster_wide",
        "policy_tiers",
        "policy_staged",
        "policy_admin",
        "policy_host",
    }
)
"""What a policy engine beside another CNI is known to do; of the other kinds no fact says so."""

EQUAL = 1e-9
"""Scores that differ by no more than this are the same: it is the arithmetic, not the facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A CNI and where it stands; ``score`` is None if it is excluded."""

    standing: Standing
    score: float | None = None
    values: Mapping[str, AxisValue] = field(default_factory=dict[str, AxisValue])

    @property
    def name(self) -> str:
        """The CNI's name."""
        return self.standing.profile.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who comes first, and what is recommended in addition.

    Attributes:
        effect: what the answers ask for.
        weights: what counted how much.
        unasked: nothing was said to count, so the weights are our own.
        ranking: eligible CNIs, best first, then the excluded ones in the profiles' order.
        additions: meta-plugins asked for, and a policy engine beside a CNI that is fixed.
    """

    effect: Effect
    weights: Mapping[str, int]
    unasked: bool
    ranking: tuple[Candidate, ...]
    additions: tuple[Profile, ...]

    @property
    def eligible(self) -> tuple[Candidate, ...]:
        """The candidates that are not excluded, best first."""
        return tuple(candidate for candidate in self.ranking if candidate.score is not None)

    @property
    def choice(self) -> Candidate | None:
        """The recommendation; None if nobody fits."""
        return self.eligible[0] if self.eligible else None

    @property
    def outcome(self) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
        """What was decided, for comparing decisions: CNI, its options, additions."""
        additions = tuple(profile.name for profile in self.additions)
        if self.choice is None:
            return None, (), additions
        return self.choice.name, self.choice.standing.chosen.options, additions


def decide(
    catalogue: Catalogue, answers: Answers, measured: Measured = NOTHING_MEASURED
) -> Decision:
    """Rank the CNIs for these answers."""
    effect = catalogue.effect(answers)
    asked = criteria_keys(catalogue)
    standings = [standing(profile, effect, asked) for profile in catalogue.primaries]
    eligible = [one.profile.name for one in standings if not one.excluded]
    weights, unasked = weights_of(catalogue, effect, eligible, measured)
    candidates: list[Candidate] = []
    for one in standings:
        if one.excluded:
            candidates.append(Candidate(standing=one))
            continue
        values = axis_values(catalogue, one, effect, measured)
        candidates.append(Candidate(standing=one, score=score(values, weights), values=values))
    return Decision(
        effect=effect,
        weights=weights,
        unasked=unasked,
        ranking=tuple(sorted(candidates, key=lambda one: _rank(one, effect.current))),
        additions=(*_meta(catalogue, effect), *_beside(catalogue, standings, effect)),
    )


def _rank(candidate: Candidate, current: str) -> tuple[bool, float, bool, float, str]:
    """Order by score; ties by what runs now, by balance and by name: no order of files decides."""
    if candidate.score is None:
        return True, 0.0, False, 0.0, ""
    grain = round(candidate.score / EQUAL)
    moves = candidate.name != current
    return False, -grain, moves, -candidate.values[DEFAULT_AXIS].value, candidate.name


def _meta(catalogue: Catalogue, effect: Effect) -> tuple[Profile, ...]:
    return tuple(profile for name in effect.adds if (profile := catalogue.profile(name)))


def _beside(catalogue: Catalogue, standings: list[Standing], effect: Effect) -> tuple[Profile, ...]:
    """Return the policy engine that goes beside a CNI that is fixed and can't do it itself."""
    asked = {key for group in effect.needs for key in group if key.startswith("policy_")}
    wanted = asked or effect.weights.get(POLICY_AXIS, 0) > 0
    staying = next((s for s in standings if s.profile.name == effect.current), None)
    known = staying is not None and not staying.excluded
    if not effect.fixed or not wanted or known or not asked <= BESIDE:
        return ()
    free = Effect(
        weights=effect.weights,
        needs=effect.needs,
        kernel=effect.kernel,
        distribution=effect.distribution,
    )
    keys = criteria_keys(catalogue)
    able = [
        found
        for profile in catalogue.primaries
        if not (found := standing(profile, free, keys)).excluded
        and found.chosen.true("policy_beside")
    ]
    return tuple(one.profile for one in sorted(able, key=lambda s: _policy(catalogue, s))[:1])


def _policy(catalogue: Catalogue, able: Standing) -> tuple[float, str]:
    values = axis_values(catalogue, able, Effect(), NOTHING_MEASURED)
    return -values[POLICY_AXIS].value, able.profile.name

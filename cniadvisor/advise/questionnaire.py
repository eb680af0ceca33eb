"""Questions, choices, and what a choice does. Data: ``profiles/questionnaire.toml``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cniadvisor.advise.vocabulary import version_of

SCALE = ("not at all", "a little", "much", "above all")
"""What a priority can be; its weight is the place in this list."""

NOTHING_RUNS = "none"
ANOTHER_RUNS = "other"
"""Answers to "which CNI runs now" that name no profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a choice does.

    Attributes:
        weights: axis -> how much more it counts.
        needs: each a group of fact keys of which one must be true.
        implies: pairs of fact keys: where the first is needed, the second is needed, too.
        kernel: the oldest kernel among the nodes; whoever needs a newer one is excluded.
        distribution: it decides which options there are.
        fixed: every CNI but the one that runs now is excluded.
        counts: criteria that count from now on.
        adds: meta-plugins that are recommended in addition.
        current: the CNI that runs now.
    """

    weights: Mapping[str, int] = field(default_factory=dict[str, int])
    needs: tuple[tuple[str, ...], ...] = ()
    implies: tuple[tuple[str, str], ...] = ()
    kernel: str = ""
    distribution: str = ""
    fixed: bool = False
    counts: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    current: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer a question can have."""

    value: str
    label: str
    effect: Effect = Effect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; its first choice holds if nobody answers.

    ``scale`` names the axis whose weight it asks for; empty for a question about facts and needs.
    """

    name: str
    ask: str
    help: str
    choices: tuple[Choice, ...]
    scale: str = ""

    @property
    def default(self) -> str:
        """The value that holds if nobody answers."""
        return self.choices[0].value

    def choice(self, value: str) -> Choice:
        """Return the choice with this value.

        Raises:
            KeyError: there is none.
        """
        for choice in self.choices:
            if choice.value == value:
                return choice
        raise KeyError(value)


Answers = Mapping[str, str]
"""Question -> value of a choice. What is missing holds by default."""


def joined(effects: Iterable[Effect]) -> Effect:
    """Return what all effects do together; the order makes no difference.

    Weights add up, the oldest kernel counts, needs and the rest are united.
    """
    weights: dict[str, int] = {}
    needs: set[tuple[str, ...]] = set()
    implies: set[tuple[str, str]] = set()
    kernels: set[str] = set()
    distributions: set[str] = set()
    counts: set[str] = set()
    adds: set[str] = set()
    current: set[str] = set()
    fixed = False
    for effect in effects:
        for axis, weight in effect.weights.items():
            weights[axis] = weights.get(axis, 0) + weight
        needs |= set(effect.needs)
        implies |= set(effect.implies)
        kernels |= {effect.kernel} - {""}
        distributions |= {effect.distribution} - {""}
        counts |= set(effect.counts)
        adds |= set(effect.adds)
        current |= {effect.current} - {""}
        fixed = fixed or effect.fixed
    needs |= {(second,) for first, second in implies if any(first in group for group in needs)}
    return Effect(
        weights={axis: weights[axis] for axis in sorted(weights)},
        needs=tuple(sorted(needs)),
        implies=tuple(sorted(implies)),
        kernel=min(kernels, key=version_of, default=""),
        distribution=min(distributions, default=""),
        fixed=fixed,
        counts=tuple(sorted(counts)),
        adds=tuple(sorted(adds)),
        current=min(current, default=""),
    )

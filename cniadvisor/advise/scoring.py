"""Axes from facts, and weights into scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from cniadvisor.advise.axes import Axis, By, Criterion
from cniadvisor.advise.catalogue import DEFAULT_AXIS, Catalogue
from cniadvisor.advise.configuration import Configuration
from cniadvisor.advise.needs import Standing
from cniadvisor.advise.profile import Fact
from cniadvisor.advise.questionnaire import Effect
from cniadvisor.advise.vocabulary import TERMS, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What one criterion gives a CNI: 0 to 1, and the fact it rests on.

    Without a fact the value is 0: what isn't known speaks for nobody.
    """

    criterion: Criterion
    value: float
    fact: Fact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisValue:
    """Where a CNI stands on an axis: 0 to 1, from which criteria, or which axis was the worst."""

    axis: Axis
    value: float
    criteria: tuple[Met, ...] = ()
    worst: tuple["AxisValue", ...] = ()

    @property
    def all_criteria(self) -> tuple[Met, ...]:
        """The criteria it rests on, those of the axes it is the worst of included."""
        return (*self.criteria, *(met for part in self.worst for met in part.criteria))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What own measurements say: CNI -> 0 to 1; fewer than two CNIs say nothing."""

    values: Mapping[str, float]


NOTHING_MEASURED = Measured(values={})


def weights_of(
    catalogue: Catalogue, effect: Effect, eligible: Sequence[str], measured: Measured
) -> tuple[Mapping[str, int], bool]:
    """Return what counts how much, and whether that is because nothing was said to count.

    Then balance counts, and as much that what runs now stays: nobody asked for a change.

    An axis that is not about facts (what runs now, own measurements) is left out where it is the
    same for all eligible CNIs: it could only shrink the differences between the others.
    """
    counting = _telling(catalogue, effect.weights, effect, eligible, measured)
    if counting:
        return counting, False
    unasked = {axis.name: 1 for axis in catalogue.axes if axis.by is By.CURRENT}
    return _telling(catalogue, {DEFAULT_AXIS: 1, **unasked}, effect, eligible, measured), True


def _telling(
    catalogue: Catalogue,
    weights: Mapping[str, int],
    effect: Effect,
    eligible: Sequence[str],
    measured: Measured,
) -> Mapping[str, int]:
    return {
        axis: weight
        for axis, weight in weights.items()
        if weight > 0 and _tells_apart(catalogue.axis(axis), effect, eligible, measured)
    }


def criteria_keys(catalogue: Catalogue) -> frozenset[str]:
    """Return every fact key that an axis looks at and an option may turn true."""
    return frozenset(
        criterion.key
        for axis in catalogue.axes
        for criterion in axis.criteria
        if TERMS[criterion.key].kind is Kind.FLAG
    )


def axis_values(
    catalogue: Catalogue, standing: Standing, effect: Effect, measured: Measured
) -> Mapping[str, AxisValue]:
    """Return where a CNI that is not excluded stands on every axis."""
    found: dict[str, AxisValue] = {}
    for axis in catalogue.axes:
        if axis.by is not None:
            value = not_of_facts(axis.by, standing.profile.name, effect, measured)
            found[axis.name] = AxisValue(axis=axis, value=value)
        elif axis.criteria:
            criteria = tuple(
                _met(criterion, standing.eligible)
                for criterion in axis.criteria
                if not criterion.only_if or criterion.only_if in effect.counts
            )
            found[axis.name] = AxisValue(axis=axis, value=_mean(criteria), criteria=criteria)
    for axis in catalogue.axes:
        if axis.worst_of:
            parts = tuple(found[name] for name in axis.worst_of)
            found[axis.name] = AxisValue(
                axis=axis, value=min(part.value for part in parts), worst=parts
            )
    return found


def score(values: Mapping[str, AxisValue], weights: Mapping[str, int]) -> float:
    """Return the weighted mean of the axes that count: 0 to 1."""
    return sum(weight * values[axis].value for axis, weight in weights.items()) / sum(
        weights.values()
    )


def not_of_facts(by: By, name: str, effect: Effect, measured: Measured) -> float:
    """Return where a CNI stands on an axis that is computed from no profile.

    A CNI that was not measured gets the mean of those that were: not knowing is no difference.
    """
    if by is By.CURRENT:
        return 1.0 if name == effect.current else 0.0
    known = measured.values.values()
    return measured.values.get(name, fmean(known) if known else 0.0)


def _tells_apart(axis: Axis, effect: Effect, eligible: Sequence[str], measured: Measured) -> bool:
    if axis.by is None:
        return True
    return len({not_of_facts(axis.by, name, effect, measured) for name in eligible}) > 1


def _mean(criteria: Sequence[Met]) -> float:
    return sum(met.value for met in criteria) / len(criteria)


def _met(criterion: Criterion, eligible: Sequence[Configuration]) -> Met:
    """Return what a criterion gives.

    What a CNI can do counts if any eligible configuration does it; what it costs is counted for
    the configuration with the fewest options.
    """
    if TERMS[criterion.key].kind is Kind.FLAG:
        for configuration in eligible:
            if fact := configuration.true(criterion.key):
                return Met(criterion=criterion, value=1.0, fact=fact)
        return Met(criterion=criterion, value=0.0, fact=eligible[0].facts.get(criterion.key))
    fact = eligible[0].facts.get(criterion.key)
    if fact is None:
        return Met(criterion=criterion, value=0.0, fact=None)
    return Met(criterion=criterion, value=_ratio(criterion, float(fact.value or 0)), fact=fact)


def _ratio(criterion: Criterion, number: float) -> float:
    least = criterion.least or 0.0
    return 1.0 if number <= least else least / number

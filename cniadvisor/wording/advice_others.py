"""What the advisor says about the CNIs it does not recommend: why not this one?"""

from collections.abc import Iterator

from cniadvisor.advise.recommendation import Ranked, Recommendation
from cniadvisor.advise.scoring import AxisValue
from cniadvisor.domain.text import printable
from cniadvisor.wording.advice_sentences import Sources


def others_sentences(told: Recommendation, sources: Sources) -> Iterator[str]:
    """Say of every other CNI that fits where it is behind, what it can as well, and remarks."""
    for other in told.ranking:
        if other is told.choice or other.score is None:
            continue
        title = printable(other.profile.title)
        for sentence in behind_sentences(told, other, sources):
            yield f"{title}: {sentence}"
        for one in told.others_can:
            if one.fact.cni == other.profile.name:
                yield f"{title} has it as well: {sources.cited(one.fact)}"
        for sentence in remark_sentences(other, sources):
            yield f"{title}: {sentence}"


def behind_sentences(told: Recommendation, other: Ranked, sources: Sources) -> Iterator[str]:
    """Say in what a CNI that fits is behind the recommendation, by the facts that make it so."""
    choice = told.choice
    if choice is None:
        return
    for name, axis in other.values.items():
        if axis.value >= choice.values[name].value:
            continue
        # Where the worst of several axes counts, only that one holds it back.
        part = min(axis.worst, key=lambda one: one.value) if axis.worst else axis
        ours = next(one for one in _parts(choice.values[name]) if one.axis.name == part.axis.name)
        reached = {met.criterion.key: met.value for met in ours.criteria}
        facts = [
            met.fact
            for met in part.criteria
            if met.fact is not None and met.value < reached.get(met.criterion.key, 0.0)
        ]
        if facts:
            yield f"Behind in {part.axis.title}: {' '.join(map(sources.cited, facts))}"


def remark_sentences(other: Ranked, sources: Sources) -> Iterator[str]:
    """Say the remarks of a CNI's profile that matter here."""
    for caution in other.cautions:
        if caution.fact.value is None:
            yield sources.cited(caution.fact)


def _parts(axis: AxisValue) -> tuple[AxisValue, ...]:
    return axis.worst or (axis,)

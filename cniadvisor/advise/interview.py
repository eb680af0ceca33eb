"""The questionnaire as a state: what holds, what is asked next, what is skipped and why.

No face is known here: plain prompts and a screen ask the same questions in the same order.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from cniadvisor.advise.axes import By
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.configuration import ConfigurationsOf
from cniadvisor.advise.needs import standing
from cniadvisor.advise.prefill import Found
from cniadvisor.advise.profile import Profile
from cniadvisor.advise.questionnaire import Answers, Effect, Question, joined
from cniadvisor.advise.recommendation import Answered, AnsweredBy
from cniadvisor.advise.scoring import NOTHING_MEASURED, Measured, not_of_facts
from cniadvisor.advise.vocabulary import version_of
from cniadvisor.domain.words import listed


def effective(catalogue: Catalogue, answers: Answers, found: Mapping[str, Found]) -> Answers:
    """Return the answers that hold: given ones before found ones before defaults."""
    held = {question.name: question.default for question in catalogue.questions}
    held |= {
        name: told.value for name, told in found.items() if name in held and told.value is not None
    }
    return held | {name: value for name, value in answers.items() if name in held}


def answered(
    catalogue: Catalogue,
    answers: Answers,
    found: Mapping[str, Found],
    measured: Measured = NOTHING_MEASURED,
) -> tuple[Answered, ...]:
    """Return every question with the answer that holds, in the questionnaire's order."""
    held = effective(catalogue, answers, found)
    by_cluster = {name for name, told in found.items() if told.value is not None}
    known = {*answers, *by_cluster}
    worlds = tuple(_worlds(catalogue, held, known))
    told: list[Answered] = []
    for question in catalogue.questions:
        name, seen = question.name, found.get(question.name)
        answered_here = AnsweredBy.CLUSTER if name in by_cluster else AnsweredBy.DEFAULT
        by = AnsweredBy.YOU if name in answers else answered_here
        told.append(
            Answered(
                question=question,
                choice=question.choice(held[name]),
                by=by,
                evidence=seen.evidence if seen else "",
                pointless=_pointless(catalogue, question, worlds, measured),
            )
        )
    return tuple(told)


def next_question(
    catalogue: Catalogue,
    answers: Answers,
    found: Mapping[str, Found],
    measured: Measured = NOTHING_MEASURED,
) -> Answered | None:
    """Return the first question nobody has answered whose answer can change the outcome.

    What the cluster answers is asked, too: its answer is what holds unless somebody says otherwise.
    None when there is none left.
    """
    for one in answered(catalogue, answers, found, measured):
        if one.question.name not in answers and not one.pointless:
            return one
    return None


class _World:
    """The CNIs and their needs, for one distribution.

    Attributes:
        effect: what the answers do there.
        left: the CNIs that are not excluded.
        current_known: whether it is known what runs now.
    """

    def __init__(self, catalogue: Catalogue, held: Answers, *, current_known: bool) -> None:
        self.effect = catalogue.effect(held)
        self.current_known = current_known
        standings = (standing(profile, self.effect, frozenset()) for profile in catalogue.primaries)
        self.left = tuple(one for one in standings if not one.excluded)


def _worlds(catalogue: Catalogue, held: Answers, known: set[str]) -> Iterator[_World]:
    """Yield what may be: all answers but that of the distribution can only exclude.

    Nothing while it isn't known whether the platform fixes the CNI: then a policy engine may go
    beside it, and what can't change the ranking may change that.
    """
    if not all(question.name in known for question in catalogue.questions if _fixes(question)):
        return
    current_known = all(
        question.name in known
        for question in catalogue.questions
        if any(choice.effect.current for choice in question.choices)
    )
    open_ = [
        question
        for question in catalogue.questions
        if question.name not in known and _distributes(question)
    ]
    names = [question.name for question in open_]
    for values in product(*([choice.value for choice in question.choices] for question in open_)):
        chosen = dict(zip(names, values, strict=True))
        yield _World(catalogue, {**held, **chosen}, current_known=current_known)


def _fixes(question: Question) -> bool:
    return any(choice.effect.fixed for choice in question.choices)


def _distributes(question: Question) -> bool:
    return any(choice.effect.distribution for choice in question.choices)


def _pointless(
    catalogue: Catalogue, question: Question, worlds: tuple[_World, ...], measured: Measured
) -> str:
    """Return why no answer can change the outcome any more; empty if one can.

    Only said when it is certain, whatever is answered to the questions that are still open.
    """
    reasons = [_reason(catalogue, question, world, measured) for world in worlds]
    return reasons[0] if reasons and all(reasons) else ""


def _reason(catalogue: Catalogue, question: Question, world: _World, measured: Measured) -> str:
    effects = [choice.effect for choice in question.choices]
    if (
        any(e.adds or e.implies or e.fixed or e.current for e in effects)
        or _distributes(question)
        or world.effect.fixed
    ):
        return ""
    if not world.left:
        return "No CNI meets what you need already."
    if all(not effect.needs and not effect.kernel for effect in effects):
        return _of_weights(catalogue, question, world, measured)
    if all(
        _all_pass(one.profile, world.effect, effect) for one in world.left for effect in effects
    ):
        names = listed([one.profile.title for one in world.left])
        meet = "meets" if len(world.left) == 1 else "meet"
        return f"Whatever the answer, {names} {meet} it."
    return ""


def _of_weights(catalogue: Catalogue, question: Question, world: _World, measured: Measured) -> str:
    names = {one.profile.name for one in world.left}
    if len(names) == 1:
        return f"Only {world.left[0].profile.title} is left."
    by = catalogue.axis(question.scale).by if question.scale else None
    if by is By.CURRENT and world.current_known and world.effect.current not in names:
        return "What runs now is none of the CNIs that are left."
    if by is By.MEASURED:
        if not measured.values:
            return "You gave no reports of two CNIs from like conditions."
        if len({not_of_facts(by, name, world.effect, measured) for name in names}) == 1:
            return "Your measurements show no difference between the CNIs that are left."
    return ""


def _all_pass(profile: Profile, effect: Effect, asked: Effect) -> bool:
    """Whether every configuration of a CNI meets what is asked: as installed; no option harms."""
    configurations = ConfigurationsOf(profile, effect.distribution)
    installed = configurations.with_options(())
    optional = configurations.optional
    # What is needed besides, implied needs included.
    for group in set(joined((effect, asked)).needs).difference(effect.needs):
        if not any(
            installed.true(key)
            and all(key not in option.facts or option.facts[key].value for option in optional)
            for key in group
        ):
            return False
    if not asked.kernel:
        return True
    told = [installed.facts, *(option.facts for option in optional)]
    kernels = [
        version_of(str(facts["min_kernel"].value)) for facts in told if "min_kernel" in facts
    ]
    return "min_kernel" in installed.facts and max(kernels) <= version_of(asked.kernel)

"""The smallest change that flips the answer."""

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.decision import decide
from cniadvisor.advise.questionnaire import Answers, Question
from cniadvisor.advise.recommendation import Flip
from cniadvisor.advise.scoring import NOTHING_MEASURED, Measured


def flips(
    catalogue: Catalogue, answers: Answers, measured: Measured = NOTHING_MEASURED
) -> tuple[Flip, ...]:
    """Return every single answer that would change which CNI is recommended.

    Of a priority only the smallest change in each direction. The nearest come first, what is asked
    for before what the cluster is; where nobody fits, these are the answers with which somebody
    would.
    """
    before = decide(catalogue, answers, measured).choice
    name = None if before is None else before.name
    found: list[Flip] = []
    for question in catalogue.questions:
        seen: set[tuple[bool, str | None]] = set()
        for flip in _changes(catalogue, question, answers, measured, name):
            place = (_place(question, flip.after.value) > _place(question, flip.before.value), None)
            if question.scale and place in seen:
                continue
            seen.add(place)
            found.append(flip)
    return tuple(sorted(found, key=lambda flip: (flip.steps, _is_given(flip.question))))


def _is_given(question: Question) -> bool:
    """Whether it asks what the cluster is, which nobody changes for a CNI's sake."""
    return any(
        choice.effect.current or choice.effect.fixed or choice.effect.distribution
        for choice in question.choices
    )


def _changes(
    catalogue: Catalogue,
    question: Question,
    answers: Answers,
    measured: Measured,
    name: str | None,
) -> list[Flip]:
    """Return the flips of one question, the nearest first."""
    value = answers.get(question.name, question.default)
    before = question.choice(value)
    changes: list[Flip] = []
    for after in question.choices:
        effect = catalogue.effect(answers)
        nothing_stays = after.effect.fixed and not effect.current
        # A CNI that is fixed is no other by saying so.
        renamed = effect.fixed and effect.current and after.effect.current
        if after.value == value or nothing_stays or renamed:
            continue
        choice = decide(catalogue, {**answers, question.name: after.value}, measured).choice
        if (None if choice is None else choice.name) == name:
            continue
        away = abs(_place(question, after.value) - _place(question, value))
        changes.append(
            Flip(
                question=question,
                before=before,
                after=after,
                steps=away if question.scale else 1,
                becomes=None if choice is None else choice.standing.profile,
            )
        )
    return sorted(changes, key=lambda flip: flip.steps)


def _place(question: Question, value: str) -> int:
    return [choice.value for choice in question.choices].index(value)

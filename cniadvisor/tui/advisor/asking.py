"""The questionnaire under a cursor: what holds, where one is, and what keys do to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.interview import answered
from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.advise.prefill import Found, with_probe
from cniadvisor.advise.questionnaire import Answers
from cniadvisor.advise.recommendation import Answered, AnsweredBy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """All that a recommendation depends on, but the date.

    Compared by identity: another one is another recommendation.
    """

    catalogue: Catalogue
    answers: Answers
    found: Mapping[str, Found]
    own: OwnMeasurements

    @property
    def known(self) -> Mapping[str, Found]:
        """What the cluster answers by itself, with what was probed there."""
        return with_probe(self.found, self.own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The questions with the answers that hold, and the cursor.

    Attributes:
        asked: every question, in the questionnaire's order.
        at: the question under the cursor.
        choice: the choice under the cursor.
        everything: all questions are on the page, not one.
    """

    given: Given
    asked: tuple[Answered, ...]
    at: int = 0
    choice: int = 0
    everything: bool = False

    @property
    def current(self) -> Answered:
        """The question under the cursor."""
        return self.asked[self.at]

    @property
    def done(self) -> bool:
        """Whether no question is left that nobody answered and that can change the outcome."""
        return not any(map(_open, self.asked))

    def with_given(self, given: Given) -> "Asking":
        """Return it with other answers or other evidence.

        The cursor stays where it was put; on the choice that held it follows to the one that does.
        """
        untouched = self.choice == _held(self.current)
        told = replace(self, given=given, asked=_asked(given))
        return _at(told, self.at, None if untouched else self.choice)

    def moved(self, rows: int) -> "Asking":
        """Return it with the cursor on another choice.

        With all questions on the page the choices of a neighbour follow on those of this question.
        """
        last = len(self.current.question.choices) - 1
        choice = self.choice + rows
        if not self.everything or 0 <= choice <= last:
            return replace(self, choice=max(0, min(choice, last)))
        there = self.stepped(1 if rows > 0 else -1)
        if there.at == self.at:
            return replace(self, choice=max(0, min(choice, last)))
        last = len(there.current.question.choices) - 1
        return replace(there, choice=0 if rows > 0 else last)

    def stepped(self, direction: int) -> "Asking":
        """Return it on the question before or after; one at a time what is not asked is skipped."""
        place = self.at + direction
        while 0 <= place < len(self.asked):
            one = self.asked[place]
            if self.everything or not one.pointless or one.by is AnsweredBy.YOU:
                return _at(self, place)
            place += direction
        return self

    def on(self, question: int, choice: int | None) -> "Asking":
        """Return it with the cursor there; None is the choice that holds."""
        return _at(self, question, choice)

    def chosen(self) -> "Asking":
        """Take the choice under the cursor, and go on.

        That is to the next question on the page, or one at a time to the next that is open.
        """
        question = self.current.question
        answers = {**self.given.answers, question.name: question.choices[self.choice].value}
        told = self.with_given(replace(self.given, answers=answers))
        if self.everything:
            return told.stepped(1)
        places = [place for place, one in enumerate(told.asked) if _open(one)]
        later = [place for place in places if place > self.at] or places
        return _at(told, later[0]) if later else _at(told, self.at)

    def unanswered(self) -> "Asking":
        """Take the answer to this question back; where there is none, go to the one before."""
        name = self.current.question.name
        if name not in self.given.answers:
            return self.stepped(-1)
        answers = {key: value for key, value in self.given.answers.items() if key != name}
        return _at(self.with_given(replace(self.given, answers=answers)), self.at)

    def turned(self) -> "Asking":
        """Show all questions, or one."""
        return replace(self, everything=not self.everything)


def begun(given: Given) -> Asking:
    """Return the questionnaire at its first question that can change the outcome."""
    told = Asking(given=given, asked=_asked(given))
    return _at(told, next((place for place, one in enumerate(told.asked) if _open(one)), 0))


def _asked(given: Given) -> tuple[Answered, ...]:
    return answered(given.catalogue, given.answers, given.known, given.own.measured)


def _open(one: Answered) -> bool:
    return one.by is not AnsweredBy.YOU and not one.pointless


def _at(asking: Asking, place: int, choice: int | None = None) -> Asking:
    """Return it on a question, with the cursor on the choice that holds unless one is named."""
    held = _held(asking.asked[place])
    return replace(asking, at=place, choice=held if choice is None else choice)


def _held(one: Answered) -> int:
    return one.question.choices.index(one.choice)

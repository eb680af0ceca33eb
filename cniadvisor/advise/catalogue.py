"""All that the advisor knows: profiles, axes, questions, and when a fact is old."""

from dataclasses import dataclass
from datetime import date

from cniadvisor.advise.axes import Axis
from cniadvisor.advise.profile import Fact, Profile, Role
from cniadvisor.advise.questionnaire import Answers, Effect, Question, joined
from cniadvisor.advise.reference import Campaign

DEFAULT_AXIS = "balance"
"""What counts if nothing else does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the files in ``profiles/`` hold, checked against each other."""

    profiles: tuple[Profile, ...]
    axes: tuple[Axis, ...]
    questions: tuple[Question, ...]
    stale_after_days: int
    campaigns: tuple[Campaign, ...] = ()

    @property
    def primaries(self) -> tuple[Profile, ...]:
        """The CNIs that can be recommended."""
        return tuple(profile for profile in self.profiles if profile.role is Role.PRIMARY)

    def profile(self, name: str) -> Profile | None:
        """Return a profile by its name."""
        return next((profile for profile in self.profiles if profile.name == name), None)

    def axis(self, name: str) -> Axis:
        """Return an axis by its name; the loader made sure that there is one."""
        return next(axis for axis in self.axes if axis.name == name)

    def question(self, name: str) -> Question | None:
        """Return a question by its name."""
        return next((question for question in self.questions if question.name == name), None)

    def effect(self, answers: Answers) -> Effect:
        """Return what all answers do together, unanswered questions by their default."""
        return joined(
            question.choice(answers.get(question.name, question.default)).effect
            for question in self.questions
        )

    def stale(self, facts: tuple[Fact, ...], today: date) -> tuple[Fact, ...]:
        """Return those facts that are older than they should be, each once, oldest first."""
        old = {fact for fact in facts if fact.age_days(today) > self.stale_after_days}
        return tuple(sorted(old, key=lambda fact: (fact.source.date, fact.cni, fact.key)))

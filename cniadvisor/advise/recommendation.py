"""The advisor's answer: every reason in it is a fact with its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.advise.needs import Unmet
from cniadvisor.advise.profile import Fact, Migration, Option, Profile
from cniadvisor.advise.questionnaire import Choice, Question
from cniadvisor.advise.reference import Campaign
from cniadvisor.advise.scoring import AxisValue
from cniadvisor.domain.findings import Confidence


class AnsweredBy(StrEnum):
    """Where an answer comes from."""

    YOU = "you"
    CLUSTER = "cluster"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question and the answer that holds.

    Attributes:
        evidence: why the cluster gives this answer (``by`` is CLUSTER); else why it would give
            another, or what is known beside; may be empty.
        pointless: why the answer can't change the outcome; empty if it can.
    """

    question: Question
    choice: Choice
    by: AnsweredBy
    evidence: str = ""
    pointless: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A fact, and what it is about: a need, or an axis that counts."""

    about: str
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One CNI in the ranking.

    Attributes:
        score: 0 to 1; None if it is excluded.
        equal_to_first: its score is that of the first: the order says nothing.
        values: where it stands on the axes that count.
        options: what must be switched on, in the profile's order; automatic ones included.
        reasons: facts that speak for it, needs first.
        cautions: facts that speak against it, and remarks.
        unmet: needs it doesn't meet.
        fixed_out: excluded because the platform fixes another CNI.
    """

    profile: Profile
    score: float | None
    equal_to_first: bool = False
    values: Mapping[str, AxisValue] = field(default_factory=dict[str, AxisValue])
    options: tuple[Option, ...] = ()
    reasons: tuple[Reason, ...] = ()
    cautions: tuple[Reason, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    fixed_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """Something the recommendation can't do, and eligible others can."""

    label: str
    fact: Fact | None
    others: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersCan:
    """Another CNI can do it, too: the headline fact of an axis that counts."""

    axis: str
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A meta-plugin, or a policy engine beside a CNI that stays."""

    profile: Profile
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One answer that, given otherwise, changes the recommendation.

    ``steps`` is how far it is away: steps of a priority, 1 for every other question. ``becomes`` is
    None if then nobody fits.
    """

    question: Question
    before: Choice
    after: Choice
    steps: int
    becomes: Profile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One priority alone: what the article the project began with says, and what the facts say."""

    axis: str
    article: Profile
    article_score: float | None
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From what runs now to the recommendation; ``way`` is None if no way is documented."""

    origin: str
    stays: bool
    way: Migration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The whole answer.

    Attributes:
        unasked: nothing was said to count, so the weights are our own.
        ranking: eligible CNIs, best first, then the excluded.
        lead: how far the first is ahead of the second; None without a second.
        stale: facts it rests on that are older than they should be.
        inferred: reasons for it that were read nowhere.
        unknown: what counts and a profile says nothing about, as ``cni.key``.
        commands: what verifies the recommendation, in their order.
    """

    answers: tuple[Answered, ...]
    weights: Mapping[str, int]
    unasked: bool
    ranking: tuple[Ranked, ...]
    additions: tuple[Addition, ...]
    given_up: tuple[GivenUp, ...]
    others_can: tuple[OthersCan, ...]
    sensitivity: tuple[Flip, ...]
    confidence: Confidence
    lead: float | None
    stale: tuple[Fact, ...]
    inferred: tuple[Fact, ...]
    unknown: tuple[str, ...]
    article: Article | None
    move: Move | None
    commands: tuple[str, ...]
    own: OwnMeasurements
    campaigns: tuple[Campaign, ...]

    @property
    def choice(self) -> Ranked | None:
        """The recommendation; None if nobody fits."""
        first = self.ranking[0] if self.ranking else None
        return first if first is not None and first.score is not None else None

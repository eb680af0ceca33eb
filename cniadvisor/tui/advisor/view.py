"""What the Advisor screen says beside its questions: pure."""

from dataclasses import dataclass
from datetime import date

from cniadvisor.advise.advising import advise
from cniadvisor.advise.recommendation import Recommendation
from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.tui.advisor.asking import Asking, Given
from cniadvisor.tui.symbols import Symbols
from cniadvisor.wording.advice import advice_text, brief_text
from cniadvisor.wording.campaigns import References
from cniadvisor.wording.overview import READING, error_text
from cniadvisor.wording.questions import progress_sentence, unfilled_sentence

WORKING = "Working out the ranking."


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A recommendation, and what it was made from."""

    given: Given
    told: Recommendation
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorState:
    """Everything the screen draws.

    Attributes:
        asking: None while the questions are read, and when they can't be.
        advice: the last recommendation; it may be about answers from a moment ago.
        error: why there are no questions.
        reading: the cluster is being read.
        unfilled: why the cluster answers nothing.
        whole: the recommendation is shown in full, and no questions.
        references: the reports campaigns are told in full with; None while they are not.
    """

    asking: Asking | None = None
    advice: Advice | None = None
    error: CniAdvisorError | None = None
    reading: bool = False
    unfilled: CniAdvisorError | None = None
    whole: bool = False
    references: References | None = None

    @property
    def settled(self) -> Advice | None:
        """The recommendation for the answers of now; None while it is worked out."""
        if self.asking is None or self.advice is None:
            return None
        return self.advice if self.advice.given is self.asking.given else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """A sentence with its mark, and the CSS class of its colour."""

    words: str
    style: str


def advised(given: Given, today: date) -> Advice:
    """Work out the recommendation; takes longer than a frame, so it is for a thread."""
    told = advise(given.catalogue, given.answers, today=today, found=given.known, own=given.own)
    return Advice(given=given, told=told, today=today)


def state_line(state: AdvisorState, symbols: Symbols) -> StateLine:
    """Say how far the questionnaire is, and what the cluster has to do with it."""
    if state.error is not None:
        return StateLine(words=f"{symbols.bad} The advisor can't begin", style="bad")
    asking = state.asking
    if asking is None:
        return StateLine(words=f"{symbols.bullet} Reading the questions", style="muted")
    progress = f"{len(asking.asked)} questions: {progress_sentence(asking.asked)}"
    if state.reading:
        return StateLine(words=f"{symbols.bullet} {READING}; {progress}", style="muted")
    if state.unfilled is not None:
        told = unfilled_sentence(state.unfilled.message)
        return StateLine(words=f"{symbols.warning} {progress}. {told}", style="caution")
    return StateLine(words=f"{symbols.good} {progress}", style="good")


def beside_text(state: AdvisorState, symbols: Symbols, width: int) -> str:
    """Return the recommendation: where it stands, or all of it."""
    if state.error is not None:
        return error_text(state.error, width=width)
    advice = state.advice
    if advice is None:
        return WORKING if state.asking is not None else ""
    if not state.whole:
        return brief_text(advice.told, bar=symbols.bar, width=width)
    return advice_text(advice.told, today=advice.today, references=state.references, width=width)

"""The questions as lines on a screen: one at a time, or all on a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cniadvisor.advise.recommendation import Answered, AnsweredBy
from cniadvisor.domain.text import printable
from cniadvisor.tui.advisor.asking import Asking
from cniadvisor.tui.symbols import Symbols
from cniadvisor.wording.advice_sentences import answer_words
from cniadvisor.wording.questions import asking_lines, choice_words, skipped_sentences
from cniadvisor.wording.words import wrapped

NOTHING_LEFT = "No question is left that could change the outcome: v shows the recommendation."


class Look(StrEnum):
    """What a line is."""

    QUESTION = "question"
    CHOICE = "choice"
    CURSOR = "cursor"
    MUTED = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line.

    Attributes:
        place: the question it belongs to, and the choice; a click goes there.
    """

    text: str
    look: Look
    place: tuple[int, int | None] | None = None


def lines(asking: Asking, symbols: Symbols, width: int) -> tuple[Line, ...]:
    """Return what is asked, for a width in columns."""
    made = _page(asking, symbols, width) if asking.everything else _one(asking, symbols, width)
    return tuple(made)


def _one(asking: Asking, symbols: Symbols, width: int) -> Iterator[Line]:
    yield from _question(asking, symbols, width)
    told = [NOTHING_LEFT] if asking.done else []
    told += skipped_sentences(
        [one for one in asking.asked if one.pointless and one.by is not AnsweredBy.YOU]
    )
    for sentence in told:
        yield Line(text="", look=Look.MUTED)
        for line in wrapped(sentence, width=width):
            yield Line(text=line, look=Look.MUTED)


def _page(asking: Asking, symbols: Symbols, width: int) -> Iterator[Line]:
    for place, one in enumerate(asking.asked):
        if place == asking.at:
            yield from _question(asking, symbols, width)
            yield from _why_not(one, place, width)
            continue
        mark = symbols.chosen if one.by is not AnsweredBy.DEFAULT else " "
        told = f"{printable(one.question.ask)} {answer_words(one)}"
        for line in wrapped(told, indent="    ", first=f"  {mark} ", width=width):
            yield Line(text=line, look=Look.CHOICE, place=(place, None))
        yield from _why_not(one, place, width)


def _why_not(one: Answered, place: int, width: int) -> Iterator[Line]:
    if one.pointless:
        told = f"Not asked: {printable(one.pointless)}"
        for line in wrapped(told, indent="    ", width=width):
            yield Line(text=line, look=Look.MUTED, place=(place, None))


def _question(asking: Asking, symbols: Symbols, width: int) -> Iterator[Line]:
    """Yield the question under the cursor with its choices."""
    one, at = asking.current, asking.at
    asks = asking_lines(one, number=at + 1, of=len(asking.asked), width=width)
    for line in asks:
        look = Look.MUTED if line.startswith(" ") else Look.QUESTION
        yield Line(text=line, look=look, place=(at, None))
    for place, choice in enumerate(one.question.choices):
        on = place == asking.choice
        mark = symbols.chosen if choice.value == one.choice.value else " "
        first = f"{'>' if on else ' '} {mark} "
        for line in wrapped(choice_words(one, choice), indent="    ", first=first, width=width):
            look = Look.CURSOR if on else Look.CHOICE
            yield Line(text=line, look=look, place=(at, place))

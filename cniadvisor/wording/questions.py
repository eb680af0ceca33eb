"""The questionnaire's words: a question, where the ranking stands, what is not asked and why."""

from collections.abc import Sequence

from cniadvisor.advise.decision import Decision
from cniadvisor.advise.questionnaire import Choice
from cniadvisor.advise.recommendation import Answered, AnsweredBy
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import listed
from cniadvisor.wording.words import WIDTH, wrapped

_HOLDS = {
    AnsweredBy.YOU: "your answer",
    AnsweredBy.CLUSTER: "from the cluster",
    AnsweredBy.DEFAULT: "holds if nobody answers",
}


def asking_lines(asked: Answered, *, number: int, of: int, width: int = WIDTH) -> list[str]:
    """Return a question, what it is about, and what the cluster says to it."""
    question = asked.question
    lines = wrapped(f"Question {number} of {of}: {printable(question.ask)}", width=width)
    if question.help:
        lines += wrapped(printable(question.help), indent="  ", width=width)
    if asked.evidence:
        lines += wrapped(f"From the cluster: {printable(asked.evidence)}", indent="  ", width=width)
    return lines


def choice_words(asked: Answered, choice: Choice) -> str:
    """Return a choice; if it is the one that holds, with who says so: ``no (your answer)``."""
    label = printable(choice.label)
    return f"{label} ({_HOLDS[asked.by]})" if choice.value == asked.choice.value else label


def question_lines(asked: Answered, *, number: int, of: int, width: int = WIDTH) -> list[str]:
    """Return a question with its numbered choices; the one that holds by default is marked."""
    lines = asking_lines(asked, number=number, of=of, width=width)
    for place, choice in enumerate(asked.question.choices, start=1):
        mark = "  (Enter)" if choice.value == asked.choice.value else ""
        text = f"{printable(choice.label)}{mark}"
        lines += wrapped(text, indent="     ", first=f"  {place}  ", width=width)
    return lines


def standing_sentence(decision: Decision) -> str:
    """Say in one sentence where the ranking stands: ``So far: Canal 0.40, then Cilium 0.23.``"""
    eligible = [
        f"{candidate.standing.profile.title} {candidate.score:.2f}"
        for candidate in decision.eligible
    ]
    out = [c.standing.profile.title for c in decision.ranking if c.score is None]
    excluded = f" Excluded: {listed(out)}." if out else ""
    if not eligible:
        return printable(f"So far nobody fits.{excluded}")
    first, *rest = eligible
    then = f", then {listed(rest)}" if rest else ""
    return printable(f"So far: {first}{then}.{excluded}")


def unfilled_sentence(why: str) -> str:
    """Say that no cluster answers anything, and why."""
    return f"Nothing is pre-filled from a cluster: {printable(why)}"


def progress_sentence(asked: Sequence[Answered]) -> str:
    """Say how far the questionnaire is: ``2 answered, 6 from the cluster, 15 open``."""
    yours = sum(one.by is AnsweredBy.YOU for one in asked)
    cluster = sum(one.by is AnsweredBy.CLUSTER for one in asked)
    skipped = sum(one.by is AnsweredBy.DEFAULT and bool(one.pointless) for one in asked)
    parts = {
        "answered": yours,
        "from the cluster": cluster,
        "not asked": skipped,
        "open": len(asked) - yours - cluster - skipped,
    }
    return ", ".join(f"{number} {what}" for what, number in parts.items() if number)


def skipped_sentences(skipped: Sequence[Answered]) -> list[str]:
    """Say which questions are not asked, grouped by the reason."""
    by_reason: dict[str, list[str]] = {}
    for one in skipped:
        by_reason.setdefault(one.pointless, []).append(one.question.name)
    return [
        printable(f"Not asked ({listed(names)}): {reason}") for reason, names in by_reason.items()
    ]

"""A recommendation as a decision record: one page of Markdown for a change request."""

from collections.abc import Iterable, Iterator
from datetime import date

from cniadvisor.advise.recommendation import Recommendation
from cniadvisor.wording.advice_decision import decision_sentences, decision_words
from cniadvisor.wording.advice_others import behind_sentences, remark_sentences
from cniadvisor.wording.advice_sentences import (
    UNANSWERED,
    Sources,
    added_sentences,
    answer_words,
    excluded_sentences,
    flip_sentences,
    given_up_sentences,
    mattering,
    move_sentences,
    own_sentences,
    source_words,
    stale_sentence,
    verify_words,
)
from cniadvisor.wording.campaigns import References, campaigns_of
from cniadvisor.wording.campaigns_markdown import campaigns_markdown
from cniadvisor.wording.markdown import escaped, table


def advice_markdown(
    told: Recommendation, *, today: date, references: References | None = None
) -> str:
    """Return the decision record, without a newline at its end; arguments as for the text."""
    sources = Sources()
    choice = told.choice
    reasons = () if choice is None else choice.reasons
    parts = [
        [f"# Decision: {escaped(decision_words(told))}"],
        [f"Proposed on {today} by `cniadvisor advise`."],
        _section("Context", _context(told)),
        _section("Decision", _listed(decision_sentences(told))),
        _section("Reasons", _listed(sources.cited(one.fact) for one in reasons)),
        _section("What goes beside", _listed(added_sentences(told, sources))),
        _section("Consequences", _listed(_consequences(told, sources))),
        _section("Alternatives", _alternatives(told, sources)),
        _section("What would change it", _listed(flip_sentences(told))),
        _section("The way there", _listed(move_sentences(told, sources))),
        _section("Own measurements", _listed(own_sentences(told.own))),
        _section("Measured elsewhere", campaigns_markdown(campaigns_of(told), references)),
        _section("Verification", _commands(told)),
        _section("Caution", _listed(filter(None, [stale_sentence(told.stale, today)]))),
        _section("Sources", list(_sources(sources))),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _context(told: Recommendation) -> list[str]:
    rows = [
        (escaped(one.question.ask), escaped(answer_words(one))) for one in mattering(told.answers)
    ]
    return table(("question", "answer"), rows) if rows else [escaped(UNANSWERED)]


def _consequences(told: Recommendation, sources: Sources) -> Iterator[str]:
    if told.choice is not None:
        yield from (sources.cited(one.fact) for one in told.choice.cautions)
    yield from (f"Given up: {text}" for text in given_up_sentences(told))


def _alternatives(told: Recommendation, sources: Sources) -> list[str]:
    rows: list[tuple[str, ...]] = []
    for one in told.ranking:
        if one is told.choice:
            continue
        if one.score is None:
            why = " ".join(excluded_sentences(one, sources))
            rows.append((escaped(one.profile.title), "excluded", escaped(why)))
        else:
            why = " ".join((*behind_sentences(told, one, sources), *remark_sentences(one, sources)))
            rows.append((escaped(one.profile.title), f"{one.score:.2f}", escaped(why)))
    score = "" if told.choice is None else f" (the decision: {told.choice.score or 0:.2f})"
    return table(("CNI", f"score of 1{score}", "why not"), rows) if rows else []


def _commands(told: Recommendation) -> list[str]:
    if not told.commands:
        return []
    return [escaped(f"{verify_words(told)}."), "", "```", *told.commands, "```"]


def _sources(sources: Sources) -> Iterator[str]:
    for number, source in sources.numbered():
        place = f" <{source.url}>" if source.url else ""
        yield f"- \\[{number}\\] {escaped(source_words(source))}{place}"


def _listed(texts: Iterable[str]) -> list[str]:
    return [f"- {escaped(text)}" for text in texts]


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *lines] if lines else []

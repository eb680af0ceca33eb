"""A recommendation for a person: at most 80 columns, every reason with its source."""

from collections.abc import Iterable
from datetime import date

from cniadvisor.advise.recommendation import Ranked, Recommendation
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.wording.advice_decision import (
    article_sentence,
    confidence_sentence,
    decision_sentences,
    equal_sentence,
    recommendation_sentence,
    weights_sentence,
)
from cniadvisor.wording.advice_others import others_sentences
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
from cniadvisor.wording.campaigns import CAMPAIGNS, References, campaign_lines, campaigns_of
from cniadvisor.wording.campaigns import head_lines as campaign_head_lines
from cniadvisor.wording.words import WIDTH, facts, table, wrapped


def advice_text(
    told: Recommendation,
    *,
    today: date,
    references: References | None = None,
    width: int = WIDTH,
) -> str:
    """Return a recommendation as text of at most ``width`` columns, without a newline at its end.

    The answer first, then why, then what it costs; the sources last. Only addresses and commands
    may be wider: they are to be copied.

    Args:
        told: the recommendation.
        today: for the age of facts.
        references: tells the campaigns in full, with these reports; None says only which there are.
        width: columns.
    """
    sources = Sources()
    sections = [
        head_lines(told, width=width),
        answers_lines(told, width=width),
        ranking_lines(told, width=width),
        *reasons_sections(told, sources, width=width),
        _bullets("What goes beside", added_sentences(told, sources), width),
        excluded_lines(told, sources, width=width),
        _bullets("What would change the answer", flip_sentences(told), width),
        _bullets("The way there", move_sentences(told, sources), width),
        _bullets("Your own measurements", own_sentences(told.own), width),
        campaigns_lines(told, references, width=width),
        _bullets("Old facts", filter(None, [stale_sentence(told.stale, today)]), width),
        commands_lines(told, width=width),
        sources_lines(sources, width=width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def brief_text(told: Recommendation, *, bar: str, width: int = WIDTH) -> str:
    """Return where the ranking stands, for beside the questions; every fact is in the whole text.

    Args:
        told: the recommendation.
        bar: the character of which scores have the more the better they are.
        width: columns.
    """
    sure = [] if told.choice is None else [confidence_sentence(told), weights_sentence(told)]
    sections = [
        [
            *wrapped(recommendation_sentence(told), width=width),
            *standing_lines(told, bar=bar, width=width),
        ],
        _sentences([*sure, equal_sentence(told), article_sentence(told)], width),
        ranking_lines(told, width=width),
        _bullets("What would change the answer", flip_sentences(told), width),
        commands_lines(told, width=width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def standing_lines(told: Recommendation, *, bar: str, width: int = WIDTH) -> list[str]:
    """Return a line for each CNI: its place, its score of 1, or what it does not meet."""
    titles = [printable(one.profile.title, limit=24) for one in told.ranking]
    column = max(map(len, titles), default=0)
    lines: list[str] = []
    for place, (title, one) in enumerate(zip(titles, told.ranking, strict=True), start=1):
        if one.score is None:
            why = ["the platform fixes another CNI"] if one.fixed_out else []
            why += [printable(miss.label) for miss in one.unmet]
            first = f"  -  {title.ljust(column)}  "
            text = f"excluded, not met: {'; '.join(why)}"
            lines += wrapped(text, indent=" " * len(first), first=first, width=width)
            continue
        head = f"  {'=' if one.equal_to_first else place}  {title.ljust(column)}  {one.score:.2f}"
        room = max(0, min(40, width - len(head) - 2))
        lines.append(f"{head}  {bar * round(one.score * room)}".rstrip()[:width])
    return lines


def head_lines(told: Recommendation, *, width: int = WIDTH) -> list[str]:
    """Return the answer: who, what to switch on, how sure."""
    return _sentences(decision_sentences(told), width)


def answers_lines(told: Recommendation, *, width: int = WIDTH) -> list[str]:
    """Return the answers it rests on."""
    rows = [(one.question.name, answer_words(one)) for one in mattering(told.answers)]
    if not rows:
        return wrapped(UNANSWERED, width=width)
    unanswered = len(told.answers) - len(rows)
    rest = f"{counted(unanswered, 'question')} not answered: defaults hold." if unanswered else ""
    return ["Answers", *facts(rows, width=width), *wrapped(rest, width=width)]


def ranking_lines(told: Recommendation, *, width: int = WIDTH) -> list[str]:
    """Return the ranking with the axes that count: 1 is best, 0 is worst."""
    eligible = [one for one in told.ranking if one.score is not None]
    if not eligible:
        return []
    axes = list(told.weights)
    parts = [part.axis.name for axis in axes for part in eligible[0].values[axis].worst]
    header = ("", "CNI", "score", *axes, *(part for part in parts if part not in axes))
    rows = [
        ("1=" if one.equal_to_first else str(place), *_ranked_row(one, header[3:]))
        for place, one in enumerate(eligible, start=1)
    ]
    lines = ["Ranking (1 is best, 0 is worst)", *table(header, rows, width=width)]
    for axis in axes:
        why = eligible[0].values[axis].axis.why
        lines += wrapped(f"{axis}: {printable(why)}.", indent="  ", width=width)
    return lines


def reasons_sections(
    told: Recommendation, sources: Sources, *, width: int = WIDTH
) -> list[list[str]]:
    """Return why, what speaks against it, what is given up, and who else can do it."""
    choice = told.choice
    if choice is None:
        return []
    title, against = choice.profile.title, "What speaks against it, and what to mind"
    others = "Why not the others, and what they have as well"
    return [
        _bullets(f"Why {title}", (sources.cited(one.fact) for one in choice.reasons), width),
        _bullets(against, (sources.cited(one.fact) for one in choice.cautions), width),
        _bullets("What is given up", given_up_sentences(told), width),
        _bullets(others, others_sentences(told, sources), width),
    ]


def excluded_lines(told: Recommendation, sources: Sources, *, width: int = WIDTH) -> list[str]:
    """Return who is excluded, and by which facts."""
    texts = [
        f"{one.profile.title}: {' '.join(excluded_sentences(one, sources))}"
        for one in told.ranking
        if one.score is None
    ]
    return _bullets("Excluded", texts, width)


def campaigns_lines(
    told: Recommendation, references: References | None = None, *, width: int = WIDTH
) -> list[str]:
    """Return what campaigns found about the CNIs in the ranking; beside, not in the scores."""
    campaigns = campaigns_of(told)
    if not campaigns:
        return []
    lines = wrapped(CAMPAIGNS, width=width)
    if references is not None:
        return lines + [
            line for one in campaigns for line in campaign_lines(one, references, width=width)
        ]
    lines += [line for one in campaigns for line in campaign_head_lines(one, width=width)]
    how = "--references shows their figures, conditions and cautions."
    return [*lines, *wrapped(how, indent="  ", first="  ", width=width)]


def commands_lines(told: Recommendation, *, width: int = WIDTH) -> list[str]:
    """Return the commands that verify it; unwrapped, because they are to be copied."""
    if not told.commands:
        return []
    return [*wrapped(verify_words(told), width=width), *(f"  {line}" for line in told.commands)]


def sources_lines(sources: Sources, *, width: int = WIDTH) -> list[str]:
    """Return the sources that were cited."""
    lines: list[str] = []
    for number, source in sources.numbered():
        first = f"[{number}]".ljust(5)
        lines += wrapped(source_words(source), indent="     ", first=first, width=width)
        lines += [f"     {source.url}"] if source.url else []
    return ["Sources", *lines] if lines else []


def _ranked_row(one: Ranked, axes: tuple[str, ...]) -> tuple[str, ...]:
    known = {name: value.value for name, value in one.values.items()}
    known |= {part.axis.name: part.value for value in one.values.values() for part in value.worst}
    return (
        printable(one.profile.title, limit=24),
        f"{one.score:.2f}",
        *(f"{known[axis]:.2f}" for axis in axes),
    )


def _sentences(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts if text for line in wrapped(printable(text), width=width)]


def _bullets(title: str, texts: Iterable[str], width: int) -> list[str]:
    lines = [
        line
        for text in texts
        for line in wrapped(printable(text), indent="  ", first="- ", width=width)
    ]
    return [*wrapped(printable(title), width=width), *lines] if lines else []

"""A file of answers: ``question = "value"``, one a line, as TOML."""

from difflib import get_close_matches

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.questionnaire import Answers, Question
from cniadvisor.catalogue.tables import Table, parsed, suggestion
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable


def parse_answers(text: str, *, source: str, catalogue: Catalogue) -> Answers:
    """Read answers.

    ``true`` and ``false`` stand for yes and no, a whole number for a priority.

    Raises:
        UsageError: it is not TOML, a question is unknown or a value impossible; names the file, the
            line and what may stand there.
    """
    table = parsed(text, source=printable(source))
    table.only(question.name for question in catalogue.questions)
    return {
        question.name: _value(table, question)
        for question in catalogue.questions
        if question.name in table
    }


def checked(name: str, value: str, catalogue: Catalogue) -> Question:
    """Return the question if ``value`` is one of its choices.

    Raises:
        UsageError: there is no such question, or it has no such choice.
    """
    question = catalogue.question(name)
    if question is None:
        names = [one.name for one in catalogue.questions]
        raise UsageError(
            f"there is no question {printable(name, limit=80)}", hint=suggestion(name, names)
        )
    if value not in [choice.value for choice in question.choices]:
        raise UsageError(
            f"{name} can't be {printable(value, limit=80)}", hint=f"it can be {_values(question)}"
        )
    return question


def _value(table: Table, question: Question) -> str:
    raw = table.raw(question.name)
    values = [choice.value for choice in question.choices]
    if isinstance(raw, bool) and {"yes", "no"} <= set(values):
        return "yes" if raw else "no"
    if isinstance(raw, int) and not isinstance(raw, bool) and question.scale:
        raw = str(raw)
    if isinstance(raw, str) and raw in values:
        return raw
    shown = printable(str(raw), limit=80)
    near = get_close_matches(shown, values, n=1) if isinstance(raw, str) else []
    hint = f"did you mean {near[0]}? " if near else ""
    raise table.error(
        question.name, f"can't be {shown}", hint=f"{hint}it can be {_values(question)}"
    )


def _values(question: Question) -> str:
    if question.scale:
        return ", ".join(f"{choice.value} ({choice.label})" for choice in question.choices)
    quoted = ", ".join(f'"{choice.value}"' for choice in question.choices)
    return quoted if question.name != "kernel" else f"{quoted} (in quotes)"

"""``questionnaire.toml``: the questions and what each choice does."""

from collections.abc import Iterable, Sequence

from cniadvisor.advise.profile import Profile, Role
from cniadvisor.advise.questionnaire import (
    ANOTHER_RUNS,
    NOTHING_RUNS,
    SCALE,
    Choice,
    Effect,
    Question,
)
from cniadvisor.advise.vocabulary import TERMS, version_of
from cniadvisor.catalogue.tables import Table, parsed, suggestion

SCHEMA_VERSION = 1
_QUESTION_KEYS = ("ask", "help", "scale", "cnis", "choices")
_CHOICE_KEYS = (
    "value",
    "label",
    "weights",
    "needs",
    "implies",
    "kernel",
    "on",
    "fixed",
    "counts",
    "adds",
)


def parse_questions(
    text: str, *, source: str, profiles: Sequence[Profile], axes: Iterable[str]
) -> tuple[Question, ...]:
    """Read the questions.

    Args:
        text: TOML.
        source: what to call it in messages.
        profiles: the CNIs there are.
        axes: the axes there are.

    Raises:
        UsageError: it is not TOML, a key is unknown, missing or of the wrong type, or a choice
            refers to something that is not there; names the file, the line and what to do.
    """
    table = parsed(text, source=source)
    table.only(("schema_version", "questions"))
    table.whole("schema_version", SCHEMA_VERSION, SCHEMA_VERSION)
    reader = _Questions(profiles, tuple(axes))
    found = tuple(reader.question(name, one) for name, one in table.tables("questions"))
    if not found:
        raise table.error("questions", "is missing")
    return found


class _Questions:
    def __init__(self, profiles: Sequence[Profile], axes: tuple[str, ...]) -> None:
        self._primaries = [one for one in profiles if one.role is Role.PRIMARY]
        self._metas = [one.name for one in profiles if one.role is Role.META]
        self._axes = axes

    def question(self, name: str, table: Table) -> Question:
        table.only(_QUESTION_KEYS)
        if sum(key in table for key in ("scale", "cnis", "choices")) != 1:
            raise table.error("choices", "or scale or cnis: exactly one of them must be there")
        scale = table.text("scale", "")
        if scale:
            self._check_axis(table, "scale", scale)
            choices = _scale(scale)
        elif table.flag("cnis"):
            choices = self._cnis()
        else:
            choices = tuple(self._choice(table, one) for one in table.rows("choices"))
        values = [choice.value for choice in choices]
        if len(values) < 2 or len(set(values)) < len(values):
            raise table.error("choices", "must be at least 2, each with its own value")
        return Question(
            name=name,
            ask=table.text("ask"),
            help=table.text("help", ""),
            choices=choices,
            scale=scale,
        )

    def _cnis(self) -> tuple[Choice, ...]:
        running = [
            Choice(value=one.name, label=one.title, effect=Effect(current=one.name))
            for one in self._primaries
        ]
        another = Effect(current=ANOTHER_RUNS)
        return (
            Choice(value=NOTHING_RUNS, label="none yet"),
            *running,
            Choice(value=ANOTHER_RUNS, label="another one", effect=another),
        )

    def _choice(self, question: Table, table: Table) -> Choice:
        for key in table:
            if key not in _CHOICE_KEYS:
                hint = suggestion(key, _CHOICE_KEYS)
                raise question.error("choices", f"has an unknown key: {key}", hint=hint)
        adds = table.names("adds")
        for name in adds:
            if name not in self._metas:
                raise question.error("choices", f"adds {name}, which has no profile as a meta")
        weights = table.table("weights")
        for axis in weights:
            self._check_axis(question, "choices", axis)
        effect = Effect(
            weights={axis: weights.whole(axis, 0, len(SCALE) - 1) for axis in weights},
            needs=tuple(_need(question, one) for one in table.names("needs")),
            implies=_implied(question, table),
            kernel=_kernel(question, table),
            distribution=table.text("on", ""),
            fixed=table.flag("fixed"),
            counts=table.names("counts"),
            adds=adds,
        )
        return Choice(value=table.text("value"), label=table.text("label"), effect=effect)

    def _check_axis(self, table: Table, key: str, axis: str) -> None:
        if axis not in self._axes:
            raise table.error(key, f"names no axis: {axis}", hint=suggestion(axis, self._axes))


def _scale(axis: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            value=str(weight),
            label=label,
            effect=Effect(weights={axis: weight} if weight else {}),
        )
        for weight, label in enumerate(SCALE)
    )


def _need(question: Table, text: str) -> tuple[str, ...]:
    group = tuple(part.strip() for part in text.split(" or "))
    for key in group:
        if key not in TERMS:
            hint = suggestion(key, TERMS)
            raise question.error("choices", f"needs {key}, which is no known fact", hint=hint)
    return group


def _implied(question: Table, table: Table) -> tuple[tuple[str, str], ...]:
    pairs = table.table("implies")
    for key in (*pairs, *(pairs.text(key) for key in pairs)):
        if key not in TERMS:
            hint = suggestion(key, TERMS)
            raise question.error("choices", f"implies {key}, which is no known fact", hint=hint)
    return tuple((key, pairs.text(key)) for key in pairs)


def _kernel(question: Table, table: Table) -> str:
    kernel = table.text("kernel", "")
    try:
        version_of(kernel or "0")
    except ValueError:
        raise question.error("choices", f'kernel must be a version like "5.10": {kernel}') from None
    return kernel

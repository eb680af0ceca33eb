"""Answers as the file that ``cniadvisor advise --answers`` takes."""

import json
import re
from collections.abc import Iterable

from cniadvisor.advise.recommendation import Answered, AnsweredBy
from cniadvisor.domain.text import printable

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def answers_toml(asked: Iterable[Answered]) -> str:
    """Return the answers of a person and of the cluster as TOML, each with its question.

    What nobody answered is left out: it holds by default. An answer of the cluster becomes one of
    the file, so that the file says the same without the cluster.
    """
    lines: list[str] = []
    for one in asked:
        if one.by is AnsweredBy.DEFAULT:
            continue
        told = f"{one.question.ask} {one.choice.label}"
        if one.by is AnsweredBy.CLUSTER:
            told += f"; from the cluster: {one.evidence}"
        lines.append(f"{_key(one.question.name)} = {_value(one)}  # {printable(told)}\n")
    return "".join(lines)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _value(one: Answered) -> str:
    value = one.choice.value
    return value if one.question.scale and value.isdecimal() else _quoted(value)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but TOML wants one for DEL, too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

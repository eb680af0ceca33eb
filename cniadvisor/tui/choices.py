"""Things to choose from, and how a search narrows them: pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose; ``words`` are shown and searched, never taken for markup."""

    value: str
    words: str


def found(choices: Iterable[Choice], wanted: str) -> tuple[Choice, ...]:
    """Return the choices that have every word of ``wanted`` somewhere, whatever its case."""
    words = wanted.casefold().split()
    return tuple(
        choice
        for choice in choices
        if all(word in choice.words.casefold() or word in choice.value.casefold() for word in words)
    )

"""Markdown (GitHub's tables) out of text that others wrote."""

import re
from collections.abc import Sequence

from cniadvisor.domain.text import printable

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~])")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table; the cells are taken as they are."""
    return [
        f"| {' | '.join(header)} |",
        f"|{'---|' * len(header)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def escaped(text: str) -> str:
    """Return text of others so that it is text: no markup, no line break, no HTML."""
    return _MARKUP.sub(r"\\\1", printable(text))

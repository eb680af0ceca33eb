"""Small pieces of sentences for every room: counts that agree with their noun, and lists."""

from collections.abc import Iterable, Sequence

_NAMED_AT_MOST = 5


def counted(number: int, noun: str) -> str:
    """Return ``1 pair`` or ``3 pairs``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def named(names: Iterable[str], *, most: int = _NAMED_AT_MOST) -> str:
    """Return the names with commas, the rest beyond ``most`` as their number."""
    every = list(names)
    rest = len(every) - most
    shown = ", ".join(every[:most])
    return f"{shown} and {rest} more" if rest > 0 else shown

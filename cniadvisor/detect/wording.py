"""Small pieces of sentences: counts that agree with their noun, and lists that stay short."""

from collections.abc import Iterable

_NAMED_AT_MOST = 5


def counted(count: int, noun: str) -> str:
    """Return ``1 pod`` or ``2 pods``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def named(names: Iterable[str], *, most: int = _NAMED_AT_MOST) -> str:
    """Return the names with commas, the rest beyond ``most`` as their number."""
    listed = list(names)
    rest = len(listed) - most
    shown = ", ".join(listed[:most])
    return f"{shown} and {rest} more" if rest > 0 else shown

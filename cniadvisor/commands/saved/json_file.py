"""A small JSON file of our own: written whole or not at all, and read as what anybody may change.

The readers return a value of the type they name, printable where it is text.

Raises:
    TypeError, ValueError: it is none.
"""

import json
import os
from pathlib import Path
from typing import Any, cast

from cniadvisor.domain.text import printable


def keep(place: Path, told: object) -> None:
    """Write a file, whole or not at all; its folder is made.

    Raises:
        OSError: it can't be written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def listed(told: object) -> list[Any]:
    """Return a list."""
    if not isinstance(told, list):
        raise TypeError("not a list")
    return cast("list[Any]", told)


def text(told: object) -> str:
    """Return text."""
    if not isinstance(told, str):
        raise TypeError("not text")
    return printable(told)


def text_or_none(told: object) -> str | None:
    """Return text or None."""
    return None if told is None else text(told)


def whole(told: object) -> int:
    """Return a whole number."""
    if not isinstance(told, int) or isinstance(told, bool):
        raise TypeError("not a whole number")
    return told


def seconds(told: object) -> float:
    """Return seconds, not below zero."""
    if not isinstance(told, int | float) or isinstance(told, bool) or not 0 <= told < float("inf"):
        raise TypeError("no seconds")
    return float(told)


def moment(told: object) -> str:
    """Return a moment as ISO 8601 with its time zone."""
    from datetime import datetime

    found = datetime.fromisoformat(text(told))
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found.isoformat(timespec="seconds")

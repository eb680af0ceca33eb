"""Reading what a tool printed as JSON, of which nothing can be taken for granted."""

import json
import math
from collections.abc import Mapping
from typing import cast


def json_object(line: bytes) -> Mapping[str, object] | None:
    """Return the JSON object on a line; None for anything else, cut lines and garbage included."""
    try:
        told: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", told) if isinstance(told, dict) else None


def child(node: object, key: str) -> object:
    """Return what ``node`` has under ``key``; None when it is no object or has no such key."""
    return cast("dict[str, object]", node).get(key) if isinstance(node, dict) else None


def counts_of(node: object) -> Mapping[str, int] | None:
    """Return an object of whole numbers of 0 or more; None when ``node`` is anything else."""
    if not isinstance(node, dict):
        return None
    counts: dict[str, int] = {}
    for key in cast("dict[str, object]", node):
        value = count(cast("dict[str, object]", node), key)
        if value is None:
            return None
        counts[key] = value
    return counts


def number(node: object, key: str) -> float | None:
    """Return the finite number under ``key``; None for anything else."""
    value = child(node, key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if math.isfinite(read) else None


def amount(node: object, key: str) -> float | None:
    """Return the number under ``key`` unless it is negative."""
    value = number(node, key)
    return value if value is not None and value >= 0 else None


def count(node: object, key: str) -> int | None:
    """Return the whole number under ``key`` unless it is negative; 3.0 is one."""
    value = amount(node, key)
    return int(value) if value is not None and value.is_integer() else None


def text(node: object, key: str) -> str | None:
    """Return the text under ``key``; None for anything else."""
    value = child(node, key)
    return value if isinstance(value, str) else None

"""Reads JSON from the wild: every function is total, wrong types and missing keys are just absent.

Objects come from clusters of any age and from files people edited, so nothing here raises.
"""

import json
import math
import re
from collections.abc import Mapping

from cniadvisor.domain.inventory import JsonObject, JsonValue

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_LARGEST = 2**53
_DIGITS = re.compile(r"[+-]?\d{1,18}")


def at(value: JsonValue, *keys: str) -> JsonValue:
    """Return what lies under the nested ``keys``; None where the way there ends."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: JsonValue, *keys: str) -> str | None:
    """Return a non-empty string; None for everything else."""
    found = at(value, *keys)
    return found if isinstance(found, str) and found else None


def texts(value: JsonValue, *keys: str) -> tuple[str, ...]:
    """Return the strings of a list."""
    found = at(value, *keys)
    if not isinstance(found, list):
        return ()
    return tuple(item for item in found if isinstance(item, str))


def mapping(value: JsonValue, *keys: str) -> JsonObject:
    """Return an object; an empty one for everything else."""
    found = at(value, *keys)
    return found if isinstance(found, dict) else {}


def text_map(value: JsonValue, *keys: str) -> Mapping[str, str]:
    """Return an object's entries that are strings, as labels, annotations and ConfigMaps have."""
    return {key: item for key, item in mapping(value, *keys).items() if isinstance(item, str)}


def objects(value: JsonValue, *keys: str) -> tuple[JsonObject, ...]:
    """Return the objects of a list."""
    found = at(value, *keys)
    if not isinstance(found, list):
        return ()
    return tuple(item for item in found if isinstance(item, dict))


def integer(value: JsonValue, *keys: str) -> int | None:
    """Return a whole number, also one that is written as a string; None for everything else."""
    found = at(value, *keys)
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found if abs(found) <= _LARGEST else None
    if isinstance(found, float):
        whole = math.isfinite(found) and abs(found) <= _LARGEST and found.is_integer()
        return int(found) if whole else None
    if isinstance(found, str) and _DIGITS.fullmatch(found.strip()):
        return int(found)
    return None


def truth(value: JsonValue, *keys: str) -> bool | None:
    """Return a boolean, also one that is written as a string; None for everything else."""
    found = at(value, *keys)
    if isinstance(found, bool):
        return found
    if isinstance(found, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(found.strip().lower())
    return None


def timestamp(value: JsonValue, *keys: str) -> str | None:
    """Return an API timestamp cut to seconds, so that two of them compare as strings."""
    found = text(value, *keys)
    if found is None or not _TIMESTAMP.match(found):
        return None
    return found[:19]


def parsed(document: str | None) -> JsonValue:
    """Parse JSON kept inside a string; None when it is not JSON."""
    if document is None:
        return None
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def folded(value: JsonValue) -> JsonObject:
    """Return an object with lower-case keys, two levels deep, as Go's decoder would match them."""
    return {
        key.lower(): {inner.lower(): item for inner, item in entry.items()}
        if isinstance(entry, dict)
        else entry
        for key, entry in mapping(value).items()
    }

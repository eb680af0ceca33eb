"""Reading fields of API objects as they came: any of them may be missing or of another kind."""

from collections.abc import Iterator

from cniadvisor.domain.inventory import JsonObject, JsonValue

__all__ = ["condition", "mapping", "objects", "text", "value"]


def value(thing: JsonValue, *keys: str) -> JsonValue:
    """Return what lies at ``keys`` below ``thing``, or None where the way there ends early."""
    for key in keys:
        if not isinstance(thing, dict):
            return None
        thing = thing.get(key)
    return thing


def text(thing: JsonValue, *keys: str) -> str:
    """Return the string at ``keys``; empty when there is none."""
    found = value(thing, *keys)
    return found if isinstance(found, str) else ""


def mapping(thing: JsonValue, *keys: str) -> JsonObject:
    """Return the object at ``keys``; empty when there is none."""
    found = value(thing, *keys)
    return found if isinstance(found, dict) else {}


def objects(thing: JsonValue, *keys: str) -> Iterator[JsonObject]:
    """Yield the objects of the list at ``keys``; nothing when there is no list."""
    found = value(thing, *keys)
    if isinstance(found, list):
        for item in found:
            if isinstance(item, dict):
                yield item


def condition(thing: JsonValue, kind: str) -> JsonObject:
    """Return the status condition of that type; empty when there is none."""
    for found in objects(thing, "status", "conditions"):
        if found.get("type") == kind:
            return found
    return {}

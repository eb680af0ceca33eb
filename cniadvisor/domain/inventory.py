"""What was read from a cluster, each read with its outcome: detection is a pure function of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
JsonObject: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The API answered; ``body`` is the list or object as it gave it (secrets redacted)."""

    body: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """404: the cluster has no such resource, which is a fact about the cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """401 or 403: unknown, not absent. ``right`` names what is missing, as ``verb resource``."""

    right: str
    status: int = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The read failed in another way (5xx, timeout, a page that broke): unknown as well."""

    reason: str
    status: int | None = None


Read: TypeAlias = Found | Absent | Forbidden | Failed

HOST_PREFIX = "host:"
"""Keys with this prefix hold files read from nodes: node name -> file name -> text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """API path (``/api/v1/nodes``) -> outcome of its read. A path that is missing was not asked."""

    reads: Mapping[str, Read] = field(default_factory=dict[str, Read])

    def read(self, path: str) -> Read | None:
        """Return the outcome of reading ``path``; None when it was never asked."""
        return self.reads.get(path)

    def items(self, path: str) -> tuple[JsonObject, ...]:
        """Return the objects of the list at ``path``; empty unless it was found."""
        read = self.reads.get(path)
        if not isinstance(read, Found):
            return ()
        listed = read.body.get("items")
        if not isinstance(listed, list):
            return ()
        return tuple(item for item in listed if isinstance(item, dict))

    def body(self, path: str) -> JsonObject | None:
        """Return the object at ``path``, or None unless it was found."""
        read = self.reads.get(path)
        return read.body if isinstance(read, Found) else None

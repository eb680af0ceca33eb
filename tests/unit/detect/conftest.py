"""Inventories for the tests of detection: recorded ones, and small ones written by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Inventory, Read

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"


def outcome(path: str, value: dict[str, Any]) -> Read:
    """Turn one entry of an inventory file into the outcome of its read."""
    status = value.get("status") if len(value) == 1 else None
    if isinstance(status, int):
        if status == 404:
            return Absent()
        if status in (401, 403):
            return Forbidden(right=f"list {path.rpartition('/')[2]}", status=status)
        return Failed(reason=f"HTTP {status}", status=status)
    return Found(body=value)


def inventory_of(content: dict[str, Any]) -> Inventory:
    """Build an inventory from the content of an inventory file."""
    return Inventory(reads={path: outcome(path, value) for path, value in content.items()})


def recorded_content(name: str) -> dict[str, Any]:
    """Return a recorded inventory as a dict that a test may change."""
    return json.loads((RECORDED / f"{name}.json").read_text())


@pytest.fixture
def recorded() -> Callable[[str], Inventory]:
    """Load a recorded inventory by name."""
    return lambda name: inventory_of(recorded_content(name))

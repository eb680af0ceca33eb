"""Recorded inventories to serve."""

import json
from pathlib import Path
from typing import Any


def load_inventory_file(path: Path) -> dict[str, Any]:
    """Return an inventory file's content; host files are no API and are left out."""
    content: dict[str, Any] = json.loads(path.read_text())
    return {key: value for key, value in content.items() if not key.startswith("host:")}

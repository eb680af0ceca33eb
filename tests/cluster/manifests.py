"""Upstream's manifests."""

from pathlib import Path
from typing import Any

import yaml


def read(file: Path) -> list[dict[str, Any]]:
    """The objects in a YAML file."""
    return [item for item in yaml.safe_load_all(file.read_text()) if item]


def one(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The object of this kind and name."""
    return next(o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name)

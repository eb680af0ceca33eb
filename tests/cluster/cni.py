"""What a CNI must bring to be one of the cluster's choices."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.api import Api


@dataclass(frozen=True)
class Cni:
    """A CNI: its images, its objects and how to tell that it works on this many nodes."""

    name: str
    archive: Callable[[], Path]
    objects: Callable[[], list[dict[str, Any]]]
    ready: Callable[[Api, int], bool]

"""Waiting for a condition with a deadline."""

import time
from collections.abc import Callable

from tests.cluster.errors import ClusterError


def until(condition: Callable[[], bool], seconds: float, what: str, every: float = 0.2) -> None:
    """Return as soon as the condition holds; a ClusterError names what did not happen in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ClusterError(f"not within {seconds:.0f} s: {what}")
        time.sleep(every)

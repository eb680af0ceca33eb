"""Which failures may pass by themselves, and trying again until they do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cniadvisor.domain.errors import (
    AccessError,
    ClusterError,
    CniAdvisorError,
    DeadlineError,
)
from cniadvisor.k8s.api_errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    RefusedError,
)

__all__ = ["AWAY_S", "may_pass", "persistently"]

AWAY_S = 15.0
"""For how long an API server that is away is asked again while a run's pods are opened."""

_FINAL = (AccessError, ConflictError, InvalidError, NotFoundError, RefusedError)
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 4.0

_T = TypeVar("_T")


def may_pass(error: CniAdvisorError) -> bool:
    """Whether asking again may help: the server was away or broken, not unwilling."""
    return isinstance(error, (ClusterError, DeadlineError)) and not isinstance(error, _FINAL)


async def persistently(action: Callable[[], Awaitable[_T]], *, for_s: float) -> _T:
    """Await ``action()`` again while its failure may pass; the last one is raised after ``for_s``.

    ``action`` must be safe to repeat.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + for_s
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return await action()
        except CniAdvisorError as error:
            if not may_pass(error) or clock() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)

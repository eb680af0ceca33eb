"""When an app has no more to do, so that a test may look at it.

For Textual's ``wait_for_idle``, which looks every 20 ms whether the process took next to no CPU: a
key costs 60 ms at the least, and a second while a chart moves or the machine is busy.
"""

import asyncio
from asyncio import BaseEventLoop
from collections.abc import Callable
from typing import Any

import pytest

_SOON_S = 0.02
"""Textual draws what has changed with the next of 60 frames a second."""

_in_threads: set["asyncio.Future[Any]"] = set()


def wait_for_nothing_else(patch: pytest.MonkeyPatch) -> None:
    """Let each pause, and each key, end as soon as the app has no more to do."""
    run_in_executor = BaseEventLoop.run_in_executor

    def remembered(
        loop: BaseEventLoop, executor: Any, work: Callable[..., Any], *arguments: Any
    ) -> "asyncio.Future[Any]":
        future = run_in_executor(loop, executor, work, *arguments)
        _in_threads.add(future)
        future.add_done_callback(_in_threads.discard)
        return future

    patch.setattr(BaseEventLoop, "run_in_executor", remembered)
    for place in ("textual.pilot", "textual.app"):
        patch.setattr(f"{place}.wait_for_idle", _no_more_to_do)


async def _no_more_to_do(_least_s: float = 0, longest_s: float = 1) -> None:
    """Return when nothing is ready, under way or due soon, or after ``longest_s``."""
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + longest_s
    idle_turns = 0
    while idle_turns < 2 and loop.time() < end:
        if _in_threads:
            await asyncio.wait(_in_threads, timeout=end - loop.time())
        await asyncio.sleep(_next_s(loop))
        idle_turns = 0 if loop._ready or _in_threads else idle_turns + 1


def _next_s(loop: Any) -> float:
    """Return the time until the next timer that is due soon, or 0."""
    due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=0.0)
    within_s = due - loop.time()
    return within_s if 0 < within_s < _SOON_S else 0.0

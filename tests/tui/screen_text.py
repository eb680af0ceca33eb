"""What an app shows, as plain text: for looking at in a test and for holding against a file kept.

The one place that touches Textual's compositor, which has no public way to ask for this.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from difflib import unified_diff
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip

SIZES = ((60, 18), (80, 24), (120, 40), (200, 60))
"""Columns and rows every screen is looked at in."""

_SNAPSHOTS = Path(__file__).parent / "snapshots"

_LONGEST_S = 100.0
_LOOK_AGAIN_S = 0.005
_STILL = 2


def screen_text(app: App[Any]) -> str:
    """Return the lines of the screen on top, without the spaces at their ends."""
    compositor: Any = app.screen._compositor  # pyright: ignore[reportPrivateUsage]
    strips: list[Strip] = compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips).rstrip("\n") + "\n"


def screen_colours(app: App[Any]) -> set[str]:
    """Return the colours of everything that is written on the screen on top."""
    compositor: Any = app.screen._compositor  # pyright: ignore[reportPrivateUsage]
    strips: list[list[Segment]] = compositor.render_strips()
    return {
        segment.style.color.name
        for strip in strips
        for segment in strip
        if segment.style is not None and segment.style.color is not None and segment.text.strip()
    }


def painted(app: App[Any]) -> list[tuple[str, Style]]:
    """Return what is on the screen, piece by piece, each with the colours it has there."""
    strips = app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
    return [(segment.text, segment.style or Style()) for strip in strips for segment in strip]


async def check_snapshot(name: str, pilot: Pilot[Any], *, patience_s: float = 20.0) -> None:
    """Hold the screen against ``snapshots/NAME-WIDTHxHEIGHT.txt`` once it stands still.

    A screen is drawn in several steps, and what a test waited for may stand there before the last
    one: a screen that differs is looked at again for ``patience_s`` seconds.
    CNIADVISOR_UPDATE_GOLDEN=1 keeps the new one.

    Raises:
        AssertionError: it stays different; the message shows how.
    """
    width, height = pilot.app.size
    place = _SNAPSHOTS / f"{name}-{width}x{height}.txt"
    text = await _still(pilot)
    if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    kept = place.read_text(encoding="utf-8") if place.exists() else ""
    give_up_at = time.monotonic() + patience_s
    while text != kept and time.monotonic() < give_up_at:
        text = await _still(pilot)
    difference = unified_diff(
        kept.splitlines(), text.splitlines(), place.name, "shown", lineterm=""
    )
    assert text == kept, "\n".join(difference)


async def _still(pilot: Pilot[Any]) -> str:
    """Return what the screen shows as soon as it shows the same for a while."""
    same = 0
    text = screen_text(pilot.app)
    while same < _STILL:
        await asyncio.sleep(_LOOK_AGAIN_S)
        await pilot.pause()
        now = screen_text(pilot.app)
        same = same + 1 if now == text else 0
        text = now
    return text


async def until(pilot: Pilot[Any], condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Let the app work until ``condition`` holds.

    Raises:
        AssertionError: it does not come true; the message shows the screen.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_S):
            await pilot.pause()
            while not await _holds(condition):
                await asyncio.sleep(_LOOK_AGAIN_S)
                await pilot.pause()
            return
    raise AssertionError(f"it did not come true; the screen shows:\n{screen_text(pilot.app)}")


async def _holds(condition: Callable[[], bool | Awaitable[bool]]) -> bool:
    holds = condition()
    return holds if isinstance(holds, bool) else await holds

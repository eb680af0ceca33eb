"""What an app shows, as plain text: for looking at in a test and for holding against a file kept.

The one place that touches Textual's compositor, which has no public way to ask for this.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
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

_LONGEST_S = 40.0
_LOOK_AGAIN_S = 0.005


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


def check_snapshot(name: str, app: App[Any]) -> None:
    """Hold the screen against ``snapshots/NAME-WIDTHxHEIGHT.txt``.

    CNIADVISOR_UPDATE_GOLDEN=1 keeps the new one.
    """
    width, height = app.size
    place = _SNAPSHOTS / f"{name}-{width}x{height}.txt"
    text = screen_text(app)
    if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    kept = place.read_text(encoding="utf-8") if place.exists() else ""
    assert text == kept


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

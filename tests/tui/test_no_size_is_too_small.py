"""Every screen and every dialog survives a terminal of any size, and is whole again afterwards."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.example_events import recorded_events
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import screen_text, until
from tests.tui.told_run import ToldRun

_ODD = ((1, 1), (2, 1), (3, 2), (7, 2), (10, 3), (39, 9), (1, 60), (250, 5))

_WAYS = {
    "overview": ((), "CNI"),
    "evidence": (("e",), "annotation"),
    "contexts": (("c",), "eu-prod-1"),
    "plan": (("2",), "Suite"),
    "suites": (("2", "enter"), "thorough"),
    "tests": (("2", "down", "enter"), "[x] "),
    "image": (("2", *["down"] * 4, "enter"), "empty: the one"),
    "start": (("2", "s"), "Not now"),
    "live": (("3",), "tcp-multi"),
    "cancel": (("3", "escape"), "Go on"),
    "results": (("4",), "2 reports"),
    "report": (("4", "enter"), "Report"),
    "export": (("4", "e"), "Markdown"),
    "compare": (("4", "space", "space", "c"), "Compare"),
    "advisor": (("6",), "Question"),
    "help": (("question_mark",), "Keys everywhere"),
    "commands": (("colon",), "Quit"),
}
"""A name -> the keys that lead there, and what tells that one has arrived."""


async def _nothing_is_read(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    await until(pilot, lambda: "Reading." not in screen_text(pilot.app))


@pytest.mark.parametrize("place", _WAYS)
async def test_no_size_is_too_small(place: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        keep(example_report(run_id=name), tmp_path)
    keys, arrived = _WAYS[place]
    run = ToldRun(recorded_events())
    run.tell(40)
    core = FakeCore(run=run if place in ("live", "cancel") else None, places=(tmp_path,))
    async with opened(core, size=(100, 60)) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        for key in keys:
            await pilot.press(key)
            await _nothing_is_read(pilot)
        await until(pilot, lambda: arrived in screen_text(pilot.app))
        for size in _ODD:
            await pilot.resize_terminal(*size)
            await pilot.press("pageup")
        await pilot.resize_terminal(100, 60)
        await until(pilot, lambda: arrived in screen_text(pilot.app))

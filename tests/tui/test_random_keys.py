"""Whoever leans on the keyboard gets no traceback: keys, sizes and events in an order nobody plans.

A failure names the seed, and the keys up to it.
"""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from cniadvisor.domain.errors import AccessError, UsageError
from cniadvisor.domain.events import BenchEvent
from cniadvisor.tui.keymap import KEYMAP
from cniadvisor.tui.runs import PlannedRun, RunHandle
from tests.tui.example_events import recorded_events
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import OVERVIEW, FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import screen_text
from tests.tui.told_run import ToldReplay, ToldRun

_STEPS = 60
_SIZES = ((30, 8), (60, 18), (80, 24), (120, 40), (200, 60), (20, 5), (80, 3))

_KEYS = sorted(
    {
        key
        for keys in KEYMAP.values()
        for one in keys
        for key in one.keys.split(",")
        if one.id != "app.quit"
    }
    - {"q"}
)
_WAYS = ["tab", *"123456", *["enter"] * 4, *["escape"] * 3]


class _Core(FakeCore):
    """Its runs and recordings have something to tell."""

    def start(self, planned: PlannedRun) -> RunHandle:
        super().start(planned)
        self.run = ToldRun(recorded_events())
        return self.run

    def replay(self, recording: Path | None, *, speed: float) -> ToldReplay:
        return ToldReplay(recorded_events())


def _told(run: RunHandle | None, events: Iterable[BenchEvent], *, ends: bool) -> None:
    if isinstance(run, ToldRun) and run.end is None:
        run.tell(20) if len(run.streams) == 1 else run.say(*events)
        if ends or run.cancelled:
            run.finish(cancelled=bool(run.cancelled))


@pytest.mark.parametrize("seed", range(3))
async def test_random_keys_end_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "written").mkdir()
    monkeypatch.chdir(tmp_path / "written")
    for name in ("a", "b"):
        keep(example_report(run_id=name), tmp_path)
    (tmp_path / "broken.toml").write_text("[")
    chance = random.Random(seed)
    core = _Core(
        places=(tmp_path,),
        recording=ToldReplay(),
        looks=[
            AccessError("no", hint="ask"),
            OVERVIEW,
            UsageError("none", hint="get one"),
            OVERVIEW,
        ],
    )
    pressed: list[str] = []
    try:
        async with opened(core, size=chance.choice(_SIZES)) as pilot:
            for _ in range(_STEPS):
                if chance.random() < 0.08:
                    await pilot.resize_terminal(*chance.choice(_SIZES))
                pressed.append(chance.choice(_KEYS + _WAYS * 2))
                await pilot.press(pressed[-1])
                _told(core.run, recorded_events()[:20], ends=chance.random() < 0.1)
                if not pilot.app.is_running:  # it was asked to leave, and agreed
                    break
            screen_text(pilot.app)
    except Exception as error:
        raise AssertionError(f"seed {seed} after {' '.join(pressed)}") from error

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.tui import screen_text as module
from tests.tui.screen_text import check_snapshot, screen_text, until


class TwoLines(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("first  ", markup=False)
        yield Static("[bold]数[/bold]", markup=False)


async def test_the_screen_is_told_line_by_line_without_spaces_at_the_end() -> None:
    async with TwoLines().run_test(size=(20, 4)) as pilot:
        assert screen_text(pilot.app) == "first\n[bold]数[/bold]\n"


async def test_a_snapshot_is_kept_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SNAPSHOTS", tmp_path)
    monkeypatch.delenv("CNIADVISOR_UPDATE_GOLDEN", raising=False)
    async with TwoLines().run_test(size=(20, 4)) as pilot:
        with pytest.raises(AssertionError):
            await check_snapshot("two", pilot, patience_s=0)
        monkeypatch.setenv("CNIADVISOR_UPDATE_GOLDEN", "1")
        await check_snapshot("two", pilot)
        monkeypatch.delenv("CNIADVISOR_UPDATE_GOLDEN")
        await check_snapshot("two", pilot)
    assert (tmp_path / "two-20x4.txt").read_text().startswith("first\n")


async def test_waiting_for_what_never_comes_shows_the_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LONGEST_S", 0.05)
    async with TwoLines().run_test(size=(20, 4)) as pilot:
        with pytest.raises(AssertionError, match="first"):
            await until(pilot, lambda: False)

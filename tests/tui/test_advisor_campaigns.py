"""What campaigns of reports found, shown in the Advisor on request."""

import asyncio
from pathlib import Path

import pytest

from cniadvisor.commands.profiles import known_catalogue
from tests.tui.example_reports import example_report
from tests.tui.fake_core import FakeCore
from tests.tui.screen_text import until
from tests.tui.test_advisor_screen import advisor, recommendation, shown
from tests.unit.advise.campaign import keep_campaign


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (path,) = keep_campaign(tmp_path, example_report())
    return path


@pytest.fixture
def core(tmp_path: Path, report: Path) -> FakeCore:
    return FakeCore(known_catalogue=known_catalogue(str(tmp_path)))


async def test_figures_are_shown_and_hidden(core: FakeCore) -> None:
    async with advisor(core, "v") as pilot:
        assert "Ours, by us" in recommendation(pilot)
        assert "A  flannel, vxlan" not in recommendation(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "A  flannel, vxlan" in recommendation(pilot))
        assert "95 % interval" in recommendation(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "A  flannel, vxlan" not in recommendation(pilot))


async def test_a_report_that_went_away_is_said(core: FakeCore, report: Path) -> None:
    await asyncio.to_thread(report.unlink)
    async with advisor(core, "v", "p") as pilot:
        await until(pilot, lambda: "no such file" in shown(pilot))
        assert "Conditions" in recommendation(pilot)  # the others are told all the same

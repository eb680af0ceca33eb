import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cniadvisor.domain.report import Report
from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.charts.chart import LineChart
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.export import ExportScreen
from cniadvisor.tui.screens.report import ReportScreen
from cniadvisor.tui.widgets.chart_view import ChartView
from tests.tui.example_reports import example_report, failed, keep
from tests.tui.fake_core import FakeCore
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until

FILE = Path("report.toml")


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A report that is kept in the working folder."""
    monkeypatch.chdir(tmp_path)
    made = example_report()
    keep(made, Path(), FILE.name)
    return made


@asynccontextmanager
async def opened(size: tuple[int, int] = (80, 24)) -> AsyncGenerator[Pilot[Any]]:
    app = CniAdvisorApp(FakeCore(), options=AppOptions())
    async with app.run_test(size=size) as pilot:
        app.push_screen(ReportScreen(FILE, options=AppOptions()))
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
        await until(pilot, lambda: "Reading." not in screen_text(app))
        yield pilot


def chart_title(pilot: Pilot[Any]) -> str:
    chart = pilot.app.screen.query_one(ChartView).chart
    return chart.title if chart is not None else ""


@pytest.mark.parametrize("size", SIZES)
async def test_a_test_of_the_report_at_every_size(report: Report, size: tuple[int, int]) -> None:
    async with opened(size) as pilot:
        await pilot.press("down", "space")
        await until(pilot, lambda: chart_title(pilot).startswith("TCP: goodput"))
        await check_snapshot("report", pilot)


async def test_it_begins_with_what_was_measured_where(report: Report) -> None:
    async with opened() as pilot:
        text = screen_text(pilot.app)
        assert "Run k7m2q, 2026-11-22T10:15:00Z" in text
        assert "Client node  worker-1" in text


async def test_down_to_the_seconds_of_a_trial(report: Report) -> None:
    async with opened() as pilot:
        await pilot.press("down", "space", "down")
        await until(pilot, lambda: chart_title(pilot) == "TCP on the host network, round 1")
        chart = pilot.app.screen.query_one(ChartView).chart
        assert isinstance(chart, LineChart)
        assert chart.lines[0].points == ((1.0, 9400.25), (2.0, 9420.25))
        assert "in 2 s" in screen_text(pilot.app)


async def test_every_part_can_be_walked_through(report: Report) -> None:
    async with opened((120, 40)) as pilot:
        for _ in range(30):
            await pilot.press("down")
        await until(pilot, lambda: "Namespace cniadvisor-k7m2q" in screen_text(pilot.app))
        assert "cniadvisor cleanup --run k7m2q" in screen_text(pilot.app)


async def test_a_failed_trial_says_why_and_markup_stays_text(report: Report) -> None:
    trial = replace(failed(3), failure="[bold]nobody[/] answers")
    keep(replace(report, trials=(trial, *report.trials[:1])), Path(), FILE.name)
    async with opened() as pilot:
        await pilot.press("down", "space", "down")
        await until(pilot, lambda: "[bold]nobody[/] answers" in screen_text(pilot.app))
        assert "round 3 pod: ✗ failed" in screen_text(pilot.app)


async def test_a_report_that_cannot_be_read_says_why(report: Report) -> None:
    await asyncio.to_thread(FILE.write_text, "schema_version = 1\n")
    async with opened() as pilot:
        await until(pilot, lambda: "! report.toml is not a valid report" in screen_text(pilot.app))
        await pilot.press("e", "z", "m")
        assert isinstance(pilot.app.screen, ReportScreen)


async def test_zoom_copy_and_export(report: Report) -> None:
    async with opened() as pilot:
        await pilot.press("down", "z")
        await until(pilot, lambda: "axis from zero" in screen_text(pilot.app))
        await pilot.press("y")
        assert pilot.app.clipboard == "cniadvisor show report.toml"
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))


async def test_help_is_about_the_report_and_not_about_the_screen_below(report: Report) -> None:
    async with opened((100, 60)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: pilot.app.screen.title == "Help")
        text = screen_text(pilot.app)
        assert "One report to walk through" in text
        assert "[report.zoom]" in text
        assert "[overview." not in text

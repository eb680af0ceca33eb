from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.charts.chart import LineChart
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.compare import CompareScreen
from cniadvisor.tui.widgets.chart_view import ChartView
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import FakeCore
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until

A, B, OTHER_KERNEL = Path("a.toml"), Path("b.toml"), Path("kernel.toml")


@pytest.fixture(autouse=True)
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two reports under like conditions, one on another kernel, in the working folder."""
    monkeypatch.chdir(tmp_path)
    keep(example_report(), Path(), A.name)
    keep(example_report("cilium", "geneve", run_id="c1", factor=1.04), Path(), B.name)
    keep(example_report("calico", None, kernel="6.1.0"), Path(), OTHER_KERNEL.name)


@asynccontextmanager
async def opened(
    *paths: Path, size: tuple[int, int] = (80, 24)
) -> AsyncGenerator[tuple[Pilot[Any], CompareScreen]]:
    app = CniAdvisorApp(FakeCore(), options=AppOptions(), begin="compare")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        if paths:
            screen.compare(paths)
        await until(pilot, lambda: not screen.state.reading)
        yield pilot, screen


def drawn(screen: CompareScreen) -> bool:
    chart = screen.query_one(ChartView)
    return isinstance(chart.chart, LineChart) and not chart.has_class("-absent")


def words(pilot: Pilot[Any]) -> str:
    return " ".join(screen_text(pilot.app).split())


@pytest.mark.parametrize("size", SIZES)
async def test_a_comparison_at_every_size(size: tuple[int, int]) -> None:
    async with opened(A, B, size=size) as (pilot, screen):
        await until(pilot, lambda: drawn(screen))
        await check_snapshot("compare", pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_question_at_every_size(size: tuple[int, int]) -> None:
    async with opened(A, OTHER_KERNEL, size=size) as (pilot, _):
        await until(pilot, lambda: "under like conditions" in words(pilot))
        await check_snapshot("compare-unlike", pilot)


async def test_nothing_chosen_says_how_to_choose() -> None:
    async with opened() as (pilot, _):
        assert "space marks a report" in words(pilot)
        await pilot.press("i", "w", "t", "z", "e", "y", "m")
        assert isinstance(pilot.app.screen, CompareScreen)


async def test_one_report_is_not_compared() -> None:
    async with opened(A) as (pilot, _):
        await until(pilot, lambda: "space marks a report" in words(pilot))


async def test_ratios_with_intervals_and_who_is_ahead() -> None:
    async with opened(A, B, size=(120, 60)) as (pilot, screen):
        await until(pilot, lambda: drawn(screen))
        told = words(pilot)
        assert "0.9362 to 0.9566" in told
        assert "B is ahead of A: the intervals lie more than 1 % apart." in told
        assert "as medians, 8.91 Gbit/s" not in told
        await pilot.press("w")
        await until(pilot, lambda: "as medians, 8.91 Gbit/s" in words(pilot))


async def test_nothing_is_ranked_inside_the_noise() -> None:
    async with opened(A, A, size=(120, 60)) as (pilot, screen):
        await until(pilot, lambda: drawn(screen))
        assert "No detectable difference between A and B." in words(pilot)
        assert "is ahead of" not in words(pilot)


async def test_unlike_conditions_are_named_and_asked_about() -> None:
    async with opened(A, OTHER_KERNEL) as (pilot, screen):
        await until(pilot, lambda: "kernel of the client node: A 6.12.48; B 6.1.0" in words(pilot))
        assert "ratio" not in words(pilot)
        await pilot.press("i")
        await until(pilot, lambda: drawn(screen))
        assert screen.state.insisted
        await pilot.press("y")
        assert pilot.app.clipboard == "cniadvisor compare --insist a.toml kernel.toml"


async def test_what_was_insisted_on_does_not_hold_for_other_reports() -> None:
    async with opened(A, OTHER_KERNEL) as (pilot, screen):
        await until(pilot, lambda: screen.state.asks)
        await pilot.press("i")
        screen.compare([B, OTHER_KERNEL])
        await until(pilot, lambda: screen.state.asks)


async def test_one_that_cannot_be_read_is_told_beside_the_others() -> None:
    async with opened(A, Path("gone.toml"), B) as (pilot, screen):
        await until(pilot, lambda: "cannot read the report gone.toml" in words(pilot))
        assert len(screen.state.paths) == 2


async def test_another_test_and_another_axis() -> None:
    async with opened(A, B) as (pilot, screen):
        await until(pilot, lambda: drawn(screen))
        await pilot.press("t")
        await until(pilot, lambda: "TCP with 4 streams: goodput" in words(pilot))
        await pilot.press("z")
        await until(pilot, lambda: "axis from zero" in words(pilot))
        await pilot.press("T", "T")
        await until(pilot, lambda: "[tcp-multi]" in words(pilot))

from dataclasses import replace
from typing import Any

import pytest
from textual.app import App, ComposeResult

from cniadvisor.tui.charts import plotext_adapter
from cniadvisor.tui.charts.chart import Bar, BarChart, Chart, Level, Line, LineChart
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.theme import THEMES, Meaning, css_variables
from cniadvisor.tui.widgets.chart_view import ChartView, next_marker
from tests.tui.screen_text import SIZES, check_snapshot, screen_colours, screen_text, until

CHART = LineChart(
    title="TCP on the pod network, round 1",
    unit="Mbit/s",
    lines=(
        Line(
            name="pod network",
            mark="P",
            meaning=Meaning.POD,
            points=tuple(
                (float(second), None if second in (4, 5) else 8900.0 + 30 * (second % 3))
                for second in range(1, 9)
            ),
        ),
    ),
    levels=(Level(name="host network, median", mark="H", meaning=Meaning.HOST, value=9410.0),),
    across_to=10.0,
)


class OneChart(App[None]):
    def __init__(self, chart: Chart | None) -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = "dark"
        self._chart = chart

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables()

    def compose(self) -> ComposeResult:
        yield ChartView(self._chart)


@pytest.mark.parametrize("size", SIZES)
async def test_a_chart_has_title_legend_picture_and_sentence(size: tuple[int, int]) -> None:
    async with OneChart(CHART).run_test(size=size) as pilot:
        await until(pilot, lambda: "┤" in screen_text(pilot.app))
        await check_snapshot("chart", pilot)


@pytest.mark.parametrize("size", [(30, 18), (80, 5), (20, 3), (1, 1)])
async def test_without_room_for_a_picture_there_is_the_sentence(size: tuple[int, int]) -> None:
    async with OneChart(CHART).run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(pilot.app)
        assert "┤" not in text
        if size[0] > 10:
            assert "pod network" in text


def drawings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    real = plotext_adapter.draw

    def counted(chart: Chart, **how: Any) -> str:
        seen.append((how["width"], how["height"]))
        return real(chart, **how)

    monkeypatch.setattr(plotext_adapter, "draw", counted)
    return seen


async def test_it_is_drawn_for_new_figures_or_another_size_and_else_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = drawings(monkeypatch)
    async with OneChart(CHART).run_test(size=(80, 24)) as pilot:
        view = pilot.app.query_one(ChartView)
        await until(pilot, lambda: len(seen) > 0)
        assert len(seen) == 1
        view.chart = replace(CHART)
        view.refresh()
        await pilot.pause()
        assert len(seen) == 1
        view.chart = replace(CHART, across_to=20.0)
        await pilot.pause()
        assert len(seen) == 2
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert len(set(seen)) == 2


async def test_another_theme_or_marker_draws_it_anew() -> None:
    async with OneChart(CHART).run_test(size=(80, 24)) as pilot:
        view = pilot.app.query_one(ChartView)
        colours = screen_colours(pilot.app)
        pilot.app.theme = "light"
        await pilot.pause()
        assert screen_colours(pilot.app) != colours
        view.marker = ChartMarker.ASCII
        await pilot.pause()
        assert "┤" not in screen_text(pilot.app)


async def test_names_are_never_markup() -> None:
    evil = LineChart(
        title="[bold]title[/bold] [",
        unit="us",
        lines=(Line(name="[red]a[/x", meaning=Meaning.POD, points=((0.0, 1.0), (1.0, 2.0))),),
    )
    async with OneChart(evil).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "┤" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "[bold]title[/bold] [" in text
        assert "A [red]a[/x" in text
        pilot.app.query_one(ChartView).chart = BarChart(
            title="b", unit="m", bars=(Bar(name="[b]", meaning=Meaning.CPU, value=1.0),)
        )
        await pilot.pause()
        assert "[b] █" in screen_text(pilot.app)


async def test_no_chart_shows_nothing_and_breaks_nothing() -> None:
    async with OneChart(None).run_test(size=(80, 24)) as pilot:
        assert screen_text(pilot.app).strip() == ""
        pilot.app.query_one(ChartView).chart = LineChart(title="t", unit="us")
        await pilot.pause()
        assert "No figures yet." in screen_text(pilot.app)


def test_markers_go_round() -> None:
    marker = ChartMarker.BRAILLE
    seen = [marker := next_marker(marker) for _ in ChartMarker]
    assert seen == [ChartMarker.BLOCK, ChartMarker.ASCII, ChartMarker.BRAILLE]

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.charts.chart import BarChart, DistributionChart, LineChart
from cniadvisor.tui.core import ReferenceReports
from cniadvisor.tui.options import AppOptions, ChartMarker
from cniadvisor.tui.results import reading
from cniadvisor.tui.results.listing import Order
from cniadvisor.tui.results.reading import listed_in_batches
from cniadvisor.tui.results.state import PageState
from cniadvisor.tui.results.topics import Resource, View
from cniadvisor.tui.screens import results
from cniadvisor.tui.screens.compare import CompareScreen
from cniadvisor.tui.screens.report import ReportScreen
from cniadvisor.tui.screens.results import ResultsScreen
from cniadvisor.tui.widgets.chart_view import ChartView
from cniadvisor.tui.widgets.filter_input import FilterInput
from cniadvisor.tui.widgets.report_list import ReportList
from cniadvisor.tui.widgets.tab_row import TabRow
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import FakeCore
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until

CALICO, CILIUM = "2026-11-24T101500Z-c2.toml", "2026-11-23T101500Z-c1.toml"

Tried = AbstractAsyncContextManager[tuple[Pilot[Any], ResultsScreen]]
Open = Callable[..., Tried]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of reports, as the working folder sees it."""
    monkeypatch.chdir(tmp_path)
    place = Path("reports")
    place.mkdir()
    return place


@pytest.fixture
def three(folder: Path) -> Path:
    """Flannel and cilium under like conditions, calico on another kernel."""
    keep(example_report(), folder)
    keep(
        example_report(
            "cilium", "geneve", run_id="c1", started_at="2026-11-23T10:15:00Z", factor=1.04
        ),
        folder,
    )
    keep(
        example_report(
            "calico", None, run_id="c2", started_at="2026-11-24T10:15:00Z", kernel="6.1.0"
        ),
        folder,
    )
    return folder


def opened(
    place: Path,
    *,
    size: tuple[int, int] = (80, 24),
    references: tuple[ReferenceReports, ...] | UsageError = (),
) -> Tried:
    @asynccontextmanager
    async def go() -> AsyncGenerator[tuple[Pilot[Any], ResultsScreen]]:
        core = FakeCore(places=(place,), known_references=references)
        app = CniAdvisorApp(core, options=AppOptions(), begin="results")
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: isinstance(app.screen, ResultsScreen))
            screen = app.screen
            assert isinstance(screen, ResultsScreen)
            await until(pilot, lambda: not screen.listing.reading)
            yield pilot, screen

    return go()


def chart_of(screen: ResultsScreen) -> object:
    return screen.query_one(ChartView).chart


def drawn(screen: ResultsScreen, title: str, lines: int) -> Callable[[], bool]:
    def check() -> bool:
        chart = chart_of(screen)
        return (
            isinstance(chart, LineChart)
            and chart.title.startswith(title)
            and len(chart.lines) == lines
        )

    return check


@pytest.mark.parametrize("size", SIZES)
async def test_the_explorer_at_every_size(three: Path, size: tuple[int, int]) -> None:
    (three / "broken.toml").write_text("schema_version = [")
    async with opened(three, size=size) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        await check_snapshot("results", pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_several_reports_at_every_size(three: Path, size: tuple[int, int]) -> None:
    async with opened(three, size=size) as (pilot, screen):
        await pilot.press("down", "space", "space")
        await until(pilot, drawn(screen, "TCP: goodput", 3))
        await check_snapshot("results-several", pilot)


async def test_the_cursor_chooses_what_is_drawn(three: Path) -> None:
    async with opened(three) as (pilot, _):
        await until(pilot, lambda: "94.6 %" in screen_text(pilot.app))
        await pilot.press("down")
        await until(pilot, lambda: "98.4 %" in screen_text(pilot.app))


async def test_marked_reports_are_drawn_together_with_one_baseline_if_alike(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await pilot.press("down", "space", "space")
        await until(pilot, drawn(screen, "TCP: goodput", 3))
        assert "B is ahead of A" not in screen_text(pilot.app)
        assert "A is ahead of B" in screen_text(pilot.app)
        await pilot.press("up", "space")
        await until(pilot, lambda: len(screen.listing.marked) == 1)


async def test_unlike_reports_are_drawn_beside_their_own_baselines(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await pilot.press("space", "space")
        await until(pilot, drawn(screen, "TCP: goodput", 4))
        text = " ".join(screen_text(pilot.app).split())
        assert "Not measured under like conditions (kernel of the client node" in text
        assert "is ahead of" not in text


# -- references


def campaign(folder: Path) -> ReferenceReports:
    """Four reports under like conditions, newer than any of the user's."""
    folder.mkdir()
    kinds = (
        ("flannel", "vxlan"),
        ("flannel", "host-gw"),
        ("cilium", "vxlan"),
        ("cilium", "native"),
    )
    return ReferenceReports(
        label="Reference, not yours: four on one machine",
        paths=tuple(
            keep(
                example_report(cni, mode, run_id=f"r{n}", started_at=f"2027-01-0{n}T10:15:00Z"),
                folder,
            )
            for n, (cni, mode) in enumerate(kinds, start=1)
        ),
    )


async def test_references_stand_below_the_users_own_under_their_name(three: Path) -> None:
    async with opened(three, references=(campaign(three / "ours"),)) as (pilot, screen):
        rows = screen.query_one(ReportList).rows()
        assert [row[2] for row in rows] == [
            *("calico", "cilium geneve", "flannel vxlan"),
            *("cilium native", "cilium vxlan", "flannel host-gw", "flannel vxlan"),
        ]
        shown = screen_text(pilot.app)
        assert "3 reports and 4 for reference, newest first" in shown
        assert shown.count("Reference, not yours: four on one machine") == 1
        await pilot.press("s")  # whatever the order
        assert next(row[2] for row in screen.query_one(ReportList).rows()) == "calico"
        assert {entry.group for entry in screen.listing.shown[:3]} == {""}


async def test_a_campaign_is_one_chart_with_a_line_for_each_cni_and_one_baseline(
    three: Path,
) -> None:
    async with opened(three, references=(campaign(three / "ours"),)) as (pilot, screen):
        await pilot.press("down", "down", "down", *["space"] * 4)
        await until(pilot, drawn(screen, "TCP", 5))
        chart = chart_of(screen)
        assert isinstance(chart, LineChart)
        assert [line.name for line in chart.lines] == [
            *("cilium native", "cilium vxlan", "flannel host-gw", "flannel vxlan"),
            "host network, median of all reports",
        ]
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))


async def test_the_name_of_a_group_is_no_row(three: Path) -> None:
    async with opened(three, references=(campaign(three / "ours"),)) as (pilot, screen):
        reports = screen.query_one(ReportList)
        await pilot.click(ReportList, offset=(5, 4))  # header, three rows, then the name
        assert reports.cursor == 0
        await pilot.click(ReportList, offset=(5, 5))
        assert reports.current is not None
        assert reports.current.cni == "cilium"
        assert reports.current.group


async def test_the_name_of_a_group_is_seen_with_its_first_row(folder: Path) -> None:
    async with opened(folder, size=(80, 12), references=(campaign(folder / "ours"),)) as (
        pilot,
        screen,
    ):
        name = "Reference, not yours"
        assert name in screen_text(pilot.app)
        await pilot.press("end")
        reports = screen.query_one(ReportList)
        await until(pilot, lambda: reports.cursor == 3)
        await pilot.press("home")
        await until(pilot, lambda: name in screen_text(pilot.app))


async def test_references_that_cannot_be_read_leave_the_users_own(three: Path) -> None:
    wrong = UsageError("mine.toml, line 3: title is missing", hint="write one")
    async with opened(three, references=wrong) as (pilot, screen):
        assert len(screen.listing.every) == 3
        await until(pilot, lambda: "title is missing" in screen_text(pilot.app))


async def test_tabs_and_views_by_key(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        await pilot.press("v")
        await until(pilot, lambda: "share of the baseline, 2 of 3" in screen_text(pilot.app))
        await pilot.press("v")
        await until(pilot, lambda: isinstance(chart_of(screen), DistributionChart))
        await pilot.press("t", "t")
        await until(pilot, lambda: isinstance(chart_of(screen), BarChart))
        assert screen.paging.topic is Resource.CPU
        assert "bars from zero" in screen_text(pilot.app)
        await pilot.press("T", "T")
        assert (screen.paging.topic, screen.paging.view) == (TestName.TCP, View.LOADS) or (
            screen.paging.view is View.ROUNDS
        )


async def test_tabs_by_mouse(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        assert await pilot.click("#topics", offset=(9, 0))
        await until(pilot, drawn(screen, "TCP with 4 streams", 2))


async def test_the_axis_begins_where_it_says(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        await pilot.press("z")
        await until(pilot, lambda: "axis from zero" in screen_text(pilot.app))
        chart = chart_of(screen)
        assert isinstance(chart, LineChart)
        assert chart.from_zero


async def test_another_marker(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        await pilot.press("m", "m")
        assert screen.query_one(ChartView).marker is ChartMarker.ASCII


async def test_the_filter_narrows_and_escape_lists_everything_again(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await pilot.press("slash", *"cilium")
        await until(pilot, lambda: len(screen.listing.shown) == 1)
        assert "1 of 3 reports" in screen_text(pilot.app)
        await pilot.press("enter")
        assert isinstance(pilot.app.focused, ReportList)
        assert screen.query_one(FilterInput).display
        await pilot.press("slash", "escape")
        await until(pilot, lambda: len(screen.listing.shown) == 3)
        assert not screen.query_one(FilterInput).display
        assert isinstance(pilot.app.screen, ResultsScreen)


async def test_a_filter_that_finds_nothing_says_so(three: Path) -> None:
    async with opened(three) as (pilot, _):
        await pilot.press("slash", *"xyzzy")
        await until(pilot, lambda: "No report has these words." in screen_text(pilot.app))


async def test_the_cursor_stays_on_its_report_when_the_order_changes(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        reports = screen.query_one(ReportList)
        assert reports.current is not None
        assert reports.current.cni == "calico"
        await pilot.press("down", "s", "s")
        await until(pilot, lambda: screen.listing.order is Order.CONTEXT)
        assert reports.current.cni == "cilium"


async def test_no_reports_says_where_was_looked_and_how_to_get_one(folder: Path) -> None:
    async with opened(folder) as (pilot, _):
        await until(pilot, lambda: "There are no reports in reports." in screen_text(pilot.app))
        assert "cniadvisor bench" in screen_text(pilot.app)
        await pilot.press("t", "v", "z", "e", "y", "c", "enter", "space", "m")
        assert isinstance(pilot.app.screen, ResultsScreen)
        await check_snapshot("results-none", pilot)


async def test_a_broken_report_says_why(folder: Path) -> None:
    (folder / "broken.toml").write_text("schema_version = [")
    async with opened(folder) as (pilot, _):
        await until(pilot, lambda: "! reports/broken.toml is not TOML" in screen_text(pilot.app))
        assert "✗ can't be read" in screen_text(pilot.app)


async def test_a_pipe_says_why_and_is_not_waited_for(folder: Path) -> None:
    pipe = folder / "pipe.toml"
    os.mkfifo(pipe)
    try:
        async with opened(folder) as (pilot, _):
            await until(pilot, lambda: "is not a regular file" in screen_text(pilot.app))
    finally:
        with suppress(OSError):  # nobody waits at its other end
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))


async def test_a_report_that_is_whole_only_at_its_head_says_why(three: Path) -> None:
    torn = three / CALICO
    torn.write_text(torn.read_text()[:-300] + "nonsense")
    async with opened(three) as (pilot, _):
        await until(pilot, lambda: "is not TOML" in screen_text(pilot.app))
        assert "nonsense" not in screen_text(pilot.app)


async def test_a_report_deleted_while_it_is_listed_says_so_and_goes(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        (three / CILIUM).unlink()
        await pilot.press("down")
        await until(pilot, lambda: "no such file" in screen_text(pilot.app))
        await pilot.press("r")
        await until(pilot, lambda: len(screen.listing.every) == 2 and not screen.listing.reading)


async def test_a_report_that_is_read_while_the_screen_is_taken_down_is_no_fault(
    three: Path,
) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        await screen.query_one(TabRow).remove()
        screen.paging = PageState(view=screen.paging.view, from_zero=screen.paging.from_zero)


async def test_a_folder_that_may_not_be_listed_says_so(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    async with opened(three) as (pilot, screen):
        assert "1 can't be read" in screen_text(pilot.app)
        assert "permission denied" in screen.listing.every[0].problem


async def test_names_that_look_like_markup_are_shown_as_they_are(folder: Path) -> None:
    report = example_report("[bold]x[/]", "[@click=app.exit]", context="[red]生産クラスタ")
    keep(report, folder, "[blink]x.toml")
    async with opened(folder, size=(200, 60)) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        text = screen_text(pilot.app)
        assert "[bold]x[/] [@click=app.exit" in text
        assert list(screen.query_one(ReportList).rows()[0][-2:]) == [
            "[red]生産クラスタ",
            "[blink]x.toml",
        ]


async def test_five_hundred_reports_fill_the_list_while_they_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_S", 0.03)  # quick machines read them in two batches
    text = keep(example_report(), folder, "first.toml").read_text()
    for number in range(499):
        (folder / f"{number:03}.toml").write_text(text)
    (folder / "zzz.toml").write_text("no report = at all = ")
    filled: list[int] = []
    app = CniAdvisorApp(FakeCore(places=(folder,)), options=AppOptions(), begin="results")

    async def watched(places: Sequence[Path], *, group: str = "") -> AsyncIterator[object]:
        async for batch in listed_in_batches(places, group=group):
            yield batch
            assert isinstance(app.screen, ResultsScreen)
            filled.append(len(app.screen.listing.every))  # when it asks for the next batch

    monkeypatch.setattr(results, "listed_in_batches", watched)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ResultsScreen))
        screen = app.screen
        assert isinstance(screen, ResultsScreen)
        await until(pilot, lambda: not screen.listing.reading)
        assert screen.query_one(ReportList).virtual_size.height == 502
        assert filled[-1] == 501
        assert 0 < filled[0] < 501, "it fills while it reads"
        assert filled == sorted(filled)
        heading = screen.query_one("#heading", Static)
        assert str(heading.render()) == "501 reports, newest first; 1 can't be read"


async def test_enter_walks_through_the_report_and_escape_comes_back(three: Path) -> None:
    async with opened(three) as (pilot, _):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReportScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ResultsScreen))


async def test_marked_reports_go_to_the_comparison(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await pilot.press("c")
        assert isinstance(pilot.app.screen, ResultsScreen), "nothing is marked"
        await pilot.press("down", "space", "space", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await until(pilot, lambda: "Compared by the ratio" in screen_text(pilot.app))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)


async def test_the_command_that_tells_the_same(three: Path) -> None:
    async with opened(three) as (pilot, screen):
        await until(pilot, drawn(screen, "TCP: goodput", 2))
        await pilot.press("y")
        assert pilot.app.clipboard.startswith("cniadvisor show reports/2026-11-24")
        await pilot.press("space", "space")
        await until(pilot, drawn(screen, "TCP: goodput", 4))
        await pilot.press("y")
        assert pilot.app.clipboard.startswith("cniadvisor compare reports/2026-11-24")

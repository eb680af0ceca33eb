"""Results: every report there is, and charts of those that are looked at."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input, Static

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.report.library import Entry
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.core import Core, ReferenceReports
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.messages import CompareReports
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.results.listing import cells, heading
from cniadvisor.tui.results.reading import ReadReports, listed_in_batches, read_reports
from cniadvisor.tui.results.state import ListState, PageState
from cniadvisor.tui.results.subjects import Subjects, subjects_of
from cniadvisor.tui.results.topics import topic_words, topics_of
from cniadvisor.tui.runs import RunHandle
from cniadvisor.tui.telling import copy_command, tell_error
from cniadvisor.tui.widgets.chart_view import ChartView, next_marker
from cniadvisor.tui.widgets.filter_input import FilterInput
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.report_list import ReportList
from cniadvisor.tui.widgets.tab_row import TabRow
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import Wrapped
from cniadvisor.wording.report_commands import compare_command, show_command
from cniadvisor.wording.results import nothing_found_lines, problem_lines

_SETTLES_S = 0.1
"""A cursor that runs down the list reads no report before it stays."""


class ResultsScreen(Screen[None]):
    """Show the reports of the core's places.

    Args:
        core: the product.
        options: how charts and marks shall look.
    """

    TITLE = "Results"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("results")]
    CSS_PATH = "results.tcss"
    AUTO_FOCUS = "ReportList"

    listing: reactive[ListState] = reactive(ListState(), init=False)
    paging: reactive[PageState] = reactive(PageState(), init=False)

    def __init__(self, core: Core, *, options: AppOptions) -> None:
        super().__init__()
        self._core = core
        self._options = options
        self._asked: tuple[Path, ...] = ()
        self._read = ReadReports(paths=(), reports=(), problems=())
        self._subjects: Subjects | None = None
        self._known: RunHandle | None = None

    def compose(self) -> ComposeResult:
        """Yield header, list, detail and footer."""
        yield TopBar()
        with Container(id="halves"):
            with Vertical(id="index"):
                yield Static(id="heading", markup=False)
                yield FilterInput(
                    id="wanted", placeholder="words, cni:flannel, outcome:partial, !not-this"
                )
                yield ReportList(id="list")
            with Vertical(id="detail"):
                yield TabRow(id="topics")
                yield Static(id="view", markup=False, classes="muted")
                yield Wrapped(id="verdict")
                with VerticalScroll(id="page"):
                    yield ChartView(
                        id="chart", marker=self._options.chart_marker, classes="-absent"
                    )
                    yield Wrapped(id="words")
        yield KeyBar()

    def on_mount(self) -> None:
        """Look for reports."""
        self.action_refresh()

    def on_screen_resume(self) -> None:
        """List what a run has left meanwhile, and look at it."""
        run = self._core.run
        if run is None or run.end is None or run is self._known:
            return
        self._known = run
        if run.end.reports:
            self.query_one(ReportList).go_to(run.end.reports[0])
            self.action_refresh()

    # -- what is drawn when something changes

    def watch_listing(self, listing: ListState) -> None:
        """Draw the list."""
        shown = listing.shown
        told = heading(
            shown,
            listing.every,
            order=listing.order,
            wanted=listing.wanted,
            reading=listing.reading,
        )
        self.query_one("#heading", Static).update(Content(told))
        symbols = self._options.symbols
        self.query_one(ReportList).show(
            shown,
            lambda entry: cells(entry, letter=listing.letter(entry), symbols=symbols),
        )
        self._look_at_current()

    def watch_paging(self, paging: PageState) -> None:
        """Draw tabs and the line above the chart, then the page."""
        try:
            tabs, view = self.query_one(TabRow), self.query_one("#view", Static)
        except NoMatches:  # the app ends, and the screen is being taken down
            return
        chosen = paging.topics.index(paging.topic) if paging.topic is not None else None
        tabs.show([topic_words(topic) for topic in paging.topics], chosen)
        view.update(Content(paging.words))
        self._draw_page()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "compare":
                return len(self.listing.marked) > 1 or None
            case "next_topic" | "previous_topic" | "view" | "zoom" | "export":
                return self._subjects is not None
            case _:
                return True

    # -- what the keys do

    @work(exclusive=True, group="library")
    async def action_refresh(self) -> None:
        """Look for reports again."""
        found: tuple[Entry, ...] = ()
        self._asked = ()
        self.listing = replace(self.listing, every=(), reading=True)
        async for batch in listed_in_batches(self._core.report_places()):
            found += batch
            self.listing = replace(self.listing, every=found)
        for group in await self._references():
            async for batch in listed_in_batches(group.paths, group=group.label):
                found += batch
                self.listing = replace(self.listing, every=found)
        there = {entry.path for entry in found if not entry.problem}
        marked = tuple(path for path in self.listing.marked if path in there)
        self.listing = replace(self.listing, marked=marked, reading=False)

    def action_filter(self) -> None:
        """Type words to narrow the list."""
        self.query_one(FilterInput).open()

    def action_sort(self) -> None:
        """Put the list into another order."""
        self.listing = replace(self.listing, order=self.listing.order.next)

    def action_mark(self) -> None:
        """Mark the report under the cursor, and go on to the next."""
        reports = self.query_one(ReportList)
        if reports.current is not None:
            self.listing = self.listing.with_mark_turned(reports.current)
            reports.action_move(1)

    def action_open(self) -> None:
        """Walk through the report under the cursor."""
        from cniadvisor.tui.screens.report import ReportScreen

        current = self.query_one(ReportList).current
        if current is not None:
            app_of(self).push_screen(ReportScreen(current.path, options=self._options))

    def action_compare(self) -> None:
        """Set the marked reports side by side."""
        self.post_message(CompareReports(self.listing.marked))

    def action_topic(self, place: int) -> None:
        """Show a tab."""
        self.paging = self.paging.on_topic(place)

    def action_next_topic(self) -> None:
        """Show the next tab."""
        self.paging = self.paging.moved(1)

    def action_previous_topic(self) -> None:
        """Show the tab before."""
        self.paging = self.paging.moved(-1)

    def action_view(self) -> None:
        """Show the next chart of this tab."""
        self.paging = self.paging.on_next_view()

    def action_zoom(self) -> None:
        """Begin the axis at zero, or not."""
        self.paging = replace(self.paging, from_zero=not self.paging.from_zero)

    def action_marker(self) -> None:
        """Draw with other characters."""
        chart = self.query_one(ChartView)
        chart.marker = next_marker(chart.marker)

    def action_export(self) -> None:
        """Write what is shown to a file."""
        from cniadvisor.tui.screens.export import ask_export

        if self._read.reports:
            ask_export(self, self._read.reports, self._read.paths)

    def action_copy(self) -> None:
        """Copy the command that tells the same."""
        if len(self._asked) > 1:
            copy_command(self, compare_command(self._asked))
        elif self._asked:
            copy_command(self, show_command(self._asked[0]))

    # -- how it learns

    async def _references(self) -> tuple[ReferenceReports, ...]:
        try:
            return await self._core.references()
        except CniAdvisorError as error:
            tell_error(self, error)
            return ()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self.listing = replace(self.listing, wanted=event.value)

    @on(FilterInput.Left)
    def _leave_filter(self) -> None:
        self.query_one(ReportList).focus()

    @on(ReportList.Moved)
    def _look_at_current(self) -> None:
        wanted = self.listing.looked_at(self.query_one(ReportList).current)
        paths = tuple(entry.path for entry in wanted)
        if paths != self._asked or not paths:
            self._asked = paths
            self._read_reports(wanted)

    @on(ReportList.Chosen)
    def _selected(self) -> None:
        self.action_open()

    @work(exclusive=True, group="detail")
    async def _read_reports(self, wanted: Sequence[Entry]) -> None:
        if not wanted:
            self._say_nothing_is_there()
            return
        await asyncio.sleep(_SETTLES_S)
        read = await asyncio.to_thread(read_reports, [entry.path for entry in wanted])
        self._read = read
        self._subjects = subjects_of(read.reports) if read.reports else None
        before = self.paging
        self.paging = self.paging.of(topics_of(read.reports))
        if before == self.paging:
            self._draw_page()
        self.refresh_bindings()

    def _say_nothing_is_there(self) -> None:
        self._read = ReadReports(paths=(), reports=(), problems=())
        self._subjects = None
        self.paging = PageState(view=self.paging.view, from_zero=self.paging.from_zero)
        self._draw_page()

    @work(exclusive=True, group="page")
    async def _draw_page(self) -> None:
        try:
            chart, words = self.query_one(ChartView), self.query_one("#words", Wrapped)
            verdict = self.query_one("#verdict", Wrapped)
        except NoMatches:  # the app ends, and the screen is being taken down
            return
        subjects, paging = self._subjects, self.paging
        if subjects is None or paging.topic is None:
            chart.add_class("-absent")
            verdict.show(lambda _: "")
            words.show(partial(self._why_nothing, self._read))
            return
        # pandas and what it works out take longer than a frame.
        from cniadvisor.tui.results.pages import page

        made = await asyncio.to_thread(
            page, subjects, paging.topic, paging.view, from_zero=paging.from_zero
        )
        problems = self._read.problems
        chart.remove_class("-absent")
        chart.set_class(bool(made.verdict(80)), "-judged")
        chart.chart = made.chart
        verdict.show(made.verdict)
        words.show(
            lambda width: "\n".join([*problem_lines(problems, width=width), made.text_for(width)])
        )

    def _why_nothing(self, read: ReadReports, width: int) -> str:
        if read.problems:
            return "\n".join(problem_lines(read.problems, width=width))
        listing = self.listing
        if listing.reading or listing.every:
            return "Reading." if listing.shown or listing.reading else "No report has these words."
        return "\n".join(nothing_found_lines(self._core.report_places(), width=width))

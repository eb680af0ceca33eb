"""Compare: reports side by side, by the ratio of each to its own baseline."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.report.whole_file import shown
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.results.comparison import (
    ComparisonState,
    rest_text,
    verdict_text,
    whole_text,
)
from cniadvisor.tui.results.reading import read_reports
from cniadvisor.tui.results.state import axis_words
from cniadvisor.tui.results.subjects import subjects_of
from cniadvisor.tui.results.topics import topic_words
from cniadvisor.tui.telling import copy_command
from cniadvisor.tui.widgets.chart_view import ChartView, next_marker
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.tab_row import TabRow
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import Wrapped
from cniadvisor.wording.report_commands import compare_command
from cniadvisor.wording.subject import LETTERS


class CompareScreen(Screen[None]):
    """Show two or more reports side by side, after a question if they are not alike.

    Until :meth:`compare` is told which, it says how to choose them.

    Args:
        options: how charts and marks shall look.
    """

    TITLE = "Compare"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]
    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = "VerticalScroll"

    state: reactive[ComparisonState] = reactive(ComparisonState(), init=False)

    def __init__(self, *, options: AppOptions) -> None:
        super().__init__()
        self._options = options

    def compose(self) -> ComposeResult:
        """Yield header, chart, words and footer."""
        yield TopBar()
        yield TabRow(id="topics")
        with VerticalScroll(id="page"):
            yield Wrapped(id="verdict")
            yield Static(id="axis", classes="muted", markup=False)
            yield ChartView(id="chart", marker=self._options.chart_marker, classes="-absent")
            yield Wrapped(id="words")
        yield KeyBar()

    def on_mount(self) -> None:
        """Say how to choose reports."""
        self.watch_state(self.state)

    def compare(self, paths: Sequence[Path]) -> None:
        """Compare these reports; what was insisted on for others does not hold for them."""
        self.state = ComparisonState(reading=True, raw=self.state.raw)
        self._read(tuple(paths[: len(LETTERS)]))

    def watch_state(self, state: ComparisonState) -> None:
        """Draw."""
        tests = state.tests if state.compared is not None else ()
        chosen = state.shown_test
        self.query_one(TabRow).show(
            [topic_words(test) for test in tests],
            tests.index(chosen) if chosen in tests else None,
        )
        axis = self.query_one("#axis", Static)
        axis.update(Content(f"Chart: {axis_words(from_zero=state.from_zero)}."))
        axis.set_class(not tests, "-absent")
        self.query_one("#verdict", Wrapped).show(partial(verdict_text, state))
        self.query_one("#words", Wrapped).show(partial(rest_text, state))
        self._draw(state)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "insist":
                return self.state.comparable and self.state.asks
            case "raw" | "next_topic" | "previous_topic" | "zoom" | "export":
                return self.state.compared is not None
            case "copy":
                return self.state.comparable
            case _:
                return True

    # -- what the keys do

    def action_insist(self) -> None:
        """Compare all the same."""
        self.state = replace(self.state, insisted=True)

    def action_raw(self) -> None:
        """Tell medians, or not."""
        self.state = replace(self.state, raw=not self.state.raw)

    def action_topic(self, place: int) -> None:
        """Show a test's chart."""
        self.state = replace(self.state, test=self.state.tests[place])

    def action_next_topic(self) -> None:
        """Show the next test's chart."""
        self.state = self.state.moved(1)

    def action_previous_topic(self) -> None:
        """Show the chart of the test before."""
        self.state = self.state.moved(-1)

    def action_zoom(self) -> None:
        """Begin the axis at zero, or not."""
        self.state = replace(self.state, from_zero=not self.state.from_zero)

    def action_marker(self) -> None:
        """Draw with other characters."""
        chart = self.query_one(ChartView)
        chart.marker = next_marker(chart.marker)

    def action_export(self) -> None:
        """Write the comparison to a file."""
        from cniadvisor.tui.screens.export import ask_export

        compared = self.state.compared
        if compared is not None:
            words = whole_text(self.state)
            ask_export(self, compared.reports, self.state.paths, words=words)

    def action_copy(self) -> None:
        """Copy the command that compares them."""
        state = self.state
        insist = state.subjects is not None and bool(state.subjects.unlike) and state.insisted
        copy_command(self, compare_command(state.paths, insist=insist, raw=state.raw))

    # -- how it learns

    @work(exclusive=True, group="reading")
    async def _read(self, paths: tuple[Path, ...]) -> None:
        read = await asyncio.to_thread(read_reports, paths)
        self.state = replace(
            self.state,
            reading=False,
            subjects=subjects_of(read.reports) if read.reports else None,
            names=tuple(shown(path) for path in read.paths),
            paths=read.paths,
            problems=read.problems,
        )

    @work(exclusive=True, group="page")
    async def _draw(self, state: ComparisonState) -> None:
        chart = self.query_one(ChartView)
        compared, test = state.compared, state.shown_test
        if compared is None or test is None:
            chart.add_class("-absent")
            return
        from cniadvisor.tui.results.pages import shares_chart

        made = await asyncio.to_thread(shares_chart, compared, test, from_zero=state.from_zero)
        chart.remove_class("-absent")
        chart.chart = made

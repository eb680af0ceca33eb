"""One report to walk through: from the verdict of a test to the seconds of a trial."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from cniadvisor.domain.report import Report
from cniadvisor.tui.charts.chart import Chart, DistributionChart, LineChart
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.results.outline import Part, outline
from cniadvisor.tui.results.reading import read_reports
from cniadvisor.tui.results.state import axis_words
from cniadvisor.tui.telling import copy_command
from cniadvisor.tui.widgets.chart_view import ChartView, next_marker
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import Wrapped
from cniadvisor.wording.report_commands import show_command
from cniadvisor.wording.results import problem_lines


class ReportScreen(Screen[None]):
    """Show one report.

    Args:
        path: its file.
        options: how charts and marks shall look.
    """

    TITLE = "Report"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("report")]
    CSS_PATH = "report.tcss"
    AUTO_FOCUS = "Tree"

    from_zero: reactive[bool] = reactive(False, init=False)

    def __init__(self, path: Path, *, options: AppOptions) -> None:
        super().__init__()
        self._path = path
        self._options = options
        self._report: Report | None = None
        self._part: Part | None = None

    def compose(self) -> ComposeResult:
        """Yield header, outline, what is chosen of it, and footer."""
        yield TopBar()
        with Container(id="halves"):
            tree: Tree[Part] = Tree("", id="outline")
            tree.show_root = False
            tree.guide_depth = 2
            yield tree
            with VerticalScroll(id="page"):
                yield Static(id="axis", classes="muted -absent", markup=False)
                yield ChartView(id="chart", marker=self._options.chart_marker, classes="-absent")
                yield Wrapped(lambda _: "Reading.", id="words")
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the report."""
        self._read()

    def watch_from_zero(self) -> None:
        """Draw the chart with its axis from there."""
        if self._part is not None:
            self._draw(self._part)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        return action != "export" or self._report is not None

    # -- what the keys do

    def action_zoom(self) -> None:
        """Begin the axis at zero, or not."""
        self.from_zero = not self.from_zero

    def action_marker(self) -> None:
        """Draw with other characters."""
        chart = self.query_one(ChartView)
        chart.marker = next_marker(chart.marker)

    def action_export(self) -> None:
        """Write the report to a file."""
        from cniadvisor.tui.screens.export import ask_export

        if self._report is not None:
            ask_export(self, [self._report], [self._path])

    def action_copy(self) -> None:
        """Copy the command that prints it."""
        copy_command(self, show_command(self._path))

    # -- how it learns

    @work(exclusive=True, group="reading")
    async def _read(self) -> None:
        read = await asyncio.to_thread(read_reports, [self._path])
        if not read.reports:
            self.query_one("#words", Wrapped).show(
                lambda width: "\n".join(problem_lines(read.problems, width=width))
            )
            return
        (self._report,) = read.reports
        tree = self.query_one(Tree[Part])
        for part in outline(self._report, self._options.symbols):
            _add(tree.root, part)
        tree.root.expand()
        tree.move_cursor(tree.root.children[0])
        self.refresh_bindings()

    @on(Tree.NodeHighlighted)
    def _show(self, event: "Tree.NodeHighlighted[Part]") -> None:
        part = event.node.data
        if part is not None and part is not self._part:
            self._part = part
            self.query_one("#page").scroll_home(animate=False)
            self._draw(part)

    @work(exclusive=True, group="page")
    async def _draw(self, part: Part) -> None:
        chart, words = self.query_one(ChartView), self.query_one("#words", Wrapped)
        words.show(part.text_for)
        axis = self.query_one("#axis", Static)
        axis.update(Content(f"Chart: {axis_words(from_zero=self.from_zero)}."))
        axis.set_class(part.chart is None, "-absent")
        chart.set_class(part.chart is None, "-absent")
        if part.chart is not None:
            made = await asyncio.to_thread(part.chart)
            chart.chart = _zoomed(made, from_zero=self.from_zero)


def _add(node: TreeNode[Part], part: Part) -> None:
    # As text of the terminal library: as a string it would be taken for markup.
    label = Text(part.label)
    if not part.parts:
        node.add_leaf(label, data=part)
        return
    inner = node.add(label, data=part)
    for one in part.parts:
        _add(inner, one)


def _zoomed(chart: Chart, *, from_zero: bool) -> Chart:
    if isinstance(chart, LineChart | DistributionChart):
        return replace(chart, from_zero=from_zero)
    return chart

"""The run under way, second by second; or a recording, told through the same screen."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import ScreenResume
from textual.geometry import Region
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.domain.events import BenchEvent, Phase
from cniadvisor.domain.text import printable
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.live.board import LiveBoard, advance_board, board_of
from cniadvisor.tui.live.cells import aligned
from cniadvisor.tui.live.charts import rounds_chart, trial_chart
from cniadvisor.tui.live.lines import end_line, progress_line
from cniadvisor.tui.live.state import LiveState
from cniadvisor.tui.live.strips import strips_of
from cniadvisor.tui.live.table import TestRow, columns_of, rows_of
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.runs import ReplayHandle, RunEnd, RunHandle
from cniadvisor.tui.symbols import UNICODE, Symbols
from cniadvisor.tui.telling import copy_command
from cniadvisor.tui.widgets.cells_view import CellsView, Lines
from cniadvisor.tui.widgets.chart_view import ChartView, next_marker
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.run_log import RunLog
from cniadvisor.tui.widgets.tab_row import TabRow
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.words import Words
from cniadvisor.wording.live import CANCEL, LEAVE, NO_RUN, PAUSED, silence_sentence, speed_sentence

_REFRESH_S = 0.2
"""The view follows at most five times a second, however fast a recording is told."""

_AT_ONCE = 400
"""So many events are taken in before the app may breathe: some milliseconds of work."""

_FASTEST, _SLOWEST = 1024.0, 0.25

_RESULTS = "app.results"
"""The id of the app's binding that leads there."""


class LiveScreen(Screen[None]):
    """Follow a run. Pausing and leaving touch the view alone; ``esc`` asks before it cancels.

    Args:
        handle: the run, or a recording; None says how to get one.
        symbols: the marks this terminal can show.
        marker: with what charts are drawn.
    """

    TITLE = "Live"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("live")]
    CSS_PATH = "live.tcss"
    AUTO_FOCUS = "#log"
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's own annotation holds
        (0, "-tiny"),
        (18, "-short"),
        (22, "-low"),
        (30, "-high"),
    ]

    board: reactive[LiveBoard] = reactive(LiveBoard(), init=False)
    stream: reactive[str | None] = reactive(None, init=False)
    """The stream a person chose; None follows the busy one."""
    paused: reactive[bool] = reactive(False, init=False)

    def __init__(
        self,
        handle: RunHandle | None,
        *,
        symbols: Symbols = UNICODE,
        marker: ChartMarker = ChartMarker.BRAILLE,
    ) -> None:
        super().__init__()
        self._handle = handle
        self._symbols = symbols
        self._marker = marker
        self._waiting: deque[tuple[str, BenchEvent]] = deque()
        self._arrived = asyncio.Event()
        self.latest = board_of(handle.streams if handle is not None else ())
        """What is known, shown or not."""
        self.told = 0
        """How many events are folded into it."""
        self._stop: Callable[[], None] | None = None
        self._revealed: int | None = None
        self._heard_s = time.monotonic()

    def compose(self) -> ComposeResult:
        """Yield header, progress, charts, tests, nodes, log and footer."""
        yield TopBar()
        if self._handle is None:
            yield Static(NO_RUN, id="empty", markup=False)
        else:
            yield Words(id="progress")
            yield TabRow(id="streams")
            with Horizontal(id="charts"):
                yield ChartView(id="trial", marker=self._marker)
                yield ChartView(id="rounds", marker=self._marker)
            yield CellsView(id="head")
            with VerticalScroll(id="tests"):
                yield CellsView(id="table")
            yield CellsView(id="strips")
            yield RunLog(symbols=self._symbols, id="log")
        yield KeyBar()

    def on_mount(self) -> None:
        """Follow the run."""
        if self._handle is not None:
            self.title = f"Live: {printable(self._handle.title, limit=60)}"
            self._stop = self._handle.follow(self._hear)
            # Text that is set before the first layout keeps the height it had then.
            self.call_after_refresh(self._take_in)
            self.call_after_refresh(self._await_end)
            self.set_interval(1, self._draw_while_nothing_is_told)

    def on_unmount(self) -> None:
        """Follow it no longer; the run goes on."""
        if self._stop is not None:
            self._stop()

    def on_screen_resume(self, _: ScreenResume) -> None:
        """Draw what happened while another screen was shown."""
        self.call_after_refresh(self._draw)

    # -- from the run to the view

    def _hear(self, stream: str, event: BenchEvent) -> None:
        self._heard_s = time.monotonic()
        self._waiting.append((stream, event))
        self._arrived.set()

    @work(exclusive=True, group="events")
    async def _take_in(self) -> None:
        """Fold the events and show what they say; never more than a moment at once."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                for _ in range(min(_AT_ONCE, len(self._waiting))):
                    self.latest = advance_board(self.latest, *self._waiting.popleft())
                    self.told += 1
                await asyncio.sleep(0)
            if not self.paused:
                self.board = self.latest
            await asyncio.sleep(_REFRESH_S)

    @work(exclusive=True, group="end")
    async def _await_end(self) -> None:
        if self._handle is not None:
            await self._handle.wait()
            # The last events may wait for the next turn of the view: the end is told with them.
            for _ in range(min(_AT_ONCE, len(self._waiting))):
                self.latest = advance_board(self.latest, *self._waiting.popleft())
                self.told += 1
            # Nothing can let it go on any more: the key is offered only while the run is.
            self.paused = False
            self.board = self.latest
            self._draw()
            self.refresh_bindings()

    def _draw_while_nothing_is_told(self) -> None:
        if self.state.started is None or self._silence():
            self._draw()

    def _silence(self) -> str:
        """Say how long nothing was told, where that is news: a recording has its own time."""
        handle = self._handle
        if handle is None or handle.end is not None or isinstance(handle, ReplayHandle):
            return ""
        return silence_sentence(time.monotonic() - self._heard_s)

    def watch_board(self) -> None:
        """Show what is known now."""
        self._draw()

    def watch_stream(self) -> None:
        """Show another stream."""
        self._draw()

    def watch_paused(self, paused: bool) -> None:
        """Catch up when the view goes on."""
        if not paused:
            self.board = self.latest
        self._draw()

    # -- drawing

    @property
    def shown(self) -> str:
        """The name of the stream that is shown."""
        return self.board.busy if self.stream is None else self.stream

    @property
    def state(self) -> LiveState:
        """What is known of it."""
        return self.board.streams.get(self.shown) or LiveState()

    def _draw(self) -> None:
        if self._handle is None or not self.is_mounted or not self.is_current:
            return
        state = self.state
        self._draw_progress(state)
        self.query_one("#trial", ChartView).chart = trial_chart(state)
        if self.has_class("-wide"):
            self.query_one("#rounds", ChartView).chart = rounds_chart(state)
        self._draw_tests(rows_of(self.board, self._symbols))
        tall = self.has_class("-high")
        self.query_one("#strips", CellsView).show(
            lambda width: strips_of(state, width=width, tall=tall, marker=self._marker)
        )
        self.query_one("#log", RunLog).show(self.shown, state)

    def _draw_tests(self, rows: tuple[TestRow, ...]) -> None:
        self.query_one("#head", CellsView).show(lambda width: _table(rows, width)[:1])
        self.query_one("#table", CellsView).show(lambda width: _table(rows, width)[1:])
        running = next((place for place, row in enumerate(rows) if row.running), None)
        # Once for each test: who has scrolled elsewhere since is left in peace.
        if running is not None and running != self._revealed:
            self._revealed = running
            line = Region(0, running, 1, 1)
            self.query_one("#tests").scroll_to_region(line, animate=False)

    def _draw_progress(self, state: LiveState) -> None:
        end = self._handle.end if self._handle is not None else None
        shown = self.query_one("#progress", Words)
        shown.say(self._progress(state, end))
        shown.set_class(end is not None, "over")
        names = [printable(name, limit=40) for name in self.board.streams]
        tabs = self.query_one("#streams", TabRow)
        tabs.display = len(names) > 1
        if tabs.display:
            places = list(self.board.streams)
            tabs.show(names, places.index(self.shown) if self.shown in places else None)

    def _progress(self, state: LiveState, end: RunEnd | None) -> str:
        if end is not None:
            return end_line(state, end, key=self._key_of_results())
        paused = f"{PAUSED} " if self.paused else ""
        words = progress_line(state)
        if self._handle is not None and state.started is None:
            words = self._handle.note or words
        if isinstance(self._handle, ReplayHandle):
            words = f"{words} {speed_sentence(self._handle.speed)}"
        return f"{paused}{words} {self._silence()}".rstrip()

    def _key_of_results(self) -> str | None:
        """Return the key that leads to the results, as the person has set it."""
        for active in self.active_bindings.values():
            if active.binding.id == _RESULTS and active.enabled:
                return app_of(self).get_key_display(active.binding)
        return None

    # -- what the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now; ``esc`` leads back where there is nothing to cancel."""
        replay = isinstance(self._handle, ReplayHandle)
        under_way = self._handle is not None and self._handle.end is None
        match action:
            case "cancel":
                return under_way and not replay
            case "slower" | "faster":
                return under_way and replay
            case "pause":
                return under_way
            case "next_stream":
                return len(self.board.streams) > 1
            case "marker":
                return self._handle is not None
            case "copy":
                return self.state.started is not None
            case _:
                return True

    def action_pause(self) -> None:
        """Hold the view, or let it go on."""
        self.paused = not self.paused

    @work(exclusive=True, group="cancelling")
    async def action_cancel(self) -> None:
        """Ask, then stop measuring; while clean-up is under way, ask whether to leave it."""
        from cniadvisor.tui.screens.confirm import ConfirmScreen

        handle = self._handle
        if handle is None:
            return
        if not self._cleaning_up():
            agreed = await app_of(self).push_screen_wait(
                ConfirmScreen(CANCEL, yes="Stop the run", no="Go on")
            )
            if agreed and handle.end is None:
                handle.cancel()
            return
        agreed = await app_of(self).push_screen_wait(
            ConfirmScreen(LEAVE, yes="Leave it", no="Wait")
        )
        if agreed and handle.end is None:
            handle.leave_now()

    def _cleaning_up(self) -> bool:
        states = self.latest.streams.values()
        return any(state.phase is Phase.CLOSE and state.finished is None for state in states)

    def action_next_stream(self) -> None:
        """Show the next stream."""
        names = list(self.board.streams)
        if self.shown in names:
            self.stream = names[(names.index(self.shown) + 1) % len(names)]

    def action_topic(self, place: int) -> None:
        """Show the stream that was clicked."""
        names = list(self.board.streams)
        if place < len(names):
            self.stream = names[place]

    def action_slower(self) -> None:
        """Tell a recording at half the speed."""
        self._set_speed(0.5)

    def action_faster(self) -> None:
        """Tell a recording at twice the speed."""
        self._set_speed(2.0)

    def _set_speed(self, factor: float) -> None:
        if isinstance(self._handle, ReplayHandle):
            wanted = self._handle.speed * factor
            self._handle.speed = min(_FASTEST, max(_SLOWEST, wanted))
            self._draw()

    def action_marker(self) -> None:
        """Draw the charts with other characters."""
        self._marker = next_marker(self._marker)
        for chart in self.query(ChartView):
            chart.marker = self._marker
        self._draw()

    def action_copy(self) -> None:
        """Copy the command that does the same run."""
        if self.state.started is not None:
            copy_command(self, self.state.started.command)


def _table(rows: tuple[TestRow, ...], width: int) -> Lines:
    return aligned(columns_of(rows, width=width), width=width)

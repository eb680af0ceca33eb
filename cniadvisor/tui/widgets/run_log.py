"""The sentences of a run as they come, the newest at the bottom."""

from rich.text import Text
from textual.events import Resize
from textual.widgets import RichLog

from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.live.state import MOST_LINES, LiveState, LogLine
from cniadvisor.tui.symbols import Symbols
from cniadvisor.tui.theme import Meaning, colour
from cniadvisor.wording.words import duration


class RunLog(RichLog):
    """Show a state's log; only what is new is written, the rest stays.

    Args:
        symbols: the marks this terminal can show.
    """

    DEFAULT_CSS = """
    RunLog { scrollbar-size-vertical: 1; background: $background; }
    RunLog:focus { background: $surface; }
    """

    def __init__(self, *, symbols: Symbols, id: str | None = None) -> None:  # noqa: A002
        super().__init__(max_lines=2 * MOST_LINES, min_width=0, wrap=True, markup=False, id=id)
        self._symbols = symbols
        self._state = LiveState()
        self._stream = ""
        self._written = 0
        self._width = 0

    def on_mount(self) -> None:
        """Follow the theme: what was written has its colours."""
        self.watch(app_of(self), "theme", self._write_anew, init=False)

    def show(self, stream: str, state: LiveState) -> None:
        """Show the log of a stream."""
        anew = stream != self._stream or state.log_total < self._written
        self._stream, self._state = stream, state
        if anew:
            self._write_anew()
            return
        new = state.log_total - self._written
        # Who has scrolled back to read is left in peace.
        self._write_lines(state.log[-new:] if new else (), follow=self.is_vertical_scroll_end)

    def _on_resize(self, event: Resize) -> None:
        if event.size.width != self._width:
            self._width = event.size.width
            self.call_after_refresh(self._write_anew)

    def _write_anew(self) -> None:
        self.clear()
        self._write_lines(self._state.log, follow=True)

    def _write_lines(self, lines: tuple[LogLine, ...], *, follow: bool) -> None:
        if self._width == 0:
            return  # hidden: everything is written when there is a width
        self._written = self._state.log_total
        warning = colour(app_of(self), Meaning.WARNING)
        for line in lines:
            mark = f"{self._symbols.warning} " if line.wrong else ""
            text = f"{duration(line.at_s)}  {mark}{line.text}"
            words = Text(text, style=warning if line.wrong else "")
            # Its own measure stops at 80 columns.
            self.write(words, width=self.scrollable_content_region.width, scroll_end=follow)

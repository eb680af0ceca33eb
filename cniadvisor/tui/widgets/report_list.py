"""The list of reports: draws only the lines that are seen, so that 500 of them cost no more."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cniadvisor.report.library import Entry
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.results.listing import HEADER

_GAP = "  "
_WIDEST = 60
_SIDEWAYS = 8


class ReportList(ScrollView, can_focus=True):
    """Rows of entries under a header that stays, each group of them under its name.

    The cursor stays on its report.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "report-list--header",
        "report-list--group",
        "report-list--cursor",
    }
    DEFAULT_CSS = """
    ReportList { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    ReportList > .report-list--header { text-style: bold; color: $text-muted; }
    ReportList > .report-list--group { color: $text-muted; }
    ReportList > .report-list--cursor { text-style: bold; }
    ReportList:focus > .report-list--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
    }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor is on another report, or on none."""

    class Chosen(Message):
        """A report was clicked that the cursor was on already."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._entries: tuple[Entry, ...] = ()
        self._cells: tuple[tuple[str, ...], ...] = ()
        self._lines: tuple[int | str, ...] = ()
        self._widths = tuple(cell_len(name) for name in HEADER)
        self._wanted: Path | None = None

    @property
    def current(self) -> Entry | None:
        """The report under the cursor."""
        return self._entries[self.cursor] if self.cursor < len(self._entries) else None

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return what the rows say, for tests and for reading aloud."""
        return self._cells

    def show(self, entries: Sequence[Entry], cells: Callable[[Entry], tuple[str, ...]]) -> None:
        """List these entries.

        Args:
            entries: in their order.
            cells: what a row says, under the header of the listing; printable.
        """
        current = self.current
        wanted = self._wanted or (current.path if current is not None else None)
        self._entries = tuple(entries)
        self._cells = tuple(cells(entry) for entry in entries)
        self._lines = tuple(_lines(entries))
        self._widths = tuple(
            min(_WIDEST, max(map(cell_len, column)))
            for column in zip(HEADER, *self._cells, strict=True)
        )
        width = 2 + sum(self._widths) + len(_GAP) * (len(HEADER) - 1)
        self.virtual_size = Size(width, len(self._lines) + 1)
        self.refresh()
        paths = [entry.path for entry in entries]
        if wanted in paths:
            self.cursor = paths.index(wanted)
        else:
            self.cursor = max(0, min(self.cursor, len(entries) - 1))
        if self.current != current:
            self.post_message(self.Moved())

    def go_to(self, path: Path) -> None:
        """Put the cursor on this report as soon as it is listed."""
        self._wanted = path

    def watch_cursor(self) -> None:
        """Keep the cursor in sight."""
        self._reveal()
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._reveal()

    def render_line(self, y: int) -> Strip:
        """Return a line: the header, then the rows that are scrolled to."""
        left, top = self.scroll_offset
        width = self.size.width
        line = top + y - 1
        if y == 0:
            strip = self._strip("  ", HEADER)
            style = self.get_component_rich_style("report-list--header")
        elif line >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        elif isinstance(place := self._lines[line], str):
            # A name, not a row: it stays in sight whatever columns are.
            style = self.get_component_rich_style("report-list--group")
            return Strip([Segment(place)]).crop_extend(0, width, None).apply_style(style)
        elif place == self.cursor:
            strip = self._strip("> ", self._cells[place])
            style = self.get_component_rich_style("report-list--cursor")
        else:
            strip, style = self._strip("  ", self._cells[place]), self.rich_style
        return strip.crop_extend(left, left + width, None).apply_style(style)

    # -- moving

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._go(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move by what is seen at once."""
        self._go(self.cursor + pages * max(1, self.size.height - 2))

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._go(len(self._entries) - 1)

    def action_sideways(self, steps: int) -> None:
        """Show columns further on."""
        self.scroll_to(x=self.scroll_x + steps * _SIDEWAYS, animate=False)

    def on_click(self, event: events.Click) -> None:
        """Go to the row that was clicked; a click on the row of the cursor chooses it."""
        line = self.scroll_offset.y + event.y - 1
        if event.y < 1 or line >= len(self._lines):
            return
        place = self._lines[line]
        if isinstance(place, str):
            return
        if place == self.cursor:
            self.post_message(self.Chosen())
        else:
            self._go(place)

    def _go(self, place: int) -> None:
        before = self.cursor
        self._wanted = None
        self.cursor = max(0, min(place, len(self._entries) - 1))
        if self.cursor != before:
            self.post_message(self.Moved())

    def _reveal(self) -> None:
        if self.cursor >= len(self._cells):
            return
        line = self._lines.index(self.cursor)
        # The name of a group is seen with its first row.
        first = line - 1 if line > 0 and isinstance(self._lines[line - 1], str) else line
        top, seen = self.scroll_offset.y, max(1, self.size.height - 1)
        if first < top:
            self.scroll_to(y=first, animate=False, immediate=True)
        elif line >= top + seen:
            self.scroll_to(y=line - seen + 1, animate=False, immediate=True)

    def _strip(self, gutter: str, cells: Sequence[str]) -> Strip:
        told = _GAP.join(
            set_cell_size(cell, width) for cell, width in zip(cells, self._widths, strict=True)
        )
        return Strip([Segment(f"{gutter}{told}")])


def _lines(entries: Sequence[Entry]) -> Iterator[int | str]:
    """Yield the place of every entry, before the first of a group the group's name."""
    group = ""
    for place, entry in enumerate(entries):
        if entry.group != group:
            group = entry.group
            yield group
        yield place

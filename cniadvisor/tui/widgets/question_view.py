"""Questions with a cursor; every line knows which question and choice it belongs to."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cniadvisor.tui.advisor.lines import Line, Look

LinesFor = Callable[[int], tuple[Line, ...]]
"""Width in columns -> lines that are no wider."""


class QuestionView(ScrollView, can_focus=True, inherit_bindings=False):
    """Show the lines that a function of the width gives; the screen has the keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "question-view--question",
        "question-view--muted",
        "question-view--cursor",
    }
    DEFAULT_CSS = """
    QuestionView {
        padding: 0 1;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    QuestionView > .question-view--question { text-style: bold; }
    QuestionView > .question-view--muted { color: $text-muted; }
    QuestionView > .question-view--cursor { text-style: bold; }
    QuestionView:focus > .question-view--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
    }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    class Pointed(Message):
        """A question or one of its choices was clicked; ``choice`` is None for a question."""

        def __init__(self, question: int, choice: int | None) -> None:
            super().__init__()
            self.question = question
            self.choice = choice

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines_for: LinesFor = lambda _: ()
        self._lines: tuple[Line, ...] = ()

    def show(self, lines_for: LinesFor) -> None:
        """Show other lines."""
        self._lines_for = lines_for
        self._make()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._make()

    def render_line(self, y: int) -> Strip:
        """Return a line that is scrolled to."""
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[place]
        style = self.rich_style
        if line.look is not Look.CHOICE:
            style = self.get_component_rich_style(f"question-view--{line.look}")
        return Strip([Segment(set_cell_size(line.text, width), style)])

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked."""
        place = self.scroll_offset.y + event.y - self.content_offset_y
        if 0 <= place < len(self._lines):
            told = self._lines[place].place
            if told is not None:
                self.post_message(self.Pointed(*told))

    @property
    def content_offset_y(self) -> int:
        """The rows above the first line."""
        return self.gutter.top

    def _make(self) -> None:
        width = self.scrollable_content_region.width
        if width < 1:
            return
        self._lines = self._lines_for(width)
        self.virtual_size = Size(width, len(self._lines))
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        """Scroll so that the cursor is seen, and as much as there is room for of its question."""
        cursor = [n for n, line in enumerate(self._lines) if line.look is Look.CURSOR]
        if not cursor:
            return
        question, _ = self._lines[cursor[0]].place or (0, None)
        mine = [n for n, line in enumerate(self._lines) if line.place and line.place[0] == question]
        for first, last in ((mine[0], mine[-1]), (cursor[0], cursor[-1])):
            region = Region(0, first, 1, last - first + 1)
            self.scroll_to_region(region, animate=False, immediate=True, force=True)

"""A text to read, with the keys that scroll it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import TextFor, Wrapped


class ReadingScreen(Screen[None]):
    """Show a text that wraps itself.

    Args:
        title: what the header says.
        text_for: width in columns -> the text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("reading")]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, title: str, text_for: TextFor) -> None:
        super().__init__()
        self.title = title
        self._text_for = text_for

    def compose(self) -> ComposeResult:
        """Yield header, text and footer."""
        yield TopBar()
        with VerticalScroll(classes="page"):
            yield Wrapped(self._text_for)
        yield KeyBar()

    def action_back(self) -> None:
        """Go back."""
        self.dismiss()

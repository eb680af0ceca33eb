"""The field that narrows a list: shown while it is used, and while it holds something back."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from cniadvisor.tui.keymap import bindings


class FilterInput(Input):
    """A field of one line; enter keeps what is in it, escape empties it, both leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("filter")]
    DEFAULT_CSS = """
    FilterInput { display: none; }
    FilterInput.-open, FilterInput.-holds { display: block; height: 1; border: none; padding: 0; }
    """

    class Left(Message):
        """The person is done with it."""

    def open(self) -> None:
        """Show it and take the keys."""
        self.add_class("-open")
        self.focus()

    def watch_value(self, value: str) -> None:
        """Stay visible while there is something in it."""
        self.set_class(bool(value.strip()), "-holds")

    def on_blur(self) -> None:
        """Go unless it holds something."""
        self.remove_class("-open")

    async def action_submit(self) -> None:
        """Keep what is in it."""
        await super().action_submit()
        self.post_message(self.Left())

    def action_close(self) -> None:
        """Empty it."""
        self.value = ""
        self.post_message(self.Left())

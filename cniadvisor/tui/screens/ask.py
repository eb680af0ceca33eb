"""One line to type, checked before it is taken."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cniadvisor.tui.keymap import bindings


class AskScreen(ModalScreen["str | None"]):
    """Ask for a line; the answer is the line (empty for none), or None to leave it as it was.

    Args:
        title: what is asked for, with its unit.
        value: what holds now.
        told: what an empty line means.
        wrong: returns what is wrong with a line, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("ask")]
    CSS_PATH = "ask.tcss"

    def __init__(
        self, title: str, *, value: str, told: str, wrong: Callable[[str], str | None]
    ) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._told = told
        self._wrong = wrong

    def compose(self) -> ComposeResult:
        """Yield title, field and what is wrong."""
        with Vertical(id="box"):
            yield Static(self._title, markup=False, id="title")
            yield Input(self._value, id="line")
            yield Static(markup=False, id="wrong", classes="bad")
            yield Static(
                f"{self._told}; enter takes it, esc leaves it as it is", markup=False, id="told"
            )

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        line = event.value.strip()
        wrong = self._wrong(line) if line else None
        if wrong is None:
            self.dismiss(line)
        else:
            self.query_one("#wrong", Static).update(f"! {wrong}")

    def action_back(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)

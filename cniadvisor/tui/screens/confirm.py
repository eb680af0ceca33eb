"""A question before something happens: yes or no, or a name to be typed."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from cniadvisor.tui.keymap import bindings


class ConfirmScreen(ModalScreen[bool]):
    """Ask, and answer True only if the person said so.

    Args:
        question: text of ours or from outside; never markup.
        yes: what the button says that does it.
        no: what the button says that does not.
        typed: what must be typed before yes is possible, such as the name of a context.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("confirm")]
    CSS_PATH = "confirm.tcss"
    AUTO_FOCUS = "Input, #no"

    def __init__(
        self, question: str, *, yes: str = "Yes", no: str = "No", typed: str | None = None
    ) -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no
        self._typed = typed

    def compose(self) -> ComposeResult:
        """Yield question, field and buttons."""
        with Vertical(id="box"):
            yield Static(self._question, markup=False, id="question")
            if self._typed is not None:
                yield Input(placeholder="type the name", id="typed")
            with Horizontal(id="buttons"):
                typed = self._typed is not None
                yield Button(f"{self._yes} ({'enter' if typed else 'y'})", id="yes", disabled=typed)
                yield Button(f"{self._no} ({'esc' if typed else 'n'})", id="no")

    def action_yes(self) -> None:
        """Agree, unless something has to be typed first."""
        if not self.query_one("#yes", Button).disabled:
            self.dismiss(True)

    def action_no(self) -> None:
        """Disagree."""
        self.dismiss(False)

    @on(Input.Changed)
    def _compare(self, event: Input.Changed) -> None:
        self.query_one("#yes", Button).disabled = event.value != self._typed

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_yes()

    @on(Button.Pressed, "#yes")
    def _pressed_yes(self) -> None:
        self.action_yes()

    @on(Button.Pressed, "#no")
    def _pressed_no(self) -> None:
        self.action_no()

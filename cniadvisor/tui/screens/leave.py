"""The question before the app is left in the middle of a run."""

from typing import ClassVar

from textual.binding import BindingType

from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.screens.confirm import ConfirmScreen

_LEAVING = (
    "A run is under way. Leaving stops it: what was measured is kept, and everything it made is "
    "removed, which is told line by line."
)


class LeaveScreen(ConfirmScreen):
    """Ask; ctrl+c once more is an answer, too."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("leave")]

    def __init__(self) -> None:
        super().__init__(_LEAVING, yes="Stop and leave", no="Stay")

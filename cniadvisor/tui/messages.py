"""What screens tell the app: where to go next. They know no other screen, and not the app."""

from collections.abc import Sequence
from pathlib import Path

from textual.message import Message

from cniadvisor.tui.runs import RunHandle


class Watch(Message):
    """Show this run (or recording) on the Live screen."""

    def __init__(self, handle: RunHandle) -> None:
        super().__init__()
        self.handle = handle


class Show(Message):
    """Go to a screen by its name: overview, plan, live, results, compare, advisor."""

    def __init__(self, screen: str) -> None:
        super().__init__()
        self.screen = screen


class CompareReports(Message):
    """Set these reports side by side on the Compare screen."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self.paths = tuple(paths)


class PlaceChanged(Message):
    """Another context was chosen, or it is known now where its server is.

    ``words`` are for the header.
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

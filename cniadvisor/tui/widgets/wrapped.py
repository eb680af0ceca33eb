"""Text of ours that wraps itself: the same words as on a plain terminal, for any width."""

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

TextFor = Callable[[int], str]
"""Width in columns -> text whose lines are no wider."""


class Wrapped(Widget):
    """Show what a function of the width says; nothing in it is taken for markup."""

    DEFAULT_CSS = """
    Wrapped { width: 1fr; height: auto; }
    """

    def __init__(
        self,
        text_for: TextFor = lambda _: "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text_for = text_for

    def show(self, text_for: TextFor) -> None:
        """Show another text."""
        self._text_for = text_for
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines; asked by the layout."""
        text = self._text_for(max(width, 1))
        # Some scripts take two cells a character, so lines may still be broken.
        return Content(text).get_height({}, max(width, 1)) if text else 0

    def render(self) -> Content:
        """Return the text for the width there is."""
        return Content(self._text_for(max(self.content_size.width, 1)))

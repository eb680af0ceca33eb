"""Lines of cells that know what they mean, in the theme's colours."""

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.live.cells import Cell
from cniadvisor.tui.theme import Meaning, colour

Lines = tuple[tuple[Cell, ...], ...]

LinesFor = Callable[[int], Lines]
"""Width in columns -> lines that are no wider."""


class CellsView(Widget):
    """Show what a function of the width says; nothing in it is taken for markup."""

    DEFAULT_CSS = """
    CellsView { width: 1fr; height: auto; }
    """

    def __init__(
        self,
        lines_for: LinesFor = lambda _: (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._lines_for = lines_for
        self._height = 0

    def on_mount(self) -> None:
        """Follow the theme: the colours are its."""
        self.watch(app_of(self), "theme", self._repaint, init=False)

    def _repaint(self) -> None:
        self.refresh()

    def show(self, lines_for: LinesFor) -> None:
        """Show other lines; the layout is asked only if their number changes."""
        self._lines_for = lines_for
        height = len(lines_for(max(self.content_size.width, 1)))
        self.refresh(layout=height != self._height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines; asked by the layout."""
        self._height = len(self._lines_for(max(width, 1)))
        return self._height

    def render(self) -> Content:
        """Return the lines for the width there is."""
        lines = self._lines_for(max(self.content_size.width, 1))
        return Content("\n").join([self._line(line) for line in lines])

    def _line(self, line: tuple[Cell, ...]) -> Content:
        app = app_of(self)
        return Content("").join(
            Content(cell.text)
            if cell.meaning is Meaning.TEXT
            else Content.styled(cell.text, colour(app, cell.meaning))
            for cell in line
        )

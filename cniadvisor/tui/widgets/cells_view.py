"""Lines of cells that know what they mean, in the theme's colours."""

from collections.abc import Callable

from textual.content import Content
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
    CellsView { width: 1fr; height: 0; }
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

    def on_mount(self) -> None:
        """Follow the theme: the colours are its."""
        self.watch(app_of(self), "theme", self._repaint, init=False)

    def _repaint(self) -> None:
        self.refresh()

    def show(self, lines_for: LinesFor) -> None:
        """Show other lines. How many there are must not depend on the width."""
        self._lines_for = lines_for
        # Set and not asked for: a height that is asked for may be kept from before the first line.
        self.styles.height = len(lines_for(max(self.content_size.width, 1)))
        self.refresh()

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

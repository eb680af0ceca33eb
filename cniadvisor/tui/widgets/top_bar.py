"""The two lines at the top: product, screen and place; and the way to the other screens."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.cutting import shortened

GOES_TO = "show('"
"""How the action of a key begins that leads to a screen."""


def head_line(product: str, screen: str, place: str, width: int) -> str:
    """Return the first line: product and screen at the left, the place at the right."""
    left = f" {product}  {screen}"
    room = width - cell_len(left) - 3
    if room < 6 or not place:
        return shortened(left, width)
    told = shortened(place, room)
    gap = " " * (width - cell_len(left) - cell_len(told) - 1)
    return f"{left}{gap}{told} "


class TopBar(Static):
    """Say where one is. A screen has it on top and sets its own title (``TITLE``).

    The app's ``title`` is the product and its ``sub_title`` the context and cluster.
    """

    DEFAULT_CSS = """
    TopBar {
        dock: top;
        height: 2;
        background: $panel;
        color: $foreground;
        text-wrap: nowrap;
    }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._told: list[tuple[str, str]] = []
        self._ways = Content("")

    def on_mount(self) -> None:
        """Follow title, place and keys."""
        app = app_of(self)
        self.watch(app, "title", self._draw, init=False)
        self.watch(app, "sub_title", self._draw, init=False)
        self.watch(self.screen, "title", self._draw, init=False)
        changes = self.screen.bindings_updated_signal  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - Textual's
        changes.subscribe(self, self._tell_ways)  # pyright: ignore[reportUnknownMemberType]
        self._tell_ways(self.screen)

    def on_resize(self) -> None:
        """Cut the names to the new width."""
        self._draw()

    def _draw(self) -> None:
        app = app_of(self)
        line = head_line(app.title, self.screen.title or "", app.sub_title, self.size.width)
        place = Content(line).stylize("bold", 0, len(app.title) + 2)
        self.update(Content("\n").join([place, self._ways]), layout=False)

    def _tell_ways(self, screen: Screen[object]) -> None:
        app = app_of(self)
        told: list[tuple[str, str]] = []
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.action.startswith(GOES_TO) and active.enabled:
                on_it = (screen.title or "").startswith(binding.description)
                here = " bold underline" if on_it else ""
                words = f"{app.get_key_display(binding)} {binding.description}"
                told.append((f"[@click=app.{binding.action}{here}]$words[/]", words))
        if told != self._told:
            self._told = told
            ways = (Content.from_markup(markup, words=words) for markup, words in told)
            self._ways = Content(" ") + Content("  ").join(ways)
        self._draw()

"""The two lines at the top: product, screen and place; and the way to the other screens."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.tui.app_of import app_of

GOES_TO = "show('"
"""How the action of a key begins that leads to a screen."""


def shortened(text: str, width: int) -> str:
    """Cut a name to ``width`` cells in its middle: names of clusters differ at their ends."""
    if len(text) <= width:
        return text
    if width < 3:
        return text[: max(width, 0)]
    head = (width - 1) // 3
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def head_line(product: str, screen: str, place: str, width: int) -> str:
    """Return the first line: product and screen at the left, the place at the right."""
    left = f" {product}  {screen}"
    room = width - len(left) - 3
    if room < 6 or not place:
        return shortened(left, width)
    told = shortened(place, room)
    return f"{left}{told.rjust(width - len(left) - 1)} "


class TopBar(Vertical):
    """Say where one is. A screen has it on top and sets its own title (``TITLE``).

    The app's ``title`` is the product and its ``sub_title`` the context and cluster.
    """

    DEFAULT_CSS = """
    TopBar { dock: top; height: 2; background: $panel; color: $foreground; }
    TopBar > Static { height: 1; width: 1fr; text-wrap: nowrap; }
    TopBar > .ways { color: $text-muted; }
    .-tiny TopBar { height: 1; }
    .-tiny TopBar > .ways { display: none; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def compose(self) -> ComposeResult:
        """Yield the two lines."""
        yield Static(classes="place", markup=False)
        yield Static(classes="ways", markup=False)

    def on_mount(self) -> None:
        """Follow title, place and keys."""
        app = app_of(self)
        self.watch(app, "title", self._tell_place, init=False)
        self.watch(app, "sub_title", self._tell_place, init=False)
        self.watch(self.screen, "title", self._tell_place, init=False)
        changes = self.screen.bindings_updated_signal  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - Textual's
        changes.subscribe(self, self._tell_ways)  # pyright: ignore[reportUnknownMemberType]
        self._tell_place()
        self._tell_ways(self.screen)

    def on_resize(self) -> None:
        """Cut the names to the new width."""
        self._tell_place()

    def _tell_place(self) -> None:
        app = app_of(self)
        line = head_line(app.title, self.screen.title or "", app.sub_title, self.size.width)
        self.query_one(".place", Static).update(Content(line).stylize("bold", 0, 12))

    def _tell_ways(self, screen: Screen[object]) -> None:
        app = app_of(self)
        parts: list[Content] = []
        for active in screen.active_bindings.values():
            binding = active.binding
            if not binding.action.startswith(GOES_TO) or not active.enabled:
                continue
            words = f"{app.get_key_display(binding)} {binding.description}"
            on_it = (screen.title or "").startswith(binding.description)
            here = " bold underline" if on_it else ""
            markup = f"[@click=app.{binding.action}{here}]$words[/]"
            parts.append(Content.from_markup(markup, words=words))
        self.query_one(".ways", Static).update(Content(" ") + Content("  ").join(parts))

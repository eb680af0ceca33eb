"""The line at the bottom: the keys that do something here now.

One widget and one line of text, where the library's footer is a widget for every key: that took a
third of the time until the first paint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.tui.app_of import app_of

_ALWAYS = 2
"""So many at the end stay, however narrow it is: help, and leaving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """A key as the line shows it.

    Attributes:
        key: what is pressed when it is clicked.
        display: what is written for it.
        enabled: it would do something.
    """

    key: str
    display: str
    words: str
    enabled: bool = True

    @property
    def width(self) -> int:
        """Columns it takes, with the spaces around."""
        return len(self.display) + len(self.words) + 3


def fitting(keys: Sequence[ShownKey], width: int) -> list[ShownKey]:
    """Return the keys there is room for: the last ones always, the others from the left."""
    first, last = list(keys[:-_ALWAYS]), list(keys[-_ALWAYS:])
    room = width + 1 - sum(key.width for key in last)
    kept: list[ShownKey] = []
    for key in first:
        room -= key.width
        if room < 0:
            break
        kept.append(key)
    return [*kept, *last]


class KeyBar(Static):
    """Show the keys of the screen it is on; they can be clicked."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._shown: list[ShownKey] = []

    def on_mount(self) -> None:
        """Follow what can be done."""
        changes = self.screen.bindings_updated_signal  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - Textual's
        changes.subscribe(self, self._tell)  # pyright: ignore[reportUnknownMemberType]
        self._tell(self.screen)

    def on_resize(self) -> None:
        """Fit the new width."""
        self._draw()

    def _tell(self, screen: Screen[object]) -> None:
        app = app_of(self)
        by_action: dict[str, ShownKey] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show:
                by_action.setdefault(
                    binding.action,
                    ShownKey(
                        key=binding.key,
                        display=app.get_key_display(binding),
                        words=binding.description,
                        enabled=active.enabled,
                    ),
                )
        shown = list(by_action.values())
        if shown != self._shown:
            self._shown = shown
            self._draw()

    def _draw(self) -> None:
        parts = [_content(key) for key in fitting(self._shown, self.size.width)]
        self.update(Content("").join(parts), layout=False)


def _content(key: ShownKey) -> Content:
    click = f"@click=app.simulate_key('{key.key}')"
    struck = "" if key.enabled else " strike"
    return Content.from_markup(
        f"[{click}{struck}] [bold $footer-key-foreground]$display[/] $words [/]",
        display=key.display,
        words=key.words,
    )

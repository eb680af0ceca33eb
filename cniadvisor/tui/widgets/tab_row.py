"""A row of names one of which is chosen: by key or by mouse, wrapped where it is too long."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static


class TabRow(Static):
    """Show tabs; the chosen one is in brackets and bold. A click runs ``screen.topic(place)``."""

    DEFAULT_CSS = """
    TabRow { height: auto; max-height: 3; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, markup=False)

    def show(self, names: Sequence[str], chosen: int | None) -> None:
        """Show these names."""
        tabs = [
            Content.from_markup(
                f"[@click=screen.topic({place})]$words[/]",
                words=f"[{name}]" if place == chosen else f" {name} ",
            ).stylize("bold" if place == chosen else "")
            for place, name in enumerate(names)
        ]
        self.update(Content(" ").join(tabs))

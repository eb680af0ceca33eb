"""The app a widget belongs to, with a type: the terminal library leaves that open."""

from typing import cast

from textual.app import App
from textual.dom import DOMNode

__all__ = ["app_of"]


def app_of(node: DOMNode) -> App[object]:
    """Return the app of a widget or screen.

    Raises:
        NoActiveAppError: it is not in one yet.
    """
    return cast("App[object]", node.app)  # pyright: ignore[reportUnknownMemberType]

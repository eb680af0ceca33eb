"""Short messages over the screen: an error with its hint, a command that was copied."""

from textual.dom import DOMNode

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.text import printable
from cniadvisor.tui.app_of import app_of

__all__ = ["copy_command", "tell_error"]

_LONG_ENOUGH_S = 12


def tell_error(node: DOMNode, error: CniAdvisorError) -> None:
    """Say what went wrong and what to do."""
    app_of(node).notify(
        printable(error.hint),
        title=printable(error.message),
        severity="error",
        timeout=_LONG_ENOUGH_S,
        markup=False,
    )


def copy_command(node: DOMNode, command: str) -> None:
    """Copy a command by OSC 52 and show it.

    Nobody tells whether a terminal took it (tmux needs ``set-clipboard on``), so the text is shown
    for copying by hand.
    """
    app = app_of(node)
    app.copy_to_clipboard(command)
    app.notify(
        printable(command),
        title="Copied, if this terminal lets programs copy",
        timeout=_LONG_ENOUGH_S,
        markup=False,
    )

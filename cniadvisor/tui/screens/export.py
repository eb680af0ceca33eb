"""A form and a file name for what a screen shows; says where it went."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import Report
from cniadvisor.domain.text import printable
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.results.exports import (
    Exportable,
    Kind,
    is_there,
    picture_without_fonts,
    place_of,
)

_TOLD = "enter writes the file, esc writes nothing; a file that is there is asked about"


class Writable(Protocol):
    """What a screen shows, in the forms it can be written in."""

    @property
    def title(self) -> str:
        """What the dialog is called."""
        ...

    def kinds(self) -> tuple[Kind, ...]:
        """Return the forms there are, at least one."""
        ...

    def proposed(self, kind: Kind) -> str:
        """Return a file name."""
        ...

    def command(self, kind: Kind, out: Path) -> str:
        """Return the command that writes the same; empty where there is none."""
        ...

    def write(self, kind: Kind, out: Path) -> str:
        """Write the file, and return a sentence that says where it is. Raises UsageError."""
        ...


class ExportScreen(ModalScreen["str | None"]):
    """Write a file; the answer is the sentence that says where it is, None when nothing was done.

    Args:
        what: what can be written.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("export")]
    CSS_PATH = "export.tcss"
    AUTO_FOCUS = "#kinds"

    def __init__(self, what: Writable) -> None:
        super().__init__()
        self._what = what
        self._kinds = what.kinds()
        self._replace = ""
        self._proposed = ""

    def compose(self) -> ComposeResult:
        """Yield the forms, the name, the command that does the same, and what went wrong."""
        with Vertical(id="box"):
            yield Static(self._what.title, markup=False, id="title")
            options = [Option(Content(kind.words)) for kind in self._kinds]
            yield OptionList(*options, id="kinds", markup=False)
            yield Input(id="name", placeholder="file name")
            yield Static(markup=False, id="command")
            yield Static(markup=False, id="wrong", classes="bad")
            yield Static(_TOLD, markup=False, id="told")

    def on_mount(self) -> None:
        """Propose the first form."""
        self.query_one(OptionList).highlighted = 0

    def action_back(self) -> None:
        """Write nothing."""
        self.dismiss(None)

    @property
    def _kind(self) -> Kind:
        return self._kinds[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _propose(self) -> None:
        name = self.query_one(Input)
        if name.value == self._proposed:
            self._proposed = self._what.proposed(self._kind)
            name.value = self._proposed
        self._tell_command()

    @on(OptionList.OptionSelected)
    def _name_it(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _tell_command(self) -> None:
        self._complain("")
        command = self._what.command(self._kind, place_of(self.query_one(Input).value))
        told = f"The same: {printable(command)}" if command else ""
        self.query_one("#command", Static).update(Content(told))

    @on(Input.Submitted)
    @work(exclusive=True)
    async def _write(self) -> None:
        typed = self.query_one(Input).value
        out = place_of(typed)
        if not typed.strip():
            self._complain("Give the file a name.")
            return
        if self._replace != typed and await asyncio.to_thread(is_there, out):
            self._complain("A file of this name is there: enter again replaces it.")
            self._replace = typed
            return
        self._complain("")
        kind = self._kind
        try:
            told = await asyncio.to_thread(self._what.write, kind, out)
        except UsageError as error:
            self._complain(f"{error.message}. {error.hint}")
        else:
            self.dismiss(told)

    def _complain(self, wrong: str) -> None:
        self._replace = ""
        said = f"! {printable(wrong)}" if wrong else ""
        self.query_one("#wrong", Static).update(Content(said))


def ask_export(
    node: DOMNode, reports: Sequence[Report], paths: Sequence[Path], *, words: str = ""
) -> None:
    """Let a person write what a screen shows to a file, and say where it went.

    Args:
        node: on the screen whose picture is taken, before anything is put over it.
        reports: at least one.
        paths: theirs.
        words: the screen's own text.
    """
    picture = picture_of(node)
    what = Exportable(reports=tuple(reports), paths=tuple(paths), picture=picture, words=words)
    ask_to_write(node, what)


def picture_of(node: DOMNode) -> str:
    """Return the screen on top as SVG; to be taken before a dialog lies over it."""
    app = app_of(node)
    return picture_without_fonts(app.export_screenshot(title=f"{app.title} {app.screen.title}"))


def ask_to_write(node: DOMNode, what: Writable) -> None:
    """Let a person choose form and file, and say where it went."""
    app = app_of(node)

    def told(sentence: str | None) -> None:
        if sentence is not None:
            app.notify(sentence, title="Export", timeout=12, markup=False)

    app.push_screen(ExportScreen(what), told)

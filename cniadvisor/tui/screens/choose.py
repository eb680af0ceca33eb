"""A list to choose one of, or several, with a search field that narrows it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cniadvisor.tui.choices import Choice, found
from cniadvisor.tui.keymap import bindings


class _Chooser(ModalScreen["tuple[str, ...] | None"]):
    """What both kinds have: title, search, list."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("choose")]
    CSS_PATH = "choose.tcss"
    AUTO_FOCUS = "Input"

    def __init__(self, title: str, choices: Sequence[Choice], *, told: str) -> None:
        super().__init__(classes="chooser")
        self._title = title
        self._choices = tuple(choices)
        self._told = told
        self._shown: tuple[Choice, ...] = ()

    def compose(self) -> ComposeResult:
        """Yield title, search field, list and how to use them."""
        with Vertical(id="box"):
            yield Static(self._title, markup=False, id="title")
            yield Input(placeholder="type to search", id="wanted")
            yield OptionList(id="list", markup=False)
            yield Static(self._told, markup=False, id="told")

    def on_mount(self) -> None:
        """List everything."""
        self._list("")

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, wanted: str) -> None:
        self._shown = self._found(wanted)
        listing = self.query_one(OptionList)
        listing.clear_options()
        listing.add_options([Option(Content(self._words(choice))) for choice in self._shown])
        if not self._shown:
            listing.add_option(Option("nothing has these words", disabled=True))
        else:
            listing.highlighted = self._first()

    def _found(self, wanted: str) -> tuple[Choice, ...]:
        return found(self._choices, wanted)

    def _words(self, choice: Choice) -> str:
        return choice.words

    def _first(self) -> int:
        """Return which line is highlighted when the list is made."""
        return 0

    def action_move(self, lines: int) -> None:
        """Move the highlight from within the search field."""
        listing = self.query_one(OptionList)
        if listing.highlighted is not None and self._shown:
            listing.highlighted = max(0, min(len(self._shown) - 1, listing.highlighted + lines))

    def action_back(self) -> None:
        """Leave with nothing chosen."""
        self.dismiss(None)

    def _highlighted(self) -> Choice | None:
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None


class ChooseScreen(_Chooser):
    """Choose one; the answer is a tuple of its value, or None when nothing was chosen.

    Args:
        title: what is chosen.
        choices: in the order to show.
        current: the value that holds now; it is highlighted first.
        free: how a line is offered that is typed and not in the list, such as ``use {}``; None
            where it must be one of the list.
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        current: str | None = None,
        free: str | None = None,
    ) -> None:
        super().__init__(title, choices, told="enter chooses, esc leaves it as it is")
        self._current = current
        self._free = free

    def _found(self, wanted: str) -> tuple[Choice, ...]:
        typed = wanted.strip()
        listed = super()._found(wanted)
        if self._free is None or not typed or any(typed == one.value for one in self._choices):
            return listed
        return (*listed, Choice(value=typed, words=self._free.replace("{}", typed)))

    def _first(self) -> int:
        values = [choice.value for choice in self._shown]
        return values.index(self._current) if self._current in values else 0

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        choice = self._highlighted()
        if choice is not None:
            self.dismiss((choice.value,))


class ChooseManyScreen(_Chooser):
    """Choose any number; the answer is their values in the order of ``choices``, or None.

    Args:
        title: what is chosen.
        choices: in the order to show.
        chosen: the values that hold now.
        needed: at least one must be marked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("choose-many")]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        chosen: Iterable[str],
        needed: bool = False,
    ) -> None:
        super().__init__(
            title, choices, told="enter marks, ctrl+s takes the marked ones, esc leaves it as it is"
        )
        self._chosen = set(chosen)
        self._needed = needed

    def _words(self, choice: Choice) -> str:
        return f"[{'x' if choice.value in self._chosen else ' '}] {choice.words}"

    def action_take(self) -> None:
        """Answer with what is marked."""
        taken = tuple(choice.value for choice in self._choices if choice.value in self._chosen)
        if taken or not self._needed:
            self.dismiss(taken)
        else:
            told = self.query_one("#told", Static)
            told.update(Content(f"! Nothing is marked, and one is needed: {self._told}"))

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _mark(self) -> None:
        choice = self._highlighted()
        if choice is None:
            return
        self._chosen ^= {choice.value}
        listing = self.query_one(OptionList)
        at = listing.highlighted or 0
        listing.replace_option_prompt_at_index(at, Content(self._words(choice)))

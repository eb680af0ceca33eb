"""The first screen: what is running here, painted at once from what was seen last."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.core import Core, Overview
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.messages import PlaceChanged, Show, Watch
from cniadvisor.tui.overview_view import OverviewState, main_text, side_text, state_line
from cniadvisor.tui.symbols import Symbols
from cniadvisor.tui.telling import copy_command, tell_error
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import Wrapped
from cniadvisor.wording.findings import why_text
from cniadvisor.wording.overview import detect_command, place_words

_REPLAY_SPEED = 10.0


def utc_now() -> datetime:
    """Return the time of now."""
    return datetime.now(UTC)


def _offered(state: OverviewState) -> tuple[bool | None, ...]:
    """Return all that decides which keys are offered."""
    known, failed = state.overview is not None, state.error is not None
    return known, failed, state.replay, state.lab


class OverviewScreen(Screen[None]):
    """Show what is known, then read the cluster and show that.

    Args:
        core: the product.
        symbols: the marks this terminal can show.
        now: tells the time, for the age of what is shown.
    """

    TITLE = "Overview"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("overview")]
    AUTO_FOCUS = "#page"

    state: reactive[OverviewState] = reactive(OverviewState(), init=False)

    def __init__(
        self, core: Core, *, symbols: Symbols, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__()
        self._core = core
        self._symbols = symbols
        self._now = now

    def compose(self) -> ComposeResult:
        """Yield header, state, findings and footer, filled with what was seen last."""
        state = self._remembered()
        self.set_reactive(OverviewScreen.state, state)
        line = state_line(state, self._symbols, self._now())
        yield TopBar()
        yield Static(line.words, id="state", markup=False, classes=line.style)
        with VerticalScroll(id="page"):
            yield Wrapped(partial(main_text, state, self._now()), id="main")
            side = Wrapped(partial(side_text, state), id="side")
            side.display = bool(side_text(state, 80))
            yield side
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the cluster once what was seen last is on the screen."""
        self._tell_place(self.state.overview)
        self._look_soon()
        self.set_interval(1, self._tick)

    def on_screen_resume(self) -> None:
        """Show what a run has found out meanwhile."""
        self.state = replace(self.state, probe=self._core.last_probe())

    def watch_state(self, before: OverviewState, state: OverviewState) -> None:
        """Draw."""
        line = state_line(state, self._symbols, self._now())
        shown = self.query_one("#state", Static)
        shown.update(line.words)
        shown.set_classes(line.style)
        self.query_one("#main", Wrapped).show(partial(main_text, state, self._now()))
        side = self.query_one("#side", Wrapped)
        side.show(partial(side_text, state))
        side.display = bool(side_text(state, 80))
        if _offered(before) != _offered(state):  # the footer is made anew then
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "explain":
                return self.state.overview is not None
            case "lab":
                return self.state.lab is True
            case "replay":
                return self.state.error is not None and self.state.replay
            case "namespace":
                return self.state.overview is not None
            case _:
                return True

    # -- what the keys do

    def action_explain(self) -> None:
        """Show the evidence for and against."""
        from cniadvisor.tui.screens.reading import ReadingScreen

        seen = self.state.overview
        if seen is not None:
            app_of(self).push_screen(
                ReadingScreen(
                    "Why",
                    lambda width: (
                        why_text(seen.findings, seen.explanation, width=width)
                        or "There is no evidence to show."
                    ),
                )
            )

    def action_refresh(self) -> None:
        """Read the cluster again."""
        self._look()

    def action_copy(self) -> None:
        """Copy the command that tells the same."""
        copy_command(self, detect_command(self._core.settings))

    @work(exclusive=True, group="choosing")
    async def action_context(self) -> None:
        """Choose another context."""
        from cniadvisor.tui.overview_asking import asked_context

        seen = self.state.overview
        current = self._core.settings.context or (seen.context if seen else None)
        try:
            chosen = await asked_context(self, self._core, current)
        except CniAdvisorError as error:
            tell_error(self, error)
            return
        if chosen is not None:
            self._use(context=chosen, namespace=None)

    @work(exclusive=True, group="choosing")
    async def action_namespace(self) -> None:
        """Choose the namespace a run works in."""
        from cniadvisor.tui.overview_asking import asked_namespace

        chosen = await asked_namespace(self, self._core)
        if chosen is not None:
            self._use(context=self._core.settings.context, namespace=chosen or None)

    def action_advise(self) -> None:
        """Go on to the question which CNI fits."""
        self.post_message(Show("advisor"))

    def action_replay(self) -> None:
        """Watch the recorded run that ships with the product."""
        try:
            handle = self._core.replay(None, speed=_REPLAY_SPEED)
        except CniAdvisorError as error:
            tell_error(self, error)
        else:
            self.post_message(Watch(handle))

    @work(exclusive=True, group="choosing")
    async def action_lab(self) -> None:
        """Choose wirings, then measure them on this machine."""
        from cniadvisor.tui.overview_asking import asked_wirings

        choices = await asked_wirings(self, self._core)
        if choices is None:
            return
        try:
            handle = self._core.start_lab(choices)
        except CniAdvisorError as error:
            tell_error(self, error)
        else:
            self.post_message(Watch(handle))

    # -- how it learns

    def _begin(self) -> None:
        # What is still being read is of the place that was left.
        self.workers.cancel_group(self, "looking")  # pyright: ignore[reportUnknownMemberType] - Textual's
        self.state = self._remembered()
        self._tell_place(self.state.overview)
        self._look_soon()

    def _remembered(self) -> OverviewState:
        saved = self._core.saved_overview()
        probe = self._core.last_probe()
        return OverviewState(overview=saved, saved=saved is not None, probe=probe)

    def _look_soon(self) -> None:
        # Its imports are heavy: what was seen last is on the screen before they begin.
        self.call_after_refresh(self.set_timer, 0.05, self._look)

    def _use(self, *, context: str | None, namespace: str | None) -> None:
        try:
            self._core.use(context=context, namespace=namespace)
        except UsageError as error:
            tell_error(self, error)
        else:
            self._begin()

    @work(exclusive=True, group="looking")
    async def _look(self) -> None:
        self.state = replace(self.state, reading=True, reading_s=0, error=None)
        try:
            seen = await self._core.look()
        except CniAdvisorError as error:
            self.state = replace(
                self.state, reading=False, error=error, replay=self._core.has_recording()
            )
            self._ask_lab()
        else:
            probe = self._core.last_probe()
            self.state = replace(self.state, overview=seen, saved=False, probe=probe, reading=False)
            self._tell_place(seen)

    @work(exclusive=True, group="asking-lab")
    async def _ask_lab(self) -> None:
        refusal = await self._core.lab_refusal()
        self.state = replace(self.state, lab=refusal is None, lab_refusal=refusal)

    def _tick(self) -> None:
        state = self.state
        if state.reading:
            self.state = replace(state, reading_s=state.reading_s + 1)
        elif state.overview is not None:
            line = state_line(state, self._symbols, self._now())
            self.query_one("#state", Static).update(line.words)

    def _tell_place(self, seen: Overview | None) -> None:
        context = seen.context if seen else (self._core.settings.context or "")
        self.post_message(PlaceChanged(place_words(context, seen.server if seen else "")))

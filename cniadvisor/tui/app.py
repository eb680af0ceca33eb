"""The app: its screens and the ways between them. It measures nothing and owns no run."""

import os
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import ActiveBinding, BindingType
from textual.driver import Driver

from cniadvisor.tui.core import Core
from cniadvisor.tui.driver import steadfast
from cniadvisor.tui.keymap import bindings, groups_of
from cniadvisor.tui.messages import CompareReports, PlaceChanged, Show, Watch
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.runs import RunChoices, RunHandle
from cniadvisor.tui.screen_making import LIVE, OVERVIEW, RESULTS, AnyScreen, live, makers
from cniadvisor.tui.screens.overview import utc_now
from cniadvisor.tui.symbols import ASCII
from cniadvisor.tui.theme import THEMES, css_variables

_HELP = "help"
"""The class of a screen that is the help."""

_PALETTE = "app.palette"
"""The id of the binding that opens the list of commands."""

_REMEMBERED = 20
"""So many screens can be gone back."""


class CniAdvisorApp(App[None]):
    """The interactive face.

    Args:
        core: the product without a face.
        options: how it shall look and be operated.
        begin: the screen to open first, by its name, or a run (or recording) to watch.
        choices: what the command line chose for the Plan screen.
        now: tells the time, for the age of what is shown.
    """

    TITLE = "cniadvisor"
    # The first screen's is read with ours: reading it later would parse everything twice.
    CSS_PATH = ["global.tcss", "screens/overview.tcss"]  # noqa: RUF012 - Textual's annotation holds
    DEFAULT_MODE = OVERVIEW
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's own annotation holds
        (0, "-tiny"),
        (60, "-narrow"),
        (100, "-normal"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny"),
        (18, "-low"),
        (30, "-high"),
    ]

    def __init__(
        self,
        core: Core,
        *,
        options: AppOptions,
        begin: str | RunHandle = OVERVIEW,
        choices: RunChoices | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__()
        self.core = core
        self.options = options
        self._begin = begin
        self._screens = makers(core, options, choices or RunChoices(), now)
        self._watched: RunHandle | None = None
        self._explored: RunHandle | None = None
        self._came_from: list[str] = []
        self.fault: Exception | None = None
        """What the app ended of, if it was a fault of ours; who runs it says so."""
        self.set_class(options.symbols is ASCII, "-ascii")
        self._use_our_themes()
        self.set_keymap(dict(options.keys))
        for name, screen in self._screens.items():
            if name != OVERVIEW:
                self._add_screen(name, screen)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our variables for the moment before the theme is set."""
        return css_variables()

    def get_default_screen(self) -> AnyScreen:
        """Return the first screen. As that of a mode it would have all styles read once more."""
        return self._screens[OVERVIEW]()

    def get_driver_class(self) -> type[Driver]:
        """Return a driver that outlives its terminal."""
        return steadfast(super().get_driver_class())

    async def on_mount(self) -> None:
        """Open what was asked for."""
        self._add_screen(OVERVIEW, self._screens[OVERVIEW])  # there is a way back to it from now on
        if not isinstance(self._begin, str):
            await self._watch_run(self._begin)
        elif self._begin != OVERVIEW:
            await self._go(self._begin)

    # -- the ways between the screens

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only ways that lead somewhere."""
        if action == "show":
            return parameters[0] in self._screens
        if action == "help":
            return not self.screen.is_modal and not self.screen.has_class(_HELP)
        if action == "back":
            return len(self.screen_stack) > 1 or bool(self._came_from)
        return True

    async def action_show(self, name: str) -> None:
        """Go to a screen."""
        run = self._to_watch()
        if name == LIVE and run is not None and run is not self._watched:
            await self._watch_run(run)
            return
        await self._go(name)
        if name == RESULTS and self._ended_since():
            # What lies on top is about an older run; below it the new reports are listed.
            while len(self.screen_stack) > 1:
                await self.pop_screen()

    async def action_back(self) -> None:
        """Close what lies on top, or go to the screen one came from."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self._came_from:
            await self.switch_mode(self._came_from.pop())

    def action_help(self) -> None:
        """Show every key of this screen."""
        from cniadvisor.tui.help import help_text
        from cniadvisor.tui.screens.reading import ReadingScreen

        groups = groups_of(self.screen.walk_children(with_self=True))
        options = self.options
        page = ReadingScreen("Help", partial(help_text, groups, options.keys, options.symbols))
        page.add_class(_HELP)  # no id: help may lie over several screens at once
        self.push_screen(page)

    def action_picture(self) -> None:
        """Write a picture of the screen to a file."""
        from cniadvisor.tui.results.exports import PictureExport
        from cniadvisor.tui.screens.export import ask_to_write, picture_of

        screen = self.screen
        ask_to_write(screen, PictureExport(screen=screen.title or "", picture=picture_of(screen)))

    async def action_quit(self) -> None:
        """Leave, but ask while a run is on: leaving stops it."""
        self.action_leave()

    def action_leave(self) -> None:
        """Leave, but ask while a run is on: leaving stops it. Who asks twice need not answer."""
        from cniadvisor.tui.screens.leave import LeaveScreen

        run = self.core.run
        if run is None or run.end is not None or isinstance(self.screen, LeaveScreen):
            self.exit()
        else:
            self.push_screen(LeaveScreen(), lambda agreed: self.exit() if agreed else None)

    def action_help_quit(self) -> None:
        """Take ctrl+c for what it is everywhere else."""
        self.action_leave()

    @on(Show)
    async def _show(self, message: Show) -> None:
        await self.action_show(message.screen)

    @on(Watch)
    async def _watch_new(self, message: Watch) -> None:
        await self._watch_run(message.handle)

    @on(CompareReports)
    async def _compare_these(self, message: CompareReports) -> None:
        from cniadvisor.tui.screens.compare import CompareScreen

        await self._go("compare")
        if isinstance(self.screen, CompareScreen):
            self.screen.compare(message.paths)

    @on(PlaceChanged)
    def _tell_place(self, message: PlaceChanged) -> None:
        self.sub_title = message.words

    # -- the palette

    def get_system_commands(self, screen: AnyScreen) -> Iterable[SystemCommand]:
        """Yield what can be done now on this screen, once for all its keys, then the themes."""
        every = (active for active in screen.active_bindings.values() if active.enabled)
        by_id = {active.binding.id: active for active in every}
        for name, active in by_id.items():
            if name is not None and name != _PALETTE:
                yield _command(active, partial(self._run_binding, active))
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)

    async def _run_binding(self, active: ActiveBinding) -> None:
        await self.run_action(active.binding.action, default_namespace=active.node)

    # -- inside

    def _fatal_error(self) -> None:
        """End without the library's traceback, which shows what variables hold."""
        if os.environ.get("CNIADVISOR_DEBUG"):
            super()._fatal_error()
            return
        if not self._exit:  # what breaks because it is being closed is no fault
            self.fault = self._exception
        self._close_messages_no_wait()

    def _to_watch(self) -> RunHandle | None:
        """Return the run under way, or else the one watched last."""
        run = self.core.run
        if run is not None and (run.end is None or self._watched is None):
            return run
        return self._watched

    def _ended_since(self) -> bool:
        """Whether a run has ended since this was asked last."""
        run = self.core.run
        if run is None or run.end is None or run is self._explored:
            return False
        self._explored = run
        return True

    async def _watch_run(self, handle: RunHandle) -> None:
        if self.current_mode == LIVE:
            await self.switch_mode(OVERVIEW)
        await self.remove_mode(LIVE)
        self._watched = handle
        self._add_screen(LIVE, partial(live, handle, self.options))
        await self._go(LIVE)

    async def _go(self, name: str) -> None:
        if name != self.current_mode:
            self._came_from = [*self._came_from, self.current_mode][-_REMEMBERED:]
            await self.switch_mode(name)

    def _add_screen(self, name: str, screen: Callable[[], AnyScreen]) -> None:
        self.add_mode(name, screen)  # pyright: ignore[reportUnknownMemberType]

    def _use_our_themes(self) -> None:
        """Offer only themes in which everything was seen to be readable."""
        for theme in THEMES.values():
            self.register_theme(theme)
        # Not by assignment, which would parse all styles once more before anything is painted.
        self.set_reactive(App.theme, self.options.theme)
        self.stylesheet.set_variables(self.get_css_variables())
        for name in list(self.available_themes):
            if name not in THEMES:
                self.unregister_theme(name)


def _command(active: ActiveBinding, run: Callable[[], Awaitable[None]]) -> SystemCommand:
    binding = active.binding
    return SystemCommand(binding.description, binding.tooltip, run)

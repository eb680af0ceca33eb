"""What a run will do, written down before anything is created; and its start."""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.settings import Settings, is_protected
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.core import Core
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.messages import Watch
from cniadvisor.tui.plan_asking import asked
from cniadvisor.tui.plan_view import (
    ROWS,
    PlanState,
    plan_page,
    row_words,
    start_text,
    state_line,
)
from cniadvisor.tui.runs import PlannedRun, RunChoices, RunHandle
from cniadvisor.tui.screens.confirm import ConfirmScreen
from cniadvisor.tui.symbols import Symbols
from cniadvisor.tui.telling import copy_command, tell_error
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import Wrapped
from cniadvisor.wording.plan import agree_question, name_question


class PlanScreen(Screen[None]):
    """Choose, look at the plan, start.

    Args:
        core: the product.
        choices: what the command line chose already.
        suites: the names of the suites that ship.
        symbols: the marks this terminal can show.
    """

    TITLE = "Plan"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("plan")]
    CSS_PATH = "plan.tcss"
    AUTO_FOCUS = "#choices"

    state: reactive[PlanState] = reactive(PlanState(), init=False)

    def __init__(self, core: Core, *, choices: RunChoices, symbols: Symbols) -> None:
        super().__init__()
        self._core = core
        self._first_choices = choices
        self._symbols = symbols
        self._planned_with: Settings | None = None

    def compose(self) -> ComposeResult:
        """Yield header, state, choices, plan and footer."""
        yield TopBar()
        yield Static(id="state", markup=False)
        with Container(id="columns"):
            yield OptionList(id="choices", markup=False)
            with VerticalScroll(id="page"):
                yield Wrapped(id="plan")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with what is chosen already."""
        self.state = PlanState(choices=self._first_choices, read_only=self._core.settings.read_only)

    def on_screen_resume(self) -> None:
        """See whether a run is under way, and plan: at first, and for another context."""
        self._see_run()
        if self._planned_with != self._core.settings:
            self._plan()

    def watch_state(self, state: PlanState) -> None:
        """Draw."""
        line = state_line(state, self._symbols)
        shown = self.query_one("#state", Static)
        shown.update(line.words)
        shown.set_classes(line.style)
        listing = self.query_one("#choices", OptionList)
        prompts = [Content(row_words(row, state.choices, state.planned)) for row in ROWS]
        if listing.option_count != len(ROWS):
            listing.add_options([Option(prompt) for prompt in prompts])
            listing.highlighted = 0
        else:
            for index, prompt in enumerate(prompts):
                listing.replace_option_prompt_at_index(index, prompt)
        self.query_one("#plan", Wrapped).show(partial(plan_page, state))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the start only where it is possible; in read-only not at all."""
        if action == "start":
            return self.state.can_start
        if action == "copy":
            return self.state.planned is not None
        return True

    # -- what the keys do

    @on(OptionList.OptionSelected, "#choices")
    def _change(self, event: OptionList.OptionSelected) -> None:
        self._choose(ROWS[event.option_index])

    def action_refresh(self) -> None:
        """Plan again."""
        self._plan()

    def action_copy(self) -> None:
        """Copy the plan as a command."""
        if self.state.planned is not None:
            copy_command(self, self.state.planned.command)

    def action_start(self) -> None:
        """Ask once more, then begin."""
        if self._planned_with != self._core.settings:
            self._plan()
            return
        planned = self.state.current
        if planned is None or not self.state.can_start:
            return
        context = planned.target.context
        protected = is_protected(context, self._core.settings.protected_contexts)
        question = name_question(context) if protected else agree_question(context)
        app_of(self).push_screen(
            ConfirmScreen(
                start_text(planned, question),
                yes="Start",
                no="Not now",
                typed=context if protected else None,
            ),
            partial(self._begin, planned),
        )

    def _begin(self, planned: PlannedRun, agreed: bool | None) -> None:
        if not agreed:
            return
        if planned is not self.state.current:
            hint = "look at the plan for what is chosen now, then start it"
            tell_error(self, UsageError("this plan is an old one", hint=hint))
            return
        try:
            handle = self._core.start(planned)
        except CniAdvisorError as error:
            tell_error(self, error)
            return
        # Its names are taken now: another run needs another plan.
        self.state = replace(self.state, planned=None, planning=True)
        self._plan()
        self.post_message(Watch(handle))

    # -- choosing

    @work(exclusive=True, group="choosing")
    async def _choose(self, row: str) -> None:
        choices = self.state.choices
        try:
            changed = await asked(self, self._core, row, choices, self._suite_tests())
        except CniAdvisorError as error:
            tell_error(self, error)
            return
        if changed is not None and changed != choices:
            self.state = replace(self.state, choices=changed)
            self._plan()

    def _suite_tests(self) -> tuple[TestName, ...]:
        planned = self.state.planned
        return planned.plan.suite.tests if planned is not None else ()

    # -- the run under way

    def _see_run(self) -> None:
        run = self._core.run
        running = run is not None and run.end is None
        if running != self.state.running:
            self.state = replace(self.state, running=running)
        if run is not None and running:
            self._await_end(run)

    @work(exclusive=True, group="run")
    async def _await_end(self, run: RunHandle) -> None:
        await run.wait()
        self._see_run()

    # -- planning

    @work(exclusive=True, group="planning")
    async def _plan(self) -> None:
        self._see_run()
        settings = self._core.settings
        # A plan for another context is not shown as if it were one for this.
        planned = self.state.planned if settings == self._planned_with else None
        self._planned_with = settings
        self.state = replace(self.state, planned=planned, planning=True, error=None)
        try:
            planned = await self._core.plan(self.state.choices)
        except CniAdvisorError as error:
            self.state = replace(self.state, planning=False, planned=None, error=error)
        else:
            self.state = replace(self.state, planning=False, planned=planned)

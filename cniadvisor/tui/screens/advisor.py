"""The Advisor: questions on one side, the ranking that follows from the answers on the other."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from cniadvisor.advise.measured import OwnMeasurements, OwnReport, own_measurements
from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.settings import Settings
from cniadvisor.report.whole_file import shown
from cniadvisor.tui.advisor.asking import Asking, Given, begun
from cniadvisor.tui.advisor.lines import lines
from cniadvisor.tui.advisor.view import AdvisorState, advised, beside_text, state_line
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.choices import Choice
from cniadvisor.tui.core import Core
from cniadvisor.tui.keymap import bindings
from cniadvisor.tui.results.listing import row_words
from cniadvisor.tui.results.reading import listed_in_batches, read_reports
from cniadvisor.tui.symbols import Symbols
from cniadvisor.tui.telling import copy_command, tell_error
from cniadvisor.tui.widgets.key_bar import KeyBar
from cniadvisor.tui.widgets.question_view import QuestionView
from cniadvisor.tui.widgets.top_bar import TopBar
from cniadvisor.tui.widgets.wrapped import Wrapped


class AdvisorScreen(Screen[None]):
    """Ask, and show what follows from the answers.

    Args:
        core: the product.
        symbols: the marks this terminal can show.
        now: tells the time, for the age of facts.
    """

    TITLE = "Advisor"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("advisor")]
    CSS_PATH = "advisor.tcss"
    AUTO_FOCUS = "QuestionView"

    state: reactive[AdvisorState] = reactive(AdvisorState(), init=False)

    def __init__(self, core: Core, *, symbols: Symbols, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._core = core
        self._symbols = symbols
        self._now = now
        self._filled_for: Settings | None = None
        self._own_paths: tuple[Path, ...] = ()
        self._own_reports: tuple[OwnReport, ...] = ()
        self._probe: PolicyProbe | None = None

    def compose(self) -> ComposeResult:
        """Yield header, state, questions, advice and footer."""
        yield TopBar()
        yield Static(id="state", markup=False)
        with Container(id="halves"):
            yield QuestionView(id="questions")
            with VerticalScroll(id="beside"):
                yield Wrapped(id="advice")
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the questions, then what the cluster answers."""
        self._begin()

    def on_screen_resume(self) -> None:
        """Read again what the cluster answers if another one was chosen meanwhile, or probed."""
        state = self.state
        if state.asking is None:
            return
        read = not state.reading and state.unfilled is None
        probed = read and self._core.last_probe() != self._probe
        if probed or self._filled_for is not self._core.settings:
            self._fill()

    def watch_state(self, before: AdvisorState, state: AdvisorState) -> None:
        """Draw; work out the ranking where something changed that it depends on."""
        line = state_line(state, self._symbols)
        said = self.query_one("#state", Static)
        said.update(Content(line.words))
        said.set_classes(line.style)
        asking = state.asking
        self.set_class(state.whole or asking is None, "-whole")
        if asking is not None:
            self.query_one(QuestionView).show(partial(lines, asking, self._symbols))
            if before.asking is None or before.asking.given is not asking.given:
                self._advise(asking.given)
        self.query_one("#advice", Wrapped).show(partial(beside_text, state, self._symbols))
        if before.whole != state.whole:
            page = self.query_one("#beside")
            page.scroll_home(animate=False)
            (page if state.whole else self.query_one(QuestionView)).focus()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "move" | "step" | "choose" | "unanswer" | "every":
                return self.state.asking is not None and not self.state.whole
            case "questions" | "published":
                return self.state.whole
            case "result":
                return self.state.advice is not None
            case "own":
                return self.state.asking is not None
            case "export":
                return self.state.settled is not None
            case "copy":
                return self.state.settled is not None and bool(self.state.settled.told.commands)
            case _:
                return True

    # -- what the keys do

    def action_move(self, rows: int) -> None:
        """Put the cursor on another choice."""
        self._change(lambda asking: asking.moved(rows))

    def action_step(self, direction: int) -> None:
        """Go to another question."""
        self._change(lambda asking: asking.stepped(direction))

    def action_choose(self) -> None:
        """Take the choice under the cursor; after the last question show the recommendation."""
        asking = self.state.asking
        if asking is not None:
            told = asking.chosen()
            ends = told.done and not asking.everything
            self.state = replace(self.state, asking=told, whole=ends)

    def action_unanswer(self) -> None:
        """Take an answer back."""
        self._change(Asking.unanswered)

    def action_every(self) -> None:
        """Show all questions, or one."""
        self._change(Asking.turned)

    def action_result(self) -> None:
        """Show the whole recommendation, or the questions."""
        self.state = replace(self.state, whole=not self.state.whole)

    def action_questions(self) -> None:
        """Show the questions."""
        self.state = replace(self.state, whole=False)

    @work(exclusive=True, group="published")
    async def action_published(self) -> None:
        """Show in full what campaigns found, or not."""
        asking = self.state.asking
        if asking is None or self.state.references is not None:
            self.state = replace(self.state, references=None)
            return
        named = [path for one in asking.given.catalogue.campaigns for path in one.reports]
        read = await asyncio.to_thread(read_reports, named)
        for problem in read.problems:
            tell_error(self, problem)
        found = dict(zip(read.paths, read.reports, strict=True))
        self.state = replace(self.state, references=found)

    def action_refresh(self) -> None:
        """Read the cluster again."""
        if self.state.asking is None:
            self._begin()
        else:
            self._fill(anew=True)

    def action_copy(self) -> None:
        """Copy the first of the commands that verify the recommendation: the one to run now."""
        advice = self.state.settled
        if advice is not None and advice.told.commands:
            copy_command(self, advice.told.commands[0])

    def action_export(self) -> None:
        """Write the recommendation or the answers to a file."""
        from cniadvisor.tui.advisor.exports import AdviceExport
        from cniadvisor.tui.screens.export import ask_to_write, picture_of

        advice = self.state.settled
        if advice is not None:
            references, picture = self.state.references, picture_of(self)
            told = AdviceExport(advice=advice, references=references, picture=picture)
            ask_to_write(self, told)

    @work(exclusive=True, group="own")
    async def action_own(self) -> None:
        """Choose reports that count as evidence."""
        from cniadvisor.tui.screens.choose import ChooseManyScreen

        places = self._core.report_places()
        found = [e async for batch in listed_in_batches(places) for e in batch if not e.problem]
        if not found:
            nothing = UsageError("there are no reports on this machine", hint="key 2 plans a run")
            tell_error(self, nothing)
            return
        choices = [Choice(value=str(entry.path), words=row_words(entry)) for entry in found]
        chosen = await app_of(self).push_screen_wait(
            ChooseManyScreen(
                "Reports that count as evidence", choices, chosen=map(str, self._own_paths)
            )
        )
        if chosen is None:
            return
        read = await asyncio.to_thread(read_reports, [Path(path) for path in chosen])
        for problem in read.problems:
            tell_error(self, problem)
        self._own_paths = read.paths
        told = zip(read.paths, read.reports, strict=True)
        self._own_reports = tuple(OwnReport(name=shown(path), report=one) for path, one in told)
        own = self._own()
        self._change(lambda asking: asking.with_given(replace(asking.given, own=own)))

    @on(QuestionView.Pointed)
    def _point(self, event: QuestionView.Pointed) -> None:
        asking = self.state.asking
        if asking is None:
            return
        here = (asking.at, asking.choice) == (event.question, event.choice)
        if here:
            self.action_choose()
        elif event.choice is not None or event.question != asking.at:
            self.state = replace(self.state, asking=asking.on(event.question, event.choice))

    # -- how it learns

    def _change(self, change: Callable[[Asking], Asking]) -> None:
        asking = self.state.asking
        if asking is not None:
            self.state = replace(self.state, asking=change(asking))

    @work(exclusive=True, group="questions")
    async def _begin(self) -> None:
        self.state = AdvisorState()
        try:
            catalogue = await self._core.catalogue()
        except CniAdvisorError as error:
            self.state = replace(self.state, error=error)
            return
        given = Given(catalogue=catalogue, answers={}, found={}, own=OwnMeasurements())
        self.state = replace(self.state, asking=begun(given))
        self._fill()

    @work(exclusive=True, group="cluster")
    async def _fill(self, *, anew: bool = False) -> None:
        asking = self.state.asking
        if asking is None:
            return
        self._filled_for = self._core.settings
        self.state = replace(self.state, reading=True, unfilled=None)
        found, unfilled, self._probe = {}, None, None
        try:
            if anew:
                await self._core.look()
            found = await self._core.prefilled(asking.given.catalogue)
            self._probe = self._core.last_probe()
        except CniAdvisorError as error:
            unfilled = error
        self.state = replace(self.state, reading=False, unfilled=unfilled)
        own = self._own()
        self._change(lambda now: now.with_given(replace(now.given, found=found, own=own)))

    def _own(self) -> OwnMeasurements:
        return own_measurements(self._own_reports, probe=self._probe)

    @work(exclusive=True, group="ranking")
    async def _advise(self, given: Given) -> None:
        today = self._now().astimezone().date()
        advice = await asyncio.to_thread(advised, given, today)
        self.state = replace(self.state, advice=advice)

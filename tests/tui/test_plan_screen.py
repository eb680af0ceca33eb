"""The plan: chosen, looked at, started after a last question; or why it can't be."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from cniadvisor.domain.errors import AccessError, UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.plan_view import ROWS
from cniadvisor.tui.runs import RunChoices
from cniadvisor.tui.screens.ask import AskScreen
from cniadvisor.tui.screens.choose import ChooseManyScreen, ChooseScreen
from cniadvisor.tui.screens.confirm import ConfirmScreen
from cniadvisor.tui.screens.live import LiveScreen
from cniadvisor.tui.screens.plan import PlanScreen
from tests.tui.fake_core import FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until
from tests.tui.told_run import ToldRun

READY = "Ready to start"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_plan_in_every_size(size: tuple[int, int]) -> None:
    async with opened(FakeCore(), size=size, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await check_snapshot("plan", pilot)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_what_stands_in_the_way_comes_first(size: tuple[int, int]) -> None:
    problems = (
        UsageError("there is no image for the pods yet", hint="make one: cniadvisor image build"),
        AccessError("a right is missing for bench: create jobs.batch", right="create jobs.batch"),
    )
    async with opened(FakeCore(problems=problems), size=size, begin="plan") as pilot:
        await until(pilot, lambda: "Can't start yet: 2 problems" in screen_text(pilot.app))
        assert "s Start" not in screen_text(pilot.app)
        await check_snapshot("plan-problems", pilot)
        await pilot.press("s")
        await pilot.pause()
        assert pilot.app.screen.title == "Plan"


async def test_no_plan_says_why_and_what_to_do() -> None:
    core = FakeCore(plan_error=UsageError("cross-node figures need two nodes", hint="add a node"))
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: "No plan can be made" in screen_text(pilot.app))
        assert "What to do: add a node" in screen_text(pilot.app)
        core.plan_error = None
        await pilot.press("r")
        await until(pilot, lambda: READY in screen_text(pilot.app))


async def test_read_only_has_no_start_and_says_so() -> None:
    core = FakeCore(settings=Settings(read_only=True))
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: "Read-only" in screen_text(pilot.app))
        assert "s Start" not in screen_text(pilot.app)
        await pilot.press("s")
        await pilot.pause()
        assert core.started == []


async def test_the_run_starts_after_a_question_and_is_watched() -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        text = screen_text(pilot.app)
        assert "2 objects in namespace cniadvisor-0badcafe" in text
        assert "Create these in dev?" in text
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen.title == "Plan")
        assert core.started == []
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        assert len(core.started) == 1


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("context", ["dev", "eu-prod-1"])
async def test_the_last_question_in_every_size(size: tuple[int, int], context: str) -> None:
    async with opened(FakeCore(context=context), size=size, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await check_snapshot(f"plan-start-{context}", pilot)


async def test_one_run_at_a_time() -> None:
    core = FakeCore(run=ToldRun())
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: "A run is under way" in screen_text(pilot.app))
        assert "s Start" not in screen_text(pilot.app)
        assert isinstance(core.run, ToldRun)
        core.run.finish()
        await pilot.press("1")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")
        await pilot.press("2")
        await until(pilot, lambda: READY in screen_text(pilot.app))


async def test_a_run_that_ends_while_the_plan_is_looked_at_is_no_longer_in_the_way() -> None:
    run = ToldRun()
    async with opened(FakeCore(run=run), begin="plan") as pilot:
        await until(pilot, lambda: "A run is under way" in screen_text(pilot.app))
        run.finish()
        await until(pilot, lambda: READY in screen_text(pilot.app))
        assert "s Start" in screen_text(pilot.app)


async def chosen_limit(pilot: Pilot[Any], typed: str) -> None:
    pilot.app.screen.query_one("#choices", OptionList).highlighted = ROWS.index("limit")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
    await pilot.press(*typed, "enter")


async def test_while_another_plan_is_made_the_one_before_does_not_start() -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        core.gate = asyncio.Event()
        await chosen_limit(pilot, "100")
        await until(pilot, lambda: "Planning" in screen_text(pilot.app))
        assert "100 Mbit/s" in screen_text(pilot.app)
        assert "s Start" not in screen_text(pilot.app)
        await pilot.press("s", "y")
        await pilot.pause()
        assert core.started == []
        core.gate.set()
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(core.started) == 1)
        assert core.started[0].choices.max_rate_mbit_per_s == 100.0


async def test_choices_that_change_under_the_last_question_take_its_plan_away() -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        plan = pilot.app.screen
        assert isinstance(plan, PlanScreen)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        plan.state = replace(plan.state, choices=RunChoices(max_rate_mbit_per_s=100.0))
        await pilot.press("y")
        await until(pilot, lambda: "this plan is an old one" in screen_text(pilot.app))
        assert core.started == []


async def test_another_context_gets_a_plan_of_its_own() -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("1")
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        await pilot.press(*"prod", "enter")
        await until(pilot, lambda: core.settings.context == "eu-prod-1")
        core.gate = asyncio.Event()
        await pilot.press("2")
        await until(pilot, lambda: "Planning" in screen_text(pilot.app))
        assert "cniadvisor-0badcafe" not in screen_text(pilot.app), "that was for dev"
        core.gate.set()
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "eu-prod-1" in screen_text(pilot.app)
        assert "type its name to go on" in screen_text(pilot.app)


async def test_a_context_that_changes_under_the_plan_is_planned_for_before_it_is_asked() -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        core.use(context="eu-prod-1", namespace=None)
        await pilot.press("s")
        await until(pilot, lambda: len(core.planned_for) == 2)
        await until(pilot, lambda: READY in screen_text(pilot.app))
        assert pilot.app.screen.title == "Plan"
        assert "eu-prod-1" in screen_text(pilot.app)


async def test_a_protected_context_wants_its_name_typed() -> None:
    core = FakeCore(context="eu-prod-1")
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "type its name to go on" in screen_text(pilot.app)
        await pilot.press(*"eu-prod-2", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert core.started == []
        pilot.app.screen.query_one(Input).value = ""
        await pilot.press(*"eu-prod-1", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        assert len(core.started) == 1


async def test_every_choice_leads_to_another_plan() -> None:
    core = FakeCore()
    async with opened(core, size=(120, 40), begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))

        async def chosen(row: int, kind: type, *keys: str) -> RunChoices:
            count = len(core.planned_for)
            listing = pilot.app.screen.query_one("#choices", OptionList)
            listing.focus()
            listing.highlighted = row
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, kind))
            await pilot.press(*keys)
            await until(pilot, lambda: len(core.planned_for) > count)
            await until(pilot, lambda: READY in screen_text(pilot.app))
            return core.planned_for[-1]

        assert (await chosen(0, ChooseScreen, *"thor", "enter")).suite == "thorough"
        assert (await chosen(1, ChooseManyScreen, *"scp", "enter", "ctrl+s")).tests == (
            TestName.TCP,
            TestName.UDP,
            TestName.SCP,
        )
        assert (await chosen(2, ChooseScreen, *"node2", "enter")).client_node == "node2"
        assert (await chosen(3, ChooseScreen, *"node1", "enter")).server_node == "node1"
        assert (await chosen(4, AskScreen, *"example", "enter")).image == "example"
        assert (await chosen(5, AskScreen, *"7", "enter")).repeats == 7
        assert (await chosen(6, AskScreen, *"9", "enter")).duration_s == 9
        assert (await chosen(7, AskScreen, *"100", "enter")).max_rate_mbit_per_s == 100.0
        text = screen_text(pilot.app)
        assert "node2" in text
        assert "100 Mbit/s" in text


@pytest.mark.parametrize(
    ("row", "typed", "told"),
    [
        (5, "0", "from 1 to 100"),
        (5, "many", "from 1 to 100"),
        (6, "601", "from 1 to 600"),
        (7, "nan", "at least 0.1"),
        (7, "inf", "at least 0.1"),
        (7, "-3", "at least 0.1"),
    ],
)
async def test_a_number_that_cannot_be_is_refused(row: int, typed: str, told: str) -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        pilot.app.screen.query_one("#choices", OptionList).highlighted = row
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await pilot.press(*typed, "enter")
        await until(pilot, lambda: told in screen_text(pilot.app))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen.title == "Plan")
        assert len(core.planned_for) == 1


async def test_the_probe_is_switched_on_and_off_at_once() -> None:
    core = FakeCore()
    async with opened(core, begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        listing = pilot.app.screen.query_one("#choices", OptionList)
        for count, holds in ((2, True), (3, False)):
            listing.highlighted = ROWS.index("probe")
            await pilot.press("enter")
            await until(pilot, lambda count=count: len(core.planned_for) == count)
            await until(pilot, lambda: READY in screen_text(pilot.app))
            assert core.planned_for[-1].probes_policy is holds
            assert ("is NetworkPolicy enforced?" in screen_text(pilot.app)) is holds


async def test_the_search_narrows_the_nodes_and_says_what_speaks_against_one() -> None:
    async with opened(FakeCore(), begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        pilot.app.screen.query_one("#choices", OptionList).highlighted = 2
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        assert "node3, amd64, 4 cores, zone b, cordoned" in screen_text(pilot.app)
        await pilot.press(*"zone b")
        await until(pilot, lambda: "node1" not in screen_text(pilot.app).partition("Client")[2])
        await pilot.press("x")
        await until(pilot, lambda: "nothing has these words" in screen_text(pilot.app))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ChooseScreen)


async def test_the_plan_is_copied_as_a_command() -> None:
    async with opened(FakeCore(), begin="plan") as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        await pilot.press("y")
        await until(pilot, lambda: "Copied" in screen_text(pilot.app))
        assert pilot.app.clipboard == "cniadvisor bench --headless --suite quick --seed 7"


async def test_what_the_command_line_chose_is_planned_first() -> None:
    core = FakeCore()
    choices = RunChoices(suite="standard", repeats=5)
    async with opened(core, begin="plan", choices=choices) as pilot:
        await until(pilot, lambda: READY in screen_text(pilot.app))
        assert core.planned_for == [choices]


async def test_markup_in_names_shows_as_it_is() -> None:
    core = FakeCore()
    core.known_nodes = (
        replace(core.known_nodes[0], name="node1"),
        replace(core.known_nodes[1], name="node2", zone="[bold]a[/nope]"),
    )
    async with opened(core, size=(120, 40), begin="plan") as pilot:
        await until(pilot, lambda: "zone [bold]a[/nope]" in screen_text(pilot.app))

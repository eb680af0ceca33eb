"""The Advisor: questions, the ranking beside them, the whole recommendation, files."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from cniadvisor.advise.prefill import Found
from cniadvisor.catalogue.answers_file import parse_answers
from cniadvisor.domain.errors import AccessError, ClusterError, UsageError
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.advisor import AdvisorScreen
from cniadvisor.tui.screens.choose import ChooseManyScreen
from cniadvisor.tui.screens.export import ExportScreen
from cniadvisor.tui.symbols import ASCII
from cniadvisor.tui.widgets.wrapped import Wrapped
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until
from tests.unit.advise.shipped import shipped

FOUND = {
    "current": Found(value="flannel", evidence="Detected: flannel 0.27.4, high confidence."),
    "windows": Found(value="no", evidence="All 3 nodes run Linux."),
    "kernel": Found(value="5.10", evidence="The oldest kernel among the nodes is 6.12.48."),
}


def screen(pilot: Pilot[Any]) -> AdvisorScreen:
    shown = pilot.app.screen
    assert isinstance(shown, AdvisorScreen)
    return shown


def shown(pilot: Pilot[Any]) -> str:
    return " ".join(screen_text(pilot.app).replace("│", " ").split())


def recommendation(pilot: Pilot[Any]) -> str:
    """Return all that is said beside the questions, what is scrolled away included."""
    return screen(pilot).query_one("#advice", Wrapped).render().plain


async def settled(pilot: Pilot[Any]) -> None:
    def holds() -> bool:
        state = screen(pilot).state
        return state.settled is not None and not state.reading

    await until(pilot, holds)


@asynccontextmanager
async def advisor(
    core: FakeCore | None = None,
    *keys: str,
    size: tuple[int, int] = (80, 24),
    options: AppOptions | None = None,
) -> AsyncGenerator[Pilot[Any]]:
    """Open the app on the Advisor, wait for the ranking, then press keys."""
    core = core or FakeCore(found=FOUND)
    async with opened(core, size=size, begin="advisor", options=options) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, AdvisorScreen))
        await settled(pilot)
        # The header has the place once the Overview, which is beneath, has read it.
        await until(pilot, lambda: bool(pilot.app.sub_title) and "at" in pilot.app.sub_title)
        await pilot.press(*keys)
        if isinstance(pilot.app.screen, AdvisorScreen):
            await settled(pilot)
        yield pilot


# -- what it looks like


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_one_question_in_every_size(size: tuple[int, int]) -> None:
    async with advisor(size=size) as pilot:
        await check_snapshot("advisor", pilot)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_all_questions_in_every_size(size: tuple[int, int]) -> None:
    async with advisor(None, "a", "right", size=size) as pilot:
        await check_snapshot("advisor-page", pilot)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_recommendation_in_every_size(size: tuple[int, int]) -> None:
    # Without our own campaigns: how long the text is must not change with each of them.
    others = tuple(one for one in shipped().campaigns if one.author != "cniadvisor")
    core = FakeCore(found=FOUND, known_catalogue=replace(shipped(), campaigns=others))
    async with advisor(core, "v", size=size) as pilot:
        await check_snapshot("advisor-result", pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_where_nobody_fits_it_says_why(size: tuple[int, int]) -> None:
    core = FakeCore(
        found={
            "windows": Found(value="yes", evidence="1 of 3 nodes run Windows."),
            "network_policy": Found(value="yes", evidence="The cluster has 3 policies."),
            "kernel": Found(value="older", evidence="The oldest kernel is 4.15."),
        }
    )
    async with advisor(core, size=size) as pilot:
        assert "No CNI that is known here meets all that you need." in shown(pilot)
        assert "excluded, not met:" in shown(pilot)
        await check_snapshot("advisor-nobody", pilot)


async def test_plain_marks_where_the_terminal_has_no_others() -> None:
    async with advisor(options=AppOptions(symbols=ASCII)) as pilot:
        assert "> * Flannel (from the cluster)" in shown(pilot)
        assert "####" in shown(pilot)
        assert "█" not in screen_text(pilot.app)


# -- answering


async def test_an_answer_changes_the_ranking_beside_it() -> None:
    async with advisor(FakeCore()) as pilot:
        assert "Recommended: Canal" in shown(pilot)
        await pilot.press("a")
        names = [question.name for question in shipped().questions]
        for _ in range(names.index("l7")):
            await pilot.press("right")
        await pilot.press("down", "space")
        await settled(pilot)
        assert "Recommended: Cilium" in shown(pilot)
        assert "excluded, not met: rules on HTTP" in shown(pilot)


async def test_answers_are_taken_back() -> None:
    async with advisor(None, "up", "enter") as pilot:
        assert "1 answered" in shown(pilot)
        await pilot.press("left", "backspace")
        await settled(pilot)
        assert "answered" not in shown(pilot).split("Question")[0]
        assert "● Flannel (from the cluster)" in shown(pilot)


async def test_enter_to_the_end_leads_to_the_whole_recommendation() -> None:
    async with advisor() as pilot:
        for _ in shipped().questions:
            if not screen(pilot).state.whole:
                await pilot.press("enter")
        await settled(pilot)
        assert screen(pilot).state.whole
        assert "Recommended: Flannel" in shown(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "No question is left" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")


async def test_the_recommendation_is_read_with_the_keys_that_scroll() -> None:
    async with advisor(None, "v", "end") as pilot:
        await until(pilot, lambda: "[10]" in screen_text(pilot.app))
        await pilot.press("p")
        await pilot.press("home")
        await settled(pilot)
        words = " ".join(recommendation(pilot).split())
        assert "Conditions" in words
        await pilot.press("v")
        await until(pilot, lambda: "Question 1 of" in shown(pilot))


async def test_a_click_points_and_another_one_chooses() -> None:
    async with advisor(FakeCore()) as pilot:
        rows = screen_text(pilot.app).splitlines()
        place = next(place for place, line in enumerate(rows) if "Canal" in line)
        await pilot.click(offset=(8, place))
        await until(pilot, lambda: ">   Canal" in screen_text(pilot.app))
        await pilot.click(offset=(8, place))
        await until(pilot, lambda: "1 answered" in shown(pilot))
        asking = screen(pilot).state.asking
        assert asking is not None
        assert asking.given.answers == {"current": "canal"}


async def test_one_key_leads_there_from_the_overview() -> None:
    async with opened(FakeCore()) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("a")
        await until(pilot, lambda: pilot.app.screen.title == "Advisor")


# -- the cluster


async def test_without_a_cluster_it_says_that_nothing_is_pre_filled() -> None:
    core = FakeCore(found=UsageError("no kubeconfig found", hint="set KUBECONFIG"))
    async with advisor(core) as pilot:
        assert "! 25 questions: 25 open. Nothing is pre-filled from a cluster: no" in shown(pilot)
        assert "Recommended: Canal" in shown(pilot)


async def test_one_may_answer_while_the_cluster_is_read() -> None:
    core = FakeCore(found=FOUND, gate=asyncio.Event())
    async with opened(core, begin="advisor") as pilot:
        await until(pilot, lambda: "Reading the cluster; 25 questions" in shown(pilot))
        await pilot.press("down", "enter")
        assert core.gate is not None
        core.gate.set()
        await until(pilot, lambda: "1 answered, 2 from the cluster" in shown(pilot))


async def test_refresh_reads_the_cluster_again() -> None:
    core = FakeCore(found=ClusterError("the API server does not answer"))
    async with advisor(core) as pilot:
        assert "does not answer" in shown(pilot)
        core.found = FOUND
        await pilot.press("r")
        await until(pilot, lambda: "3 from the cluster" in shown(pilot))


async def test_another_context_has_other_answers() -> None:
    core = FakeCore(found=FOUND)
    async with advisor(core) as pilot:
        core.found = {}
        core.use(context="eu-prod-1", namespace=None)
        await pilot.press("1")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")
        await pilot.press("6")
        await until(pilot, lambda: "25 questions: 25 open" in shown(pilot))


async def test_what_a_run_probed_meanwhile_stands_beside_the_priority_and_in_the_result() -> None:
    core = FakeCore(found=FOUND)
    async with advisor(core) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, AdvisorScreen)
        core.probe = PolicyProbe(
            probed_at="2026-11-20T09:00:00+00:00",
            parts=(
                PartTried(
                    part=PolicyPart.DENY_INGRESS,
                    standing=Standing.NOT_ENFORCED,
                    took_s=None,
                    detail="connections still got in",
                ),
            ),
        )
        await pilot.press("2")
        await until(pilot, lambda: pilot.app.screen.title == "Plan")
        await pilot.press("6")
        told = "NetworkPolicy is not enforced now (probed 2026-11-20)."

        def beside_the_priority() -> bool:
            asking = screen.state.asking
            assert asking is not None
            by_name = {one.question.name: one for one in asking.asked}
            return by_name["policy"].evidence == told

        await until(pilot, beside_the_priority)
        await until(pilot, lambda: screen.state.settled is not None)
        assert screen.state.settled is not None
        assert [one.probe for one in screen.state.settled.told.own.probes] == [core.probe]


async def test_a_missing_right_is_named() -> None:
    core = FakeCore(found=AccessError("you may not list nodes", right="list nodes"))
    async with advisor(core) as pilot:
        assert "you may not list nodes" in shown(pilot)


async def test_broken_profiles_are_told_in_words_and_read_again() -> None:
    wrong = UsageError("cnis/x.toml, line 3: version must be text", hint="put it in quotes")
    core = FakeCore(known_catalogue=wrong)
    async with opened(core, begin="advisor") as pilot:
        await until(pilot, lambda: "The advisor can't begin" in shown(pilot))
        assert "cnis/x.toml, line 3: version must be text" in shown(pilot)
        assert "What to do: put it in quotes" in shown(pilot)
        await pilot.press("down", "enter", "v", "e", "y", "o", "backspace", "a")
        core.known_catalogue = None
        await pilot.press("r")
        await until(pilot, lambda: "Recommended: Canal" in shown(pilot))


async def test_names_of_others_style_nothing_and_break_nothing() -> None:
    evil = "[bold red]x[/] \x1b[31m " + "数" * 90
    catalogue = shipped()
    first, *rest = catalogue.questions
    choices = tuple(replace(one, label=f"{evil} {one.label}") for one in first.choices)
    told = replace(
        catalogue, questions=(replace(first, ask=evil, help=evil, choices=choices), *rest)
    )
    profiles = tuple(replace(one, title=f"{one.title} {evil}") for one in catalogue.profiles)
    core = FakeCore(
        known_catalogue=replace(told, profiles=profiles),
        found={"current": Found(value="canal", evidence=evil)},
    )
    for keys in (("a",), ("v",), ("enter", "left")):
        async with advisor(core, *keys) as pilot:
            assert "[bold red]x[/]" in screen_text(pilot.app)
            assert "\x1b" not in screen_text(pilot.app)
            assert "\x1b" not in recommendation(pilot)


# -- own reports, files, copying


async def test_own_reports_count_when_they_are_chosen(tmp_path: Path) -> None:
    keep(example_report("flannel"), tmp_path)
    keep(example_report("calico", run_id="b1", started_at="2026-11-21T10:15:00Z"), tmp_path)
    core = FakeCore(places=(tmp_path,))
    async with advisor(core, "o") as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseManyScreen))
        assert "[ ] 2026-11-22 10:15" in shown(pilot)
        await pilot.press("enter", "down", "enter", "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, AdvisorScreen))
        await settled(pilot)
        advice = screen(pilot).state.settled
        assert advice is not None
        assert len(advice.told.own.reports) == 2
        await pilot.press("v")
        words = " ".join(recommendation(pilot).split())
        assert words.index("Your own measurements") < words.index("Measured elsewhere, under")
        await pilot.press("o")
        await until(pilot, lambda: "[x] 2026-11-22 10:15" in shown(pilot))


async def test_without_reports_it_says_so() -> None:
    async with advisor(None, "o") as pilot:
        await until(pilot, lambda: "there are no reports on this machine" in shown(pilot))


async def test_the_command_to_run_now_is_copied() -> None:
    async with advisor(FakeCore(), "y") as pilot:
        await until(pilot, lambda: bool(pilot.app.clipboard))
        assert pilot.app.clipboard == "cniadvisor bench --suite standard --out canal.toml"


@pytest.mark.parametrize("place", range(5))
async def test_every_form_is_written(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with advisor(None, "up", "enter", "e") as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        assert "Write the recommendation to a file" in shown(pilot)
        listing = pilot.app.screen.query_one(OptionList)
        while listing.highlighted != place:
            await pilot.press("down")
        await pilot.pause()
        name = Path(pilot.app.screen.query_one(Input).value)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AdvisorScreen))
        await until(pilot, lambda: "Written to" in shown(pilot))
    text = await asyncio.to_thread(name.read_text)
    match name.suffix:
        case ".md":
            assert text.startswith("# Decision: ")
        case ".json":
            assert json.loads(text)["recommendation"]["cni"] in name.name
        case ".toml":
            told = parse_answers(text, source=str(name), catalogue=shipped())
            assert told == {"current": "cilium", "windows": "no", "kernel": "5.10"}
        case ".txt":
            assert text.startswith("Recommended: ")
            assert "Sources" in text
        case other:
            assert other == ".svg"
            assert text.startswith("<svg")


async def test_what_was_just_answered_is_not_written_before_it_is_worked_out() -> None:
    async with advisor() as pilot:
        state = screen(pilot).state
        assert state.asking is not None
        later = replace(state, asking=state.asking.chosen())
        assert later.settled is None

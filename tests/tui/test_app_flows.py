"""The ways between the screens, leaving, help, palette, other keys, themes without colour."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.keymap import KEYMAP, known_ids
from cniadvisor.tui.messages import Show, Watch
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.confirm import ConfirmScreen
from cniadvisor.tui.screens.export import ExportScreen
from cniadvisor.tui.screens.live import LiveScreen
from cniadvisor.tui.widgets.report_list import ReportList
from tests.tui.example_events import recorded_events
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import SIZES, check_snapshot, painted, screen_text, until
from tests.tui.told_run import ToldReplay, ToldRun

TITLES = {"1": "Overview", "2": "Plan", "3": "Live", "4": "Results", "5": "Compare", "6": "Advisor"}


async def test_number_keys_lead_to_the_screens_and_esc_back() -> None:
    async with opened(FakeCore()) as pilot:
        for key in "253416":
            await pilot.press(key)
            await until(pilot, lambda key=key: pilot.app.screen.title == TITLES[key])
        for key in "14352":
            await pilot.press("escape")
            await until(pilot, lambda key=key: pilot.app.screen.title == TITLES[key])


async def test_the_ways_can_be_clicked() -> None:
    async with opened(FakeCore()) as pilot:
        await until(pilot, lambda: "2 Plan" in screen_text(pilot.app))
        await pilot.click(offset=(screen_text(pilot.app).splitlines()[1].index("Plan"), 1))
        await until(pilot, lambda: pilot.app.screen.title == "Plan")


async def test_without_a_run_q_leaves_at_once() -> None:
    async with opened(FakeCore()) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not pilot.app.is_running)


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_with_a_run_leaving_is_asked_and_stops_nothing_before(key: str) -> None:
    run = ToldRun()
    async with opened(FakeCore(run=run)) as pilot:
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "A run is under way" in screen_text(pilot.app)
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")
        assert pilot.app.is_running
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: not pilot.app.is_running)
        assert run.cancelled == 0, "who owns the run cancels it, when the app is gone"


async def test_ctrl_c_twice_leaves_without_an_answer() -> None:
    async with opened(FakeCore(run=ToldRun())) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not pilot.app.is_running)


async def test_a_run_that_ended_is_no_reason_to_ask() -> None:
    run = ToldRun()
    run.finish()
    async with opened(FakeCore(run=run)) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not pilot.app.is_running)


async def test_live_shows_the_run_after_a_replay_was_watched() -> None:
    run, replay = ToldRun(), ToldReplay()
    run.title, replay.title = "the run", "the replay"
    async with opened(FakeCore(run=run)) as pilot:
        pilot.app.post_message(Watch(replay))
        await until(pilot, lambda: "the replay" in screen_text(pilot.app))
        await pilot.press("1")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")
        await pilot.press("3")
        await until(pilot, lambda: "the run" in screen_text(pilot.app))
        assert replay.listeners == 0


async def test_key_4_leads_to_the_report_of_the_run_that_ended_whatever_lay_there(
    tmp_path: Path,
) -> None:
    for day in (21, 23):
        keep(example_report(run_id=f"r{day}", started_at=f"2026-11-{day}T10:15:00Z"), tmp_path)
    run = ToldRun()
    async with opened(FakeCore(run=run, places=(tmp_path,))) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "2 reports" in screen_text(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.title == "Report")
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        left = keep(example_report(run_id="r22", started_at="2026-11-22T10:15:00Z"), tmp_path)
        run.finish(reports=(left,))
        await pilot.press("4")
        await until(pilot, lambda: "3 reports" in screen_text(pilot.app))
        current = pilot.app.screen.query_one(ReportList).current
        assert current is not None
        assert current.path == left, "the newest by its date is another one"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.title == "Report")
        await pilot.press("3", "4")
        await pilot.pause()
        assert pilot.app.screen.title == "Report", "once seen, the screen is as it was left"


async def test_the_end_of_a_run_does_not_disturb_who_exports(tmp_path: Path) -> None:
    keep(example_report(), tmp_path)
    run = ToldRun(recorded_events())
    async with opened(FakeCore(run=run, places=(tmp_path,))) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        await pilot.press("4")
        await until(pilot, lambda: "94.6 %" in screen_text(pilot.app))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        run.tell()
        run.finish()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExportScreen)
        await pilot.press("escape", "3")
        await until(pilot, lambda: "The run is complete" in screen_text(pilot.app))


async def test_the_app_may_open_on_a_recording() -> None:
    async with opened(FakeCore(), begin=ToldReplay()) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))


async def test_a_screen_may_send_to_another() -> None:
    async with opened(FakeCore()) as pilot:
        pilot.app.screen.post_message(Show("results"))
        await until(pilot, lambda: pilot.app.screen.title == "Results")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_help_in_every_size(size: tuple[int, int]) -> None:
    async with opened(FakeCore(), size=size) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("question_mark")
        await until(pilot, lambda: pilot.app.screen.title == "Help")
        await check_snapshot("help", pilot)


@pytest.mark.parametrize("key", TITLES)
async def test_every_screen_has_help_with_each_of_its_keys(key: str) -> None:
    async with opened(FakeCore(), size=(100, 120)) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.screen.title == TITLES[key])
        await pilot.press("question_mark")
        await until(pilot, lambda: pilot.app.screen.title == "Help")
        text = " ".join(screen_text(pilot.app).split())
        for told in (*KEYMAP[TITLES[key].lower()], *KEYMAP["app"]):
            assert f"[{told.id}]" in text
        for told in (*KEYMAP["list"], *KEYMAP["filter"]):
            assert (f"[{told.id}]" in text) == (TITLES[key] == "Results")


async def test_help_may_lie_over_several_screens() -> None:
    async with opened(FakeCore()) as pilot:
        for key in "16":
            await pilot.press(key, "question_mark")
            await until(pilot, lambda: pilot.app.screen.title == "Help")
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen.title == "Advisor")


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_offers_what_can_be_done_now(key: str) -> None:
    async with opened(FakeCore(), size=(80, 60)) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await until(pilot, lambda: "Namespace" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "Context" in text
        assert "Lab" not in text, "there is a cluster"
        await pilot.press(*"choose and start")
        await until(pilot, lambda: "Plan" in screen_text(pilot.app))
        workers = pilot.app.workers
        await workers.wait_for_complete()  # pyright: ignore[reportUnknownMemberType] - it searches on


async def test_the_palette_offers_each_command_once_and_not_itself() -> None:
    async with opened(FakeCore(), begin=ToldReplay(recorded_events())) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        app = pilot.app
        assert isinstance(app, CniAdvisorApp)
        offered = list(app.get_system_commands(app.screen))
        titles = [command.title for command in offered]
        assert len(titles) == len(set(titles)), titles
        assert {"Faster", "Help", "Quit", "Theme"} <= set(titles)
        assert "Commands" not in titles
        assert "Which CNI fits, with reasons" in {command.help for command in offered}


async def test_a_picture_of_a_run_under_way_goes_where_one_says(tmp_path: Path) -> None:
    replay = ToldReplay(recorded_events())
    async with opened(FakeCore(), begin=replay) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        replay.tell(40)
        await until(pilot, lambda: "Measuring" in screen_text(pilot.app))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        name = pilot.app.screen.query_one(Input)
        await until(pilot, lambda: name.value == "Live-staging.svg")
        name.value = str(tmp_path / "run.svg")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "Written to" in screen_text(pilot.app))
    assert "tcp-multi" in (tmp_path / "run.svg").read_text(encoding="utf-8")


async def test_the_palette_does_what_it_offers() -> None:
    async with opened(FakeCore()) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"Results")
        await until(pilot, lambda: "reports on this machine" in screen_text(pilot.app).lower())
        await pilot.press("enter", "enter")
        await until(pilot, lambda: pilot.app.screen.title == "Results")


async def test_keys_from_the_configuration_replace_ours() -> None:
    options = AppOptions(keys={"app.plan": "p", "app.quit": "ctrl+x"})
    async with opened(FakeCore(), options=options) as pilot:
        await until(pilot, lambda: "p Plan" in screen_text(pilot.app))
        await pilot.press("2", "q")
        await pilot.pause()
        assert pilot.app.screen.title == "Overview"
        await pilot.press("p")
        await until(pilot, lambda: pilot.app.screen.title == "Plan")
        await pilot.press("question_mark")
        await until(pilot, lambda: pilot.app.screen.title == "Help")
        assert "ctrl+x" in pilot.app.screen.query("Wrapped").first().render().plain  # pyright: ignore


def test_no_two_actions_share_an_id() -> None:
    assert len(known_ids()) == len(set(known_ids()))


@pytest.mark.parametrize("screen", [name for name in KEYMAP if name not in ("app",)])
def test_no_two_actions_of_a_screen_share_a_key(screen: str) -> None:
    keys = [key for one in KEYMAP[screen] for key in one.keys.split(",")]
    assert len(keys) == len(set(keys))


async def test_questions_take_a_name_only_as_it_is() -> None:
    answers: list[bool | None] = []
    async with opened(FakeCore()) as pilot:
        pilot.app.push_screen(ConfirmScreen("[b]sure?[/]", typed="prod"), answers.append)
        await until(pilot, lambda: "[b]sure?[/]" in screen_text(pilot.app))
        await pilot.press(*"Prod", "enter")
        await pilot.pause()
        assert answers == []
        pilot.app.screen.query_one(Input).value = "prod"
        await pilot.press("enter")
        await until(pilot, lambda: answers == [True])


@pytest.mark.parametrize(
    ("key", "words"), [("1", "✓ CNI found"), ("3", "The run is complete")], ids=["overview", "live"]
)
async def test_no_color_is_shown_in_greys(
    monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    run = ToldRun(recorded_events())
    run.tell()
    async with opened(FakeCore(run=run), size=(120, 40)) as pilot:
        await pilot.press(key)
        await until(pilot, lambda: words in screen_text(pilot.app))
        assert isinstance(pilot.app, CniAdvisorApp)
        assert pilot.app.no_color
        for _, style in painted(pilot.app):
            for told in (style.color, style.bgcolor):
                red, green, blue = told.get_truecolor() if told is not None else (0, 0, 0)
                assert red == green == blue

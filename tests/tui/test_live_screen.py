import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.events import (
    CleanupStep,
    Outcome,
    Phase,
    PhaseStarted,
    RunFinished,
    WarningRaised,
)
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.tui.screens.confirm import ConfirmScreen
from cniadvisor.tui.screens.live import LiveScreen
from cniadvisor.tui.symbols import ASCII
from cniadvisor.tui.widgets.chart_view import ChartView
from cniadvisor.tui.widgets.run_log import RunLog
from tests.tui.example_events import (
    measuring,
    node_sample,
    recorded_events,
    run_started,
    second,
    trial_finished,
    trial_id,
    trial_started,
)
from tests.tui.live_app import LiveApp
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until
from tests.tui.told_run import ToldReplay, ToldRun

IN_THE_MIDDLE = 43
"""So many events into the recording a trial of round 2 has told its first second."""


async def shown(pilot: Pilot[None], run: ToldRun) -> None:
    """Wait until everything that was told is on the screen."""
    app = pilot.app
    assert isinstance(app, LiveApp)
    await until(pilot, lambda: app.live.is_current)
    await until(pilot, lambda: app.live.told == run.said and app.live.board is app.live.latest)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_in_the_middle(size: tuple[int, int]) -> None:
    run = ToldRun(recorded_events())
    run.tell(IN_THE_MIDDLE)
    async with LiveApp(run).run_test(size=size) as pilot:
        await shown(pilot, run)
        await check_snapshot("live", pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_that_is_over(size: tuple[int, int]) -> None:
    run = ToldRun(recorded_events())
    async with LiveApp(run).run_test(size=size) as pilot:
        run.tell()
        run.finish(reports=(Path("/home/me/reports/k7m2q.toml"),))
        await shown(pilot, run)
        await until(pilot, lambda: "Report" in screen_text(pilot.app))
        await check_snapshot("live-over", pilot)


async def test_the_end_names_the_key_that_leads_to_the_report() -> None:
    run = ToldRun(recorded_events())
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        run.tell()
        run.finish(reports=(Path("k7m2q.toml"),))
        await until(pilot, lambda: "Report (key 4 shows it): k7m2q.toml" in _words(pilot))


@pytest.mark.parametrize("size", SIZES)
async def test_no_run_says_how_to_get_one(size: tuple[int, int]) -> None:
    async with LiveApp(None).run_test(size=size) as pilot:
        await pilot.pause()
        await check_snapshot("live-none", pilot)


async def test_the_chart_moves_with_every_second_and_has_the_baseline() -> None:
    run = ToldRun()
    host, pod = trial_id(path=PathName.HOST), trial_id()
    run.say(run_started(duration_s=10.0), measuring(), trial_started(host, 31.0))
    run.say(second(host, 1.0, 9400.0), trial_finished(host, 9410.0), trial_started(pod, 33.0))
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        chart = pilot.app.screen.query_one("#trial", ChartView)
        assert chart.sentence == "Waiting for the first second."
        for number in range(1, 4):
            run.say(second(pod, float(number), 8900.0 + number))
            await shown(pilot, run)
            assert chart.chart is not None
        assert chart.sentence == (
            "pod network median 8.90 Gbit/s, 8.90 to 8.90 Gbit/s, in 3 s; "
            "host network (baseline), median of 1 trial 9.41 Gbit/s."
        )


async def test_space_pauses_the_view_and_not_the_run() -> None:
    run = ToldRun(recorded_events())
    run.tell(20)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.press("space")
        before = pilot.app.screen.query_one("#trial", ChartView).chart
        run.tell(30)
        await until(pilot, lambda: _live(pilot).told == run.said)
        assert "The view is paused; the run goes on." in _words(pilot)
        assert pilot.app.screen.query_one("#trial", ChartView).chart == before
        await pilot.press("space")
        await shown(pilot, run)
        assert "paused" not in screen_text(pilot.app)
        assert pilot.app.screen.query_one("#trial", ChartView).chart != before


async def test_a_run_that_ends_while_the_view_is_paused_shows_its_end() -> None:
    run = ToldRun(recorded_events())
    run.tell(20)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.press("space")
        run.tell()
        run.finish(reports=(Path("k7m2q.toml"),))
        await until(pilot, lambda: "k7m2q.toml" in screen_text(pilot.app))
        await shown(pilot, run)
        assert "paused" not in screen_text(pilot.app)
        assert "✓ done" in screen_text(pilot.app)


async def test_esc_asks_before_it_cancels_and_clean_up_is_shown_as_progress() -> None:
    run = ToldRun(recorded_events())
    run.tell(30)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "Stop this run?" in _words(pilot)
        await pilot.press("n")
        await until(pilot, lambda: _live(pilot).is_current)
        assert run.cancelled == 0
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: run.cancelled == 1)
        run.say(PhaseStarted(at_s=50.0, phase=Phase.CLOSE, detail="removing what this run made"))
        await shown(pilot, run)
        assert "Clean-up: removing what this run made" in _words(pilot)
        run.say(CleanupStep(at_s=51.0, what="Job pod-client"))
        run.say(CleanupStep(at_s=52.0, what="Job pod-server", error="no answer"))
        await shown(pilot, run)
        assert "Clean-up: 1 object removed, 1 not removed, 52 s so far." in _words(pilot)
        run.say(
            RunFinished(at_s=53.0, finished_at="", outcome=Outcome.PARTIAL, reason="interrupted")
        )
        run.finish(cancelled=True, reports=(Path("k7m2q.toml"),))
        await until(pilot, lambda: "k7m2q.toml" in _words(pilot))
        text = _words(pilot)
        assert "The run is partial: interrupted. You cancelled it" in text
        assert "! cut off" in text


async def test_esc_during_clean_up_asks_whether_to_leave_it_unfinished() -> None:
    run = ToldRun(recorded_events())
    run.tell(30)
    run.say(PhaseStarted(at_s=50.0, phase=Phase.CLOSE, detail="removing what this run made"))
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "Clean-up is under way." in _words(pilot)
        await pilot.press("y")
        await until(pilot, lambda: run.left == 1)
        assert run.cancelled == 0


async def test_a_run_that_failed_says_why_and_what_to_do() -> None:
    run = ToldRun(recorded_events())
    run.tell(30)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        run.finish(error=BenchmarkError("stopped: node worker-1 [is] NotReady", hint="Look there."))
        await until(pilot, lambda: "NotReady" in _words(pilot))
        assert "stopped: node worker-1 [is] NotReady. Look there." in _words(pilot)


async def test_a_run_of_which_nothing_is_heard_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cniadvisor.wording.live._UNUSUAL_S", 0.0)
    run = ToldRun(recorded_events())
    run.tell(30)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "left. Nothing new for" in _words(pilot))
        run.finish()
        await until(pilot, lambda: "Nothing new" not in _words(pilot))


async def test_a_recording_is_told_faster_and_slower_and_esc_only_leaves() -> None:
    run = ToldReplay(recorded_events())
    run.tell(20)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        assert "Told 10 times as fast." in _words(pilot)
        await pilot.press("plus")
        assert run.speed == 20.0
        await pilot.press("minus", "minus")
        assert run.speed == 5.0
        await until(pilot, lambda: "Told 5 times as fast." in _words(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ConfirmScreen)
        assert run.cancelled == 0
        for _ in range(20):
            await pilot.press("plus")
        assert run.speed == 1024.0


async def test_a_lab_has_a_tab_for_each_wiring_and_one_table_for_all() -> None:
    run = ToldRun(streams=("flannel-vxlan", "canal"))
    run.say(*recorded_events()[:30], stream="flannel-vxlan")
    async with LiveApp(run).run_test(size=(140, 40)) as pilot:
        await shown(pilot, run)
        text = screen_text(pilot.app)
        assert "[flannel-vxlan]  canal" in text
        run.say(*recorded_events()[:15], stream="canal")
        await shown(pilot, run)
        text = screen_text(pilot.app)
        assert "flannel-vxlan  [canal]" in text
        assert [line.split()[:2] for line in text.splitlines() if " tcp " in line] == [
            ["flannel-vxlan", "tcp"],
            ["canal", "tcp"],
        ]
        await pilot.press("t")
        await pilot.pause()
        assert "[flannel-vxlan]  canal" in screen_text(pilot.app)
        run.say(*recorded_events()[15:30], stream="canal")
        await shown(pilot, run)
        assert "[flannel-vxlan]  canal" in screen_text(pilot.app)
        await pilot.click("#streams", offset=(20, 0))
        await pilot.pause()
        assert "flannel-vxlan  [canal]" in screen_text(pilot.app)


async def test_the_test_that_runs_is_in_sight_and_the_keyboard_reaches_every_other() -> None:
    first, *_, last = tests = tuple(TestName)
    run = ToldRun()
    run.say(run_started(tests=tests), measuring())
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        assert f" {first} " in screen_text(pilot.app)
        assert f" {last} " not in screen_text(pilot.app)
        run.say(trial_started(trial_id(test=last), 31.0))
        await shown(pilot, run)
        await until(pilot, lambda: f" {last} " in screen_text(pilot.app))
        assert " test " in screen_text(pilot.app), "the head stays"
        await pilot.press("tab", "home")
        await until(pilot, lambda: f" {first} " in screen_text(pilot.app))
        run.say(second(trial_id(test=last), 1.0, 9000.0))
        await shown(pilot, run)
        assert f" {first} " in screen_text(pilot.app), "who looks elsewhere is left in peace"


async def test_m_draws_with_other_characters() -> None:
    run = ToldRun(recorded_events())
    run.tell(60)
    async with LiveApp(run).run_test(size=(120, 40)) as pilot:
        await shown(pilot, run)
        assert "⠒" in screen_text(pilot.app)
        await pilot.press("m", "m")
        await pilot.pause()
        text = screen_text(pilot.app)
        assert "⠒" not in text
        assert "┤" not in text


async def test_on_a_terminal_without_unicode_everything_is_ascii() -> None:
    run = ToldRun(recorded_events())
    run.tell(60)
    app = LiveApp(run, symbols=ASCII)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.press("m", "m")
        await pilot.pause()
        table = [line for line in screen_text(pilot.app).splitlines() if " tcp" in line]
        assert table
        assert all(line.isascii() for line in table)


async def test_what_happens_behind_another_screen_is_there_on_the_way_back() -> None:
    run = ToldRun(recorded_events())
    run.tell(20)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.app.push_screen(Screen[None]())
        run.tell()
        await until(pilot, lambda: _live(pilot).told == run.said)
        pilot.app.pop_screen()
        await until(pilot, lambda: "The run is complete" in _words(pilot))


async def test_leaving_the_app_stops_following_and_does_not_touch_the_run() -> None:
    run = ToldRun(recorded_events())
    run.tell(20)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        assert run.listeners == 1
    assert run.listeners == 0
    assert (run.cancelled, run.left) == (0, 0)


EVIL = ("[bold]pwned[/bold] [", "数据中心" * 12, "\x1b[31mred\x1b[0m", "‮אבג", "a" * 300)


@pytest.mark.parametrize("name", EVIL)
async def test_names_from_outside_are_words_and_nothing_else(name: str) -> None:
    run = ToldRun(streams=(name, "other"))
    started = run_started()
    run.say(replace(started, plan=replace(started.plan, run_id=name)), measuring(), stream=name)
    run.say(WarningRaised(at_s=31.0, code="x", text=name, advice=name), stream=name)
    run.say(
        trial_started(trial_id(), 32.0),
        trial_finished(trial_id(), None, failure=name),
        stream=name,
    )
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        text = screen_text(pilot.app)
        assert "\x1b" not in text
        assert "‮" not in text
        assert "failed" in text


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf"), 1e300, -5.0, 1e-300])
async def test_values_that_hurt_break_nothing(value: float) -> None:
    run = ToldRun()
    pod, host = trial_id(), trial_id(path=PathName.HOST)
    run.say(run_started(), measuring(), trial_started(host, 31.0), second(host, 1.0, value))
    run.say(trial_finished(host, value), trial_started(pod, 33.0))
    run.say(*(second(pod, float(number), value) for number in range(1, 5)))
    run.say(*(node_sample(role, 34.0, value, value, value) for role in Role))
    run.say(trial_finished(pod, value))
    for size in ((120, 40), (60, 18)):
        async with LiveApp(run).run_test(size=size) as pilot:
            await shown(pilot, run)
            text = screen_text(pilot.app)
            assert "tcp" in text


async def test_a_test_without_samples_says_that_its_tool_tells_none() -> None:
    run = ToldRun()
    latency = trial_id(test=TestName.LATENCY_TCP)
    run.say(run_started(tests=(TestName.LATENCY_TCP,)), measuring(), trial_started(latency, 31.0))
    run.say(trial_finished(latency, 41.5))
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        text = screen_text(pilot.app)
        assert "This tool tells nothing while it runs." in _words(pilot)
        assert "41.5 us" in text


async def test_a_hundred_thousand_samples_at_once_do_not_hold_the_app_up() -> None:
    run = ToldRun()
    pod = trial_id()
    run.say(run_started(), measuring(), trial_started(pod, 31.0))
    run.say(*(second(pod, float(number), 9000.0) for number in range(1, 100_001)))
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        worst = 0.0
        loop = asyncio.get_running_loop()
        while _live(pilot).told < run.said:
            before = loop.time()
            await asyncio.sleep(0)
            worst = max(worst, loop.time() - before)
        await shown(pilot, run)
        assert "8.93" not in screen_text(pilot.app)
        assert "9.00 Gbit/s" in screen_text(pilot.app)
    # One slice of the work; a machine that is busy with other things takes its time.
    assert worst < 2.0


async def test_the_ratio_stays_where_no_chart_has_room() -> None:
    run = ToldRun(recorded_events())
    run.tell(60)
    async with LiveApp(run).run_test(size=(39, 9)) as pilot:
        await shown(pilot, run)
        text = screen_text(pilot.app)
        assert "┤" not in text
        assert "tcp        94.6 % of host" in text


async def test_the_terminal_is_resized_while_everything_moves() -> None:
    run = ToldRun(recorded_events())
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: _live(pilot).is_current)
        for width, height in ((200, 60), (30, 8), (1, 1), (120, 40), (60, 18), (80, 24)):
            run.tell(12)
            await pilot.resize_terminal(width, height)
        run.tell()
        await shown(pilot, run)
        assert "✓ done" in screen_text(pilot.app)


async def test_the_log_is_broken_anew_for_another_width_and_stays_where_it_is_read() -> None:
    run = ToldRun(recorded_events())
    run.tell(60)
    async with LiveApp(run).run_test(size=(120, 40)) as pilot:
        await shown(pilot, run)
        log = pilot.app.screen.query_one(RunLog)
        before = len(log.lines)
        await pilot.resize_terminal(60, 40)
        await until(pilot, lambda: len(log.lines) > before)
        log.scroll_home(animate=False)
        await pilot.pause()
        run.tell()
        await shown(pilot, run)
        assert log.scroll_offset.y == 0


async def test_every_theme_shows_the_same_words() -> None:
    texts: set[str] = set()
    for theme in ("dark", "light", "ansi"):
        run = ToldRun(recorded_events())
        run.tell(60)
        async with LiveApp(run, theme=theme).run_test(size=(80, 24)) as pilot:
            await shown(pilot, run)
            texts.add(screen_text(pilot.app))
    assert len(texts) == 1


async def test_y_copies_the_command_that_does_the_same() -> None:
    run = ToldRun(recorded_events())
    run.tell(20)
    async with LiveApp(run).run_test(size=(80, 24)) as pilot:
        await shown(pilot, run)
        await pilot.press("y")
        await pilot.pause()
        assert pilot.app.clipboard == (
            "cniadvisor bench --headless --suite quick --yes --out report.toml"
        )


def _words(pilot: Pilot[None]) -> str:
    """What is on the screen, wherever its lines are broken."""
    return " ".join(screen_text(pilot.app).split())


def _live(pilot: Pilot[None]) -> LiveScreen:
    app: App[None] = pilot.app
    assert isinstance(app, LiveApp)
    return app.live

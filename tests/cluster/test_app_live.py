"""The app on a real cluster: look, plan, start, watch, explore; cancel, run again, leave."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.domain.events import Outcome
from cniadvisor.domain.settings import Settings
from cniadvisor.report.toml_file import read
from cniadvisor.tui.runs import RunChoices
from cniadvisor.tui.screens.live import LiveScreen
from cniadvisor.tui.widgets.report_list import ReportList
from cniadvisor.wording.words import quantity
from tests.cluster.command_line import CommandLine, ours
from tests.cluster.state import Cluster
from tests.tui.faces import homeless
from tests.tui.real_app import opened
from tests.tui.report_rows import require_table_of
from tests.tui.screen_text import screen_text
from tests.unit.commands.in_a_terminal import terminal

pytestmark = pytest.mark.cluster

SUITE = """\
name = "brief"
tests = ["tcp"]
rounds = 2
max_rounds = 2
duration_s = 1
warm_up_s = 0
idle_s = 1
streams = 2
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Four trials of a second."""
    file = tmp_path / "brief.toml"
    file.write_text(SUITE)
    return file


async def test_from_the_first_look_to_the_report(
    cniadvisor: CommandLine,
    flannel_cluster: Cluster,
    suite: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detected = await asyncio.to_thread(cniadvisor.run, "detect")
    core = AppCore(Settings(kubeconfig=str(flannel_cluster.kubeconfig)))
    homeless(tmp_path, monkeypatch)  # the cluster, too, is not found from now on
    choices = RunChoices(suite=str(suite), image=cniadvisor.image)
    async with opened(core, size=(200, 60), choices=choices) as pilot:
        await shows(pilot, "CNI found")
        told, _, _ = detected.stdout.partition("\n\n")
        for line in told.splitlines():
            assert squeezed(line) in words(pilot), "the overview says what detect says"
        await pilot.press("2")
        await shows(pilot, "Ready to start")
        await pilot.press("s")
        await shows(pilot, "Create these in")
        await pilot.press("y")

        seconds_drawn, trials_done = set[int](), set[str]()

        def over() -> bool:
            if isinstance(live := pilot.app.screen, LiveScreen) and live.state.series is not None:
                seconds_drawn.add(len(live.state.series.points))
                trials_done.add(words(pilot).partition("Measuring: ")[2][:1])
            return core.run is not None and core.run.end is not None

        await comes_true(pilot, over)
        assert max(seconds_drawn) > 0, "no second was drawn"
        assert len(trials_done & set("0123")) > 2, "the table did not grow"
        await shows(pilot, "The run is complete")
        assert core.run is not None
        assert core.run.end is not None
        (place,) = core.run.end.reports
        report = read(place)
        assert report.run.outcome is Outcome.COMPLETE
        require_table_of(report, screen_text(pilot.app))

        await pilot.press("4")
        await shows(pilot, "1 report")
        current = pilot.app.screen.query_one(ReportList).current
        assert current is not None
        assert current.path == place
        medians = [quantity(one.median, one.unit) for one in report.summaries]
        await comes_true(pilot, lambda: all(median in words(pilot) for median in medians))
    monkeypatch.undo()
    assert ours(flannel_cluster) == []


async def test_cancelled_run_again_and_left(
    cniadvisor: CommandLine, flannel_cluster: Cluster, suite: Path, tmp_path: Path
) -> None:
    chosen = ("--suite", str(suite), "--image", cniadvisor.image)
    kubeconfig = str(flannel_cluster.kubeconfig)
    async with terminal("bench", "--kubeconfig", kubeconfig, *chosen, home=tmp_path) as shown:
        await shown.until("Ready to start")
        shown.press("s")
        await shown.until("Create these in")
        shown.press("y")
        await shown.until("Measuring: 1 of 4")
        shown.press("\x1b")
        await shown.until("Stop this run?")
        shown.press("y")
        await shown.until("Clean-up: ")
        await shown.until("You cancelled it; what was measured until then is kept.")
        assert "objects removed" in shown.text, "clean-up was not shown as it went on"
        assert ours(flannel_cluster) == []
        (cancelled,) = reports(tmp_path)
        assert read(cancelled).run.outcome is Outcome.PARTIAL

        before = len(shown.text)
        shown.press("2")
        await shown.until("Ready to start", after=before)
        shown.press("s")
        await shown.until("Create these in", after=before)
        shown.press("y")
        await shown.until("Measuring: 1 of 4", after=before)
        shown.press("q")
        await shown.until("Stop and leave")
        shown.press("y")
        assert await shown.end() == 0
        assert "Removed: " in shown.text.partition("stopping and cleaning up")[2]
    assert ours(flannel_cluster) == []
    assert len(reports(tmp_path)) == 2


def reports(home: Path) -> list[Path]:
    return list((home / ".local" / "share" / "cniadvisor" / "reports").iterdir())


def squeezed(text: str) -> str:
    return " ".join(text.split())


def words(pilot: Pilot[Any]) -> str:
    return squeezed(screen_text(pilot.app))


async def shows(pilot: Pilot[Any], told: str) -> None:
    await comes_true(pilot, lambda: told in words(pilot))


async def comes_true(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Wait as long as a real cluster may take."""
    try:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"it did not come true:\n{screen_text(pilot.app)}") from None
    await pilot.pause()

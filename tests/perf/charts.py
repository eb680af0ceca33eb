"""What two live charts cost: the Live screen at 200x60 while a trial tells every second."""

import asyncio
import time

from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.tui.charts.plotext_adapter import draw
from cniadvisor.tui.live.board import advance_board, board_of
from cniadvisor.tui.live.charts import rounds_chart, trial_chart
from cniadvisor.tui.options import ChartMarker
from tests.tui.example_events import (
    measuring,
    node_sample,
    run_started,
    second,
    trial_finished,
    trial_id,
    trial_started,
)
from tests.tui.live_app import LiveApp
from tests.tui.told_run import ToldRun

SIZE = (200, 60)
SECONDS = 20
DURATION_S = 60.0
GAP_S = 0.01


def run() -> None:
    """Print the share of a core, and the longest time the app did not answer."""
    spent, wall, work = asyncio.run(_watch())
    print(f"{SIZE[0]}x{SIZE[1]}, a second every second for {SECONDS} s")
    print(f"CPU / wall: {spent / wall:.2f} of a core (goal: at most 0.30)")
    print(f"longest work without answering a key: {1000 * work:.0f} ms (goal: at most 100 ms)")
    drawing = _drawing_s()
    print(
        f"drawing both charts: {1000 * drawing:.0f} ms, {drawing / (spent / SECONDS):.2f} of that"
    )


def _before() -> list[BenchEvent]:
    """Three rounds that are over, and a pod trial that begins."""
    events: list[BenchEvent] = [run_started(duration_s=DURATION_S, rounds=10), measuring()]
    for number in range(1, 4):
        for path, value in ((PathName.HOST, 9400.0), (PathName.POD, 8900.0)):
            trial = trial_id(path=path, number=number)
            events += [
                trial_started(trial, 31.0),
                *(second(trial, float(at), value + at % 7) for at in range(1, 61)),
                trial_finished(trial, value + number),
            ]
    return [*events, trial_started(trial_id(number=4), 100.0)]


def _second(number: int) -> list[BenchEvent]:
    told = second(trial_id(number=4), float(number), 8900.0 + 37 * (number % 5))
    return [told, *(node_sample(role, 100.0 + number) for role in Role)]


async def _watch() -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and the longest work between two turns of the loop.

    That work is told in CPU time: on a machine that is busy with other things waiting is not ours.
    """
    run = ToldRun()
    run.say(*_before())
    app = LiveApp(run)
    async with app.run_test(size=SIZE) as pilot:
        while app.live.told < run.said:
            await pilot.pause(0.1)
        await pilot.pause(2.0)
        gaps: list[float] = []
        ticker = asyncio.create_task(_tick(gaps))
        began, began_cpu = time.monotonic(), time.process_time()
        for number in range(1, SECONDS + 1):
            run.say(*_second(number))
            await asyncio.sleep(began + number - time.monotonic())
        spent, wall = time.process_time() - began_cpu, time.monotonic() - began
        ticker.cancel()
        if app.live.told < run.said:
            raise RuntimeError("the screen does not keep up")
    return spent, wall, max(gaps)


async def _tick(gaps: list[float]) -> None:
    while True:
        before = time.thread_time()
        await asyncio.sleep(GAP_S)
        gaps.append(time.thread_time() - before)


def _drawing_s() -> float:
    """Return the CPU seconds of drawing both charts, as large as they are there."""
    board = board_of(("",))
    for event in [*_before(), *(event for number in range(1, 60) for event in _second(number))]:
        board = advance_board(board, "", event)
    state = board.streams[""]
    began = time.process_time()
    for chart in (trial_chart(state), rounds_chart(state)):
        draw(chart, width=97, height=36, marker=ChartMarker.BRAILLE, colours={})
    return time.process_time() - began

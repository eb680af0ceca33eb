"""A recording told in its own time: in order, at any speed, stopped at once."""

import asyncio
from pathlib import Path

import pytest

from cniadvisor.commands.app_core.replaying import ReplayedRun
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.events import BenchEvent, RunFinished
from cniadvisor.report.recording import read_recording
from cniadvisor.tui.runs import ReplayHandle

RECORDING = Path(__file__).parents[2] / "golden" / "recording-v1.jsonl"


def recorded() -> list[BenchEvent]:
    return list(read_recording(RECORDING, tell=lambda _: None))


async def test_the_same_stream_again() -> None:
    run = ReplayedRun(RECORDING, speed=1e6)
    assert isinstance(run, ReplayHandle)
    heard: list[BenchEvent] = []
    run.follow(lambda _, event: heard.append(event))
    end = await run.wait()
    assert (end.error, end.cancelled) == (None, False)
    assert heard == recorded()


async def test_time_passes_as_it_did_and_another_speed_holds_at_once() -> None:
    events = recorded()
    late = next(event for event in events if event.at_s > 1)
    run = ReplayedRun(RECORDING, speed=0.25)
    heard: list[BenchEvent] = []
    run.follow(lambda _, event: heard.append(event))
    async with asyncio.timeout(5):
        while not heard:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert late not in heard
    run.speed = 1e6
    async with asyncio.timeout(10):
        await run.wait()
    assert isinstance(heard[-1], RunFinished)


async def test_cancelling_just_stops() -> None:
    run = ReplayedRun(RECORDING, speed=0.25)
    await asyncio.sleep(0)
    run.cancel()
    end = await run.wait()
    assert end.cancelled
    assert end.error is None


async def test_who_no_longer_follows_is_told_nothing() -> None:
    run = ReplayedRun(RECORDING, speed=1e6)
    heard: list[BenchEvent] = []
    stop = run.follow(lambda _, event: heard.append(event))
    stop()
    stop()
    await run.wait()
    assert heard == []


async def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the recording"):
        ReplayedRun(tmp_path / "none.jsonl", speed=1)
    with pytest.raises(UsageError, match="cannot read the recording"):
        ReplayedRun(tmp_path, speed=1)
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(UsageError, match="empty"):
        ReplayedRun(empty, speed=1)
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("no JSON\n")
    end = await ReplayedRun(wrong, speed=1).wait()
    assert end.error is not None
    assert "line 1 is not JSON" in end.error.message

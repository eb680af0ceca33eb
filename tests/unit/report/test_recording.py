import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cniadvisor.bench.stream import EventStream
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.events import (
    EVENTS_VERSION,
    BenchEvent,
    CleanupStep,
    Phase,
    PhaseStarted,
    RunFinished,
    RunStarted,
    WarningRaised,
)
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import (
    KINDS,
    Recorder,
    read_recording,
    recorded_line,
    require_recordable,
)
from tests.unit.report.strategies import dataclass_values

GOLDEN = Path(__file__).parents[2] / "golden"

Events = list[BenchEvent]


def record(events: Events, place: Path) -> Path:
    with Recorder(place) as recorder:
        for event in events:
            recorder(event)
    return place


def silent(text: str) -> None:
    raise AssertionError(f"nothing is to be told, but was: {text}")


def replayed(place: Path, tell: Callable[[str], None] = silent) -> Events:
    return list(read_recording(place, tell=tell))


# -- lossless


def test_the_same_events_come_back_and_give_the_same_report(
    run_events: Events, tmp_path: Path
) -> None:
    again = replayed(record(run_events, tmp_path / "run.jsonl"))
    assert again == run_events
    first, second = ReportBuilder(), ReportBuilder()
    for event, copy in zip(run_events, again, strict=True):
        first(event)
        second(copy)
    assert first.report() == second.report()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some=st.one_of(*(dataclass_values(kind) for kind in get_args(BenchEvent))))
def test_every_event_survives_to_the_last_digit(
    some: BenchEvent, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("recording") / "run.jsonl"
    some = replace(some, version=EVENTS_VERSION) if isinstance(some, RunStarted) else some
    events: Events = [some] if isinstance(some, RunStarted) else [begin(), some]
    assert replayed(record(events, place), tell=lambda _: None) == events


def begin() -> RunStarted:
    first = next(read_recording(GOLDEN / "recording-v1.jsonl", tell=silent))
    assert isinstance(first, RunStarted)
    return first


def test_a_recording_of_version_1_is_written_and_read(run_events: Events, tmp_path: Path) -> None:
    golden = GOLDEN / "recording-v1.jsonl"
    place = record(run_events, tmp_path / "run.jsonl")
    if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
        golden.write_bytes(place.read_bytes())
    assert place.read_bytes() == golden.read_bytes()
    assert replayed(golden) == run_events


def test_the_tags_are_fixed() -> None:
    assert set(KINDS) >= {
        "run-started",
        "phase-started",
        "path-proven",
        "nic-seen",
        "trial-started",
        "throughput-sample",
        "node-sample",
        "idle-measured",
        "trial-finished",
        "warning-raised",
        "cleanup-step",
        "run-finished",
    }
    assert len(KINDS) == len(get_args(BenchEvent))


def test_a_line_is_one_object_with_its_kind_first(run_events: Events) -> None:
    for event in run_events:
        line = recorded_line(event)
        assert line.count(b"\n") == 1
        document = json.loads(line)
        assert next(iter(document)) == "event"
    assert json.loads(recorded_line(run_events[0]))["version"] == EVENTS_VERSION


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_nan_is_ever_recorded(value: float) -> None:
    with pytest.raises(ValueError, match=r"CleanupStep\.at_s is"):
        recorded_line(CleanupStep(at_s=value, what="x"))


def test_what_no_utf8_can_hold_does_not_stop_a_recording(
    run_events: Events, tmp_path: Path
) -> None:
    first = cast("RunStarted", run_events[0])
    events: Events = [replace(first, command="bench --out \udcff.toml"), run_events[-1]]
    again = replayed(record(events, tmp_path / "r.jsonl"))
    assert cast("RunStarted", again[0]).command == "bench --out ?.toml"


# -- what was told is kept


def test_every_event_is_in_the_file_as_soon_as_it_is_told(
    run_events: Events, tmp_path: Path
) -> None:
    place = tmp_path / "run.jsonl"
    with Recorder(place) as recorder:
        for number, event in enumerate(run_events, start=1):
            recorder(event)
            assert len(place.read_bytes().splitlines()) == number


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_run_that_was_killed_is_told_and_kept(
    run_events: Events, tmp_path: Path, kept: float
) -> None:
    whole = record(run_events, tmp_path / "run.jsonl").read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    told: list[str] = []
    events = replayed(cut, tell=told.append)
    assert events == run_events[: len(events)]
    assert len(events) == cut.read_bytes().count(b"\n") > 1
    assert told == [
        f"{cut}, line {len(events) + 1}, is cut off in the middle and left out",
        f"{cut} stops before the run ended",
    ]


def test_a_recording_that_stops_between_two_lines(run_events: Events, tmp_path: Path) -> None:
    told: list[str] = []
    place = record(run_events[:-1], tmp_path / "run.jsonl")
    assert replayed(place, tell=told.append) == run_events[:-1]
    assert told == [f"{place} stops before the run ended"]


def test_a_full_disk_is_told_and_the_run_goes_on(run_events: Events, tmp_path: Path) -> None:
    class Full:
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            pass

    heard: Events = []
    with Recorder(tmp_path / "run.jsonl") as recorder:
        recorder._file.close()  # pyright: ignore[reportPrivateUsage]
        recorder._file = cast("Any", Full())  # pyright: ignore[reportPrivateUsage]
        stream = EventStream([recorder, heard.append])
        for event in run_events[:3]:
            stream.tell(event)
    assert [event for event in heard if not isinstance(event, WarningRaised)] == run_events[:3]
    (warning,) = (event for event in heard if isinstance(event, WarningRaised))
    assert warning.code == "output-lost"
    assert "No space left" in warning.text


def test_a_write_that_takes_only_a_part_is_finished(run_events: Events, tmp_path: Path) -> None:
    taken = bytearray()

    class Slow:
        def write(self, data: memoryview) -> int:
            taken.extend(data[:7])
            return len(data[:7])

        def close(self) -> None:
            pass

    with Recorder(tmp_path / "run.jsonl") as recorder:
        recorder._file.close()  # pyright: ignore[reportPrivateUsage]
        recorder._file = cast("Any", Slow())  # pyright: ignore[reportPrivateUsage]
        recorder(run_events[0])
    assert bytes(taken) == recorded_line(run_events[0])


# -- where it can't be written or read


def test_the_place_is_tried_before_the_run(tmp_path: Path) -> None:
    require_recordable(tmp_path / "run.jsonl")
    assert list(tmp_path.iterdir()) == []
    for place in (tmp_path, tmp_path / "nowhere" / "run.jsonl", Path("/dev/null")):
        with pytest.raises(UsageError, match="cannot write the recording"):
            require_recordable(place)
        with pytest.raises(UsageError, match="cannot write the recording"), Recorder(place):
            pass


@pytest.mark.parametrize("missing", [True, False])
def test_a_place_that_cannot_be_read(tmp_path: Path, missing: bool) -> None:
    place = tmp_path / "run.jsonl" if missing else tmp_path
    with pytest.raises(UsageError, match="cannot read the recording"):
        replayed(place)


# -- what is no recording


def complaint(content: bytes, tmp_path: Path) -> str:
    place = tmp_path / "run.jsonl"
    place.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        replayed(place, tell=lambda _: None)
    assert str(place) in caught.value.message
    assert caught.value.hint
    return caught.value.message.removeprefix(str(place))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"rubbish", ", line 2 is not JSON"),
        (b"[" * 5000, ", line 2 is not JSON"),
        (b"\xff", ", line 2 is not UTF-8 text"),
        (b"{}", ", line 2 has no event"),
        (b"[1]", ", line 2 has no event"),
        (b'{"event":"party"}', ", line 2 has an unknown event: party"),
        (b'{"event":["x"]}', ", line 2 has an unknown event"),
        (b'{"event":"\\u001b[31m"}', ", line 2 has an unknown event: [31m"),
        (b'{"event":"cleanup-step","at_s":1}', "not a valid cleanup-step event: what is missing"),
        (b'{"event":"cleanup-step","at_s":"1","what":"x"}', "at_s must be a number"),
        (b'{"event":"cleanup-step","at_s":NaN,"what":"x"}', "at_s must be a finite number"),
        (b'{"event":"cleanup-step","at_s":1,"what":"x","z":1}', "z is not a known key"),
    ],
)
def test_a_broken_line_is_named(
    run_events: Events, tmp_path: Path, line: bytes, words: str
) -> None:
    content = recorded_line(run_events[0]) + line + b"\n" + recorded_line(run_events[-1])
    assert words in complaint(content, tmp_path)


def test_a_second_run_in_one_file_is_refused(run_events: Events, tmp_path: Path) -> None:
    first = recorded_line(run_events[0])
    assert ", line 2: a second run begins" in complaint(first + first, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", " is empty"),
        (b"schema_version = 1\n", ", line 1 is not JSON"),
        (b"{}\n", ", line 1 does not begin a run"),
        (recorded_line(PhaseStarted(at_s=0, phase=Phase.OPEN)), ", line 1 does not begin a run"),
        (b'{"event":"run-started","version":2}\n', ", line 1: the recording has version 2"),
        (b'{"event":"run-started","version":1}\n', "at_s is missing"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in complaint(content, tmp_path)


@settings(max_examples=200, deadline=None)
@given(where=st.floats(0, 1), garbage=st.binary(max_size=20), skipped=st.integers(0, 40))
def test_garbage_is_a_usage_error_or_nothing_worse(
    where: float, garbage: bytes, skipped: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = (GOLDEN / "recording-v1.jsonl").read_bytes()
    at = int(where * len(whole))
    place = tmp_path_factory.mktemp("garbage") / "run.jsonl"
    place.write_bytes(whole[:at] + garbage + whole[at + skipped :])
    fault: UsageError | None = None
    events: Events = []
    try:
        events = replayed(place, tell=lambda _: None)
    except UsageError as error:
        fault = error
    if fault is not None:
        assert str(place) in fault.message
        assert fault.message.isprintable()
    else:
        assert isinstance(events[0], RunStarted)
        assert all(isinstance(event, get_args(BenchEvent)) for event in events)


def test_the_last_event_needs_no_newline(run_events: Events, tmp_path: Path) -> None:
    place = record(run_events, tmp_path / "run.jsonl")
    place.write_bytes(place.read_bytes().rstrip(b"\n"))
    assert isinstance(replayed(place)[-1], RunFinished)

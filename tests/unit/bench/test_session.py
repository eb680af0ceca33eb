"""A run ends in a report and in nothing left behind, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from cniadvisor.bench import session as session_module
from cniadvisor.bench.counters import NicBytes
from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.bench.node_watch import NodeWatch
from cniadvisor.bench.session import Session
from cniadvisor.domain.errors import BenchmarkError, CleanupError, ClusterError
from cniadvisor.domain.events import (
    BenchEvent,
    CleanupStep,
    IdleMeasured,
    NodeSample,
    Outcome,
    PathProven,
    RunFinished,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
    WarningRaised,
)
from cniadvisor.domain.measurement import PathName, TestName, Trial

Make = Callable[..., Session]


def of_kind(events: list[BenchEvent], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def trials(events: list[BenchEvent]) -> list[Trial]:
    return [event.trial for event in of_kind(events, TrialFinished)]


def finished(events: list[BenchEvent]) -> RunFinished:
    assert isinstance(events[-1], RunFinished), "the last event tells the end"
    return events[-1]


def warned(events: list[BenchEvent], code: str) -> list[WarningRaised]:
    return [event for event in of_kind(events, WarningRaised) if event.code == code]


async def test_a_run_tells_everything_in_order_and_closes(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    async with make_session(idle_s=0.8) as session:
        await session.run()

    assert isinstance(events[0], RunStarted)
    assert finished(events).outcome is Outcome.COMPLETE
    assert target.closed == 1
    assert [event.what for event in of_kind(events, CleanupStep)] == ["namespace cniadvisor-test"]
    assert len(trials(events)) == 6
    assert all(trial.failure is None and trial.value for trial in trials(events))
    assert {path.path for path in of_kind(events, PathProven)} == set(PathName)
    assert of_kind(events, PathProven)[0].tools == {"iperf3": "3.18"}
    assert of_kind(events, IdleMeasured)
    assert of_kind(events, NodeSample)
    assert of_kind(events, ThroughputSample)
    assert [event.at_s for event in events] == sorted(event.at_s for event in events)


async def test_nic_bytes_and_cpu_belong_to_the_trial(
    make_session: Make, events: list[BenchEvent]
) -> None:
    async with make_session() as session:
        await session.run()
    trial = trials(events)[0]
    assert trial.nic is not None
    assert trial.nic.interface == "eth0"
    assert trial.nic.payload_bytes == 2671116288


@pytest.mark.parametrize(("counted_share", "warned_of"), [(0.2, True), (0.63, False)])
async def test_only_a_nic_that_missed_nearly_all_is_warned_of_at_once(
    make_session: Make,
    events: list[BenchEvent],
    monkeypatch: pytest.MonkeyPatch,
    counted_share: float,
    warned_of: bool,
) -> None:
    counted = NicBytes(rx_bytes=int(counted_share * 2671116288), tx_bytes=0, span_s=2.0)

    def nic(*_: object) -> NicBytes:
        return counted

    monkeypatch.setattr(NodeWatch, "nic", nic)
    async with make_session(rounds=1, max_rounds=1) as session:
        await session.run()
    assert bool(warned(events, "path-not-proven")) is warned_of


async def test_a_failed_trial_is_tried_once_more_with_its_pair_at_the_end_of_its_round(
    make_session: Make,
    target: Any,
    events: list[BenchEvent],
    failing: Callable[[str], Any],
    working: Any,
) -> None:
    # On the pod path: the warm-up works, the first trial fails, everything after works.
    target.answers[PathName.POD] = [working, failing("busy.jsonl"), working]

    async with make_session() as session:
        await session.run()

    pod = [trial for trial in trials(events) if trial.id.path is PathName.POD]
    host = [trial for trial in trials(events) if trial.id.path is PathName.HOST]
    assert [(t.id.round, t.id.attempt) for t in pod] == [(1, 1), (1, 2), (2, 1), (3, 1)]
    assert [t.id for t in host] == [replace(t.id, path=PathName.HOST) for t in pod]
    assert "the server is busy" in (pod[0].failure or "")
    assert finished(events).outcome is Outcome.COMPLETE


async def test_a_stream_that_is_cut_fails_its_trial_only(
    make_session: Make, target: Any, events: list[BenchEvent], working: Any
) -> None:
    class Cut:
        status = 0

        @property
        async def source(self) -> AsyncIterator[bytes]:
            yield b""
            raise EndpointLost("the connection broke before the exit status arrived")

    target.answers[PathName.HOST] = [working, lambda: Cut(), working]

    async with make_session() as session:
        await session.run()

    failed = [trial for trial in trials(events) if trial.failure]
    assert len(failed) == 1
    assert "connection broke" in (failed[0].failure or "")


async def test_without_a_baseline_the_run_goes_on_and_says_so(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    target.refused[PathName.HOST] = 'violates PodSecurity "restricted"'

    async with make_session() as session:
        await session.run()

    assert finished(events).outcome is Outcome.COMPLETE
    assert {trial.id.path for trial in trials(events)} == {PathName.POD}
    (warning,) = warned(events, "no-baseline")
    assert "restricted" in warning.text


async def test_a_pod_path_that_does_not_answer_ends_the_run_before_the_first_trial(
    make_session: Make, target: Any, events: list[BenchEvent], failing: Callable[[str], Any]
) -> None:
    target.answers[PathName.POD] = [failing("refused.jsonl")]

    with pytest.raises(BenchmarkError, match="nothing can be measured on the pod network"):
        async with make_session() as session:
            await session.run()

    assert finished(events).outcome is Outcome.FAILED
    assert target.closed == 1
    assert not of_kind(events, TrialStarted)


async def test_a_host_path_that_does_not_answer_costs_only_the_baseline(
    make_session: Make, target: Any, events: list[BenchEvent], failing: Callable[[str], Any]
) -> None:
    target.answers[PathName.HOST] = [failing("refused.jsonl")]

    async with make_session() as session:
        await session.run()

    assert warned(events, "no-baseline")
    assert {trial.id.path for trial in trials(events)} == {PathName.POD}


async def test_one_test_that_does_not_work_costs_only_itself(
    make_session: Make, target: Any, events: list[BenchEvent], failing: Callable[[str], Any]
) -> None:
    """tcp works on both paths; tcp-multi not on the host path: it stands without a baseline."""
    target.answers_of["2", PathName.HOST] = failing("refused.jsonl")

    async with make_session(tests=(TestName.TCP, TestName.TCP_MULTI)) as session:
        await session.run()

    assert finished(events).outcome is Outcome.COMPLETE
    assert warned(events, "no-baseline-tcp-multi")
    measured = {(trial.id.test, trial.id.path) for trial in trials(events)}
    assert measured == {
        (TestName.TCP, PathName.POD),
        (TestName.TCP, PathName.HOST),
        (TestName.TCP_MULTI, PathName.POD),
    }


async def test_one_spoilt_warm_up_costs_no_test(
    make_session: Make,
    target: Any,
    events: list[BenchEvent],
    failing: Callable[[str], Any],
    working: Callable[[], Any],
) -> None:
    outcomes = iter([failing("busy.jsonl")])
    target.answers_of["2", PathName.POD] = lambda: next(outcomes, working)()

    async with make_session(tests=(TestName.TCP, TestName.TCP_MULTI)) as session:
        await session.run()

    assert finished(events).outcome is Outcome.COMPLETE
    assert not warned(events, "no-figure-tcp-multi")
    assert {trial.id.test for trial in trials(events)} == {TestName.TCP, TestName.TCP_MULTI}


async def test_a_test_that_does_not_work_on_the_pod_path_is_left_out_and_fails_the_run(
    make_session: Make, target: Any, events: list[BenchEvent], failing: Callable[[str], Any]
) -> None:
    target.answers_of["2", PathName.POD] = failing("refused.jsonl")

    with pytest.raises(BenchmarkError, match="no figure for tcp-multi"):
        async with make_session(tests=(TestName.TCP, TestName.TCP_MULTI)) as session:
            await session.run()

    assert finished(events).outcome is Outcome.PARTIAL
    assert {trial.id.test for trial in trials(events)} == {TestName.TCP}


async def test_a_test_without_any_figure_is_a_failed_benchmark(
    make_session: Make,
    target: Any,
    events: list[BenchEvent],
    failing: Callable[[str], Any],
    working: Any,
) -> None:
    for path in PathName:
        target.answers[path] = [working, failing("killed.jsonl")]

    with pytest.raises(BenchmarkError, match="no figure for tcp.*control socket has closed"):
        async with make_session() as session:
            await session.run()

    assert finished(events).outcome is Outcome.FAILED
    assert target.closed == 1


async def test_what_cannot_be_opened_is_closed_again(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    target.open_error = BenchmarkError("the image can't be pulled")

    with pytest.raises(BenchmarkError, match="image can't be pulled"):
        async with make_session():
            pytest.fail("nothing to measure")

    assert target.closed == 1
    assert finished(events).reason == "the image can't be pulled"


async def test_cancelling_in_mid_trial_stops_the_command_and_keeps_what_was_measured(
    make_session: Make, target: Any, events: list[BenchEvent], working: Any
) -> None:
    class Endless:
        status = 0

        @property
        async def source(self) -> AsyncIterator[bytes]:
            while True:
                yield b""
                await asyncio.sleep(0.01)

    target.answers[PathName.POD] = [working, working, lambda: Endless()]

    async def measure() -> None:
        async with make_session() as session:
            await session.run()

    running = asyncio.create_task(measure())
    while not any(trial.id.path is PathName.POD for trial in trials(events)):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert target.stopped == len([c for c in target.commands if c[1].argv[0] == "iperf3"])
    assert target.closed == 1
    assert finished(events).outcome is Outcome.PARTIAL
    assert finished(events).reason == "interrupted"


async def test_a_second_cancel_does_not_cut_the_clean_up_short(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    target.close_takes_s = 0.3

    async def measure() -> None:
        async with make_session():
            await asyncio.sleep(10)

    running = asyncio.create_task(measure())
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert target.closed == 1


async def test_abandoning_leaves_and_names_the_command_that_removes_the_rest(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    target.close_takes_s = 10
    session = make_session()

    async def measure() -> None:
        async with session:
            await asyncio.sleep(10)

    running = asyncio.create_task(measure())
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.sleep(0.05)
    session.abandon()
    with pytest.raises(CleanupError) as raised:
        await running
    assert "cniadvisor cleanup --run r1" in raised.value.hint
    assert isinstance(events[-1], RunFinished)


async def test_a_node_in_trouble_stops_the_run(
    make_session: Make,
    target: Any,
    events: list[BenchEvent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_module, "CHECK_EVERY_S", 0.05)
    target.trouble_told = "node node2 went NotReady"

    with pytest.raises(BenchmarkError, match="node2 went NotReady"):
        async with make_session(idle_s=5.0) as session:
            await session.run()

    assert target.closed == 1


async def test_a_cluster_that_stays_silent_stops_the_run(
    make_session: Make, target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "CHECK_EVERY_S", 0.01)

    async def gone() -> str | None:
        raise ClusterError("the API server does not answer")

    monkeypatch.setattr(target, "trouble", gone)
    with pytest.raises(ClusterError, match="does not answer"):
        async with make_session(idle_s=5.0) as session:
            await session.run()
    assert target.closed == 1


async def test_a_lost_connection_is_waited_out_before_the_next_trial(
    make_session: Make,
    target: Any,
    events: list[BenchEvent],
    working: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or one break of seconds would fail every trial that is left within a second."""
    monkeypatch.setattr(session_module, "CHECK_EVERY_S", 0.05)

    class Away:
        status = 0

        @property
        async def source(self) -> AsyncIterator[bytes]:
            yield b""
            raise EndpointLost("connection refused")

    asked = 0

    async def away_twice() -> str | None:
        nonlocal asked
        asked += 1
        if asked <= 2:
            raise ClusterError("the API server does not answer")
        return None

    monkeypatch.setattr(target, "trouble", away_twice)
    target.answers[PathName.POD] = [working, lambda: Away(), working]
    async with make_session() as session:
        await session.run()

    assert asked >= 3
    assert len([trial for trial in trials(events) if trial.failure]) == 1


async def test_a_reader_that_cannot_write_is_dropped_and_told_of(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    def full(_event: BenchEvent) -> None:
        raise OSError(28, "No space left on device")

    session = make_session()
    session._stream._sinks.insert(0, full)  # pyright: ignore[reportPrivateUsage]
    async with session:
        await session.run()

    (warning,) = warned(events, "output-lost")
    assert "No space left" in warning.text
    assert finished(events).outcome is Outcome.COMPLETE


async def test_one_machine_is_told(
    make_session: Make, target: Any, events: list[BenchEvent]
) -> None:
    target.same_machine = True
    async with make_session():
        pass
    assert warned(events, "one-machine")


async def test_the_command_names_streams_and_direction(make_session: Make, target: Any) -> None:
    async with make_session(tests=(TestName.TCP_MULTI,)) as session:
        await session.run()
    argv = next(c.argv for _, c in target.commands if c.argv[0] == "iperf3")
    assert "--reverse" in argv
    assert argv[argv.index("--parallel") + 1] == "2"
    assert argv[argv.index("--client") + 1] == "10.0.0.2"

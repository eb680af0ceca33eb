"""Sessions in a lab for real: every test, several wirings by turns, servers that die."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from cniadvisor.bench.endpoints import Command, CommandTimedOut, run_to_end
from cniadvisor.bench.session import Session
from cniadvisor.bench.turns import Turns
from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.events import (
    BenchEvent,
    Outcome,
    PathProven,
    RunFinished,
    TrialFinished,
    TrialStarted,
)
from cniadvisor.domain.measurement import PathName, TestName, Trial
from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.target import LabTarget
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Place, Step, Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.stats.pairing import latest_attempts

Sessions = Callable[..., Session]


def of_kind(events: list[BenchEvent], kind: type) -> list[BenchEvent]:
    return [event for event in events if isinstance(event, kind)]


def counting(events: list[BenchEvent]) -> list[Trial]:
    """The trials that count: a retry stands for the one it repeats."""
    told = [event.trial for event in events if isinstance(event, TrialFinished)]
    return [*latest_attempts(told)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", WIRINGS)
async def test_every_wiring_carries_traffic(
    session_of: Sessions, events: list[BenchEvent], name: str
) -> None:
    wiring = WIRINGS[name](NODES)
    async with session_of(wiring, (TestName.TCP, TestName.FTP)) as session:
        await session.run()
    mtus = {event.path: event.mtu for event in events if isinstance(event, PathProven)}
    assert mtus == {PathName.POD: wiring.pod_mtu, PathName.HOST: 1500}
    assert [trial.failure for trial in counting(events) if trial.failure] == []


async def test_wirings_share_a_ground_and_never_measure_at_once(
    session_of: Sessions, events: list[BenchEvent]
) -> None:
    turns = Turns(2)

    async def measure(name: str) -> None:
        wiring = WIRINGS[name](NODES)
        session = session_of(wiring, (TestName.TCP, TestName.LATENCY_UDP), run_id=name, turns=turns)
        async with session:
            await session.run()

    await asyncio.gather(measure("flannel-vxlan"), measure("flannel-host-gw"))
    trials = [event for event in events if isinstance(event, TrialStarted | TrialFinished)]
    assert len(trials) == 2 * 2 * 2 * 2
    for first, second in pairwise(trials):
        assert isinstance(first, TrialStarted) != isinstance(second, TrialStarted)


async def test_a_wiring_that_fails_does_not_hold_up_the_other(
    session_of: Sessions, flannel_vxlan: Wiring, events: list[BenchEvent]
) -> None:
    turns = Turns(2)
    step = Step(place=Place.POD1, argv=("false",))
    broken = replace(flannel_vxlan, steps=(*flannel_vxlan.steps, step))

    async def measure(wiring: Wiring, run_id: str) -> None:
        async with session_of(wiring, (TestName.TCP,), run_id=run_id, turns=turns) as session:
            await session.run()

    async with asyncio.timeout(60):
        failed, worked = await asyncio.gather(
            measure(broken, "r1"), measure(flannel_vxlan, "r2"), return_exceptions=True
        )
    assert isinstance(failed, BenchmarkError)
    assert "in pod1, `false` failed: it said nothing" in failed.message
    assert worked is None
    assert len(counting(events)) == 2


def target_of(ground: Ground, tools: Tools, wiring: Wiring) -> tuple[LabTarget, Plan]:
    suite = Suite(
        name="test",
        tests=(TestName.TCP, TestName.HTTP),
        rounds=1,
        max_rounds=1,
        target_half_width_percent=None,
        duration_s=1,
        warm_up_s=0,
        idle_s=0,
        streams=1,
    )
    plan = Plan(run_id="r1", suite=suite, paths=tuple(PathName), seed=1, streams=1)
    target = LabTarget(
        ground,
        tools=tools,
        wiring=wiring,
        wire=Wire(),
        run_id="r1",
        paths=plan.paths,
        tests=suite.tests,
    )
    return target, plan


def servers(name: str) -> list[int]:
    """The processes, as the machine sees them, whose command begins so and which use the tools."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            command = (folder / "cmdline").read_bytes()
            if (
                command.startswith(name.encode())
                and "/lab-tools/" in (folder / "mountinfo").read_text()
            ):
                found.append(int(folder.name))
    return found


async def test_commands_stream_stop_and_time_out(
    ground: Ground, tools: Tools, flannel_vxlan: Wiring
) -> None:
    target, plan = target_of(ground, tools, flannel_vxlan)
    endpoints = await target.open(plan, lambda _text: None)
    client = endpoints.client(PathName.POD)
    script = "echo one; echo two >&2; echo three; exit 7"
    async with client.start(Command(argv=("sh", "-c", script), deadline_s=10)) as running:
        assert [line async for line in running.lines()] == [b"one", b"three"]
        ended = await running.exit()
    assert (ended.status, ended.stderr) == (7, "two\n")
    # The pod's server is reached by the pod's address, and pings fit the MTU both ways.
    server = endpoints.server(PathName.POD)
    port = next(iter(server.ports.values()))
    assert port == 5201
    assert (client.address, server.address) == ("10.244.0.2", "10.244.1.2")

    async with client.start(Command(argv=("sleep", "60"), deadline_s=100)):
        while not servers("sleep\0" + "60"):
            await asyncio.sleep(0.02)
    assert servers("sleep\0" + "60") == [], "leaving the context stops it"

    with pytest.raises(CommandTimedOut, match=r"`sleep` in pod1 did not end within 0.5 s"):
        await run_to_end(client, Command(argv=("sleep", "61"), deadline_s=0.5))
    assert servers("sleep\0" + "61") == []

    cancelled = asyncio.create_task(
        run_to_end(client, Command(argv=("sleep", "62"), deadline_s=100))
    )
    await asyncio.sleep(0.3)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert servers("sleep\0" + "62") == []

    removed: list[tuple[str, str | None]] = []
    await target.close(lambda what, error: removed.append((what, error)))
    await target.close(lambda what, error: removed.append((what, error)))
    assert len(removed) == 1
    assert removed[0][1] is None


async def test_samplers_tell_until_the_target_closes(
    ground: Ground, tools: Tools, flannel_vxlan: Wiring
) -> None:
    target, plan = target_of(ground, tools, flannel_vxlan)
    endpoints = await target.open(plan, lambda _text: None)
    lines: list[bytes] = []

    async def follow() -> None:
        lines.extend([line async for line in endpoints.client(PathName.POD).counters()])

    following = asyncio.create_task(follow())
    await asyncio.sleep(1.2)
    await target.close(lambda _what, _error: None)
    await asyncio.wait_for(following, 5)
    assert lines[0].startswith(b'{"sampler":1,"interface":"eth0","mtu":1450,')
    assert len(lines) >= 4


async def test_a_server_that_dies_is_trouble_with_its_name(
    ground: Ground, tools: Tools, flannel_vxlan: Wiring
) -> None:
    target, plan = target_of(ground, tools, flannel_vxlan)
    await target.open(plan, lambda _text: None)
    assert await target.trouble() is None
    before = servers("nginx: master")
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    for _ in range(50):
        if await target.trouble() is not None:
            break
        await asyncio.sleep(0.05)
    trouble = await target.trouble()
    assert trouble is not None
    assert trouble.startswith("server nginx in ")
    assert "ended with status 137" in trouble
    await target.close(lambda _what, _error: None)


async def test_a_dead_server_ends_the_run_and_what_was_measured_stays(
    session_of: Sessions, flannel_vxlan: Wiring, events: list[BenchEvent]
) -> None:
    session = session_of(flannel_vxlan, (TestName.TCP,), rounds=60, duration_s=1.0)

    async def measure() -> None:
        async with session:
            await session.run()

    running = asyncio.create_task(measure())
    while not of_kind(events, TrialFinished):
        await asyncio.sleep(0.1)
    os.kill(servers("iperf3\0--server")[0], signal.SIGKILL)
    with pytest.raises(BenchmarkError, match=r"server iperf3 in (node2|pod2) ended"):
        await running
    assert isinstance(events[-1], RunFinished)
    assert events[-1].outcome is Outcome.PARTIAL


async def test_a_wiring_the_kernel_cannot_make_says_which_step(
    ground: Ground, tools: Tools, flannel_vxlan: Wiring
) -> None:
    step = Step(place=Place.NODE1, argv=("ip", "link", "add", "x", "type", "nosuchkind"))
    target, plan = target_of(ground, tools, replace(flannel_vxlan, steps=(step,)))
    with pytest.raises(BenchmarkError, match="can't be wired here: in node1, the kernel lacks"):
        await target.open(plan, lambda _text: None)
    await target.close(lambda _what, _error: None)

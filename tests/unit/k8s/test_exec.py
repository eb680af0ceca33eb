import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from cniadvisor.bench.endpoints import Command, CommandTimedOut, EndpointLost, Exit
from cniadvisor.domain.errors import AccessError
from cniadvisor.k8s import exec as exec_module
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.exec import Container, ExecCommand, run_in
from tests.fakeapi.server import SUCCESS, ExecRequest, FakeApi, FakeExec, Pause, exit_status

HERE = Container(namespace="bench", pod="p", name="client")
ECHO = Command(argv=("echo", "a b", "ü;&"), deadline_s=5)


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    async with FakeApi.serve() as served:
        yield served


@asynccontextmanager
async def running(
    connection: Connection, api: FakeApi, does: FakeExec, command: Command = ECHO
) -> AsyncGenerator[ExecCommand]:
    api.on_exec = lambda asked: does if asked.argv[0] == "cniadvisor-run" else FakeExec.ok()
    async with run_in(connection, HERE, command, run_name="7") as started:
        yield started


def stops(api: FakeApi) -> list[tuple[str, ...]]:
    return [asked.argv for asked in api.execs if asked.argv[0] == "cniadvisor-stop"]


async def lines(command: ExecCommand) -> list[bytes]:
    return [line async for line in command.lines()]


async def test_the_command_goes_through_the_far_sides_deadline(
    api: FakeApi, connection: Connection
) -> None:
    async with running(connection, api, FakeExec.ok(b"x\n")) as command:
        assert await lines(command) == [b"x"]
        assert await command.exit() == Exit(status=0, stderr="")
    assert api.execs == [
        ExecRequest(
            namespace="bench",
            pod="p",
            container="client",
            argv=("cniadvisor-run", "7", "5", "--", "echo", "a b", "ü;&"),
        )
    ]


@pytest.mark.parametrize(
    ("deadline_s", "said"), [(5.0, "5"), (0.25, "0.25"), (3_000_000.0, "3000000"), (1 / 3, "0.333")]
)
async def test_deadlines_are_written_as_timeout_reads_them(
    api: FakeApi, connection: Connection, deadline_s: float, said: str
) -> None:
    command = Command(argv=("true",), deadline_s=deadline_s)
    async with running(connection, api, FakeExec.ok(), command) as started:
        await started.exit()
    assert api.execs[0].argv[2] == said


async def test_lines_and_characters_split_over_frames_come_whole(
    api: FakeApi, connection: Connection
) -> None:
    word = "größe".encode()
    does = FakeExec.ok(b"one\ntw", b"o\n", word[:3], word[3:] + b"\n\nla", b"st")
    async with running(connection, api, does) as command:
        assert await lines(command) == [b"one", b"two", word, b"", b"last"]


async def test_lines_come_as_they_are_written(api: FakeApi, connection: Connection) -> None:
    does = FakeExec(frames=[(1, b"early\n")], hangs=True)
    async with running(connection, api, does) as command:
        async with asyncio.timeout(3):
            assert await anext(aiter(command.lines())) == b"early"


async def test_a_failure_is_an_exit_status_with_its_words(
    api: FakeApi, connection: Connection
) -> None:
    does = FakeExec.failing(3, b"no such host\n", b"half\n")
    async with running(connection, api, does) as command:
        assert await command.exit() == Exit(status=3, stderr="no such host\n")
        assert await command.exit() == Exit(status=3, stderr="no such host\n")
    assert stops(api) == []


async def test_stderr_is_bounded_to_its_end(api: FakeApi, connection: Connection) -> None:
    frames = [(2, b"x" * 10_000), (2, b"y" * 10_000), (2, b"the end"), (3, exit_status(1))]
    async with running(connection, api, FakeExec(frames=frames)) as command:
        said = (await command.exit()).stderr
    assert len(said) == 16 * 1024
    assert said.endswith("ythe end")


@pytest.mark.parametrize("drain", [lines, ExecCommand.exit], ids=["lines", "exit"])
async def test_a_stream_that_ends_without_a_status_is_lost(
    api: FakeApi,
    connection: Connection,
    drain: Callable[[ExecCommand], Awaitable[object]],
) -> None:
    async with running(connection, api, FakeExec.dropped(b"half a li")) as command:
        with pytest.raises(EndpointLost, match="before its exit status came"):
            await drain(command)
        with pytest.raises(EndpointLost):  # and stays so
            await command.exit()
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_an_empty_frame_on_the_error_channel_says_nothing(
    api: FakeApi, connection: Connection
) -> None:
    frames = [(3, b""), (2, b""), (1, b"x\n"), (255, b"\x01"), (9, b"?"), (3, SUCCESS)]
    async with running(connection, api, FakeExec(frames=frames)) as command:
        assert await lines(command) == [b"x"]


async def test_a_command_that_cannot_be_started_says_why(
    api: FakeApi, connection: Connection
) -> None:
    status = b'{"status":"Failure","reason":"InternalError","message":"exec: not found in $PATH"}'
    async with running(connection, api, FakeExec(frames=[(3, status)])) as command:
        with pytest.raises(EndpointLost, match=r"not found in \$PATH"):
            await lines(command)


async def test_the_far_sides_deadline_is_a_timeout(api: FakeApi, connection: Connection) -> None:
    does = FakeExec.failing(124, b"slow", b"last words\n")
    async with running(connection, api, does) as command:
        reading = aiter(command.lines())
        assert await anext(reading) == b"last words"
        with pytest.raises(CommandTimedOut, match="within 5 s; it had said: slow"):
            await anext(reading)
        with pytest.raises(CommandTimedOut):
            await command.exit()
    assert stops(api) == []


async def test_a_kill_after_the_deadline_is_a_timeout_too(
    api: FakeApi, connection: Connection
) -> None:
    late = FakeExec(frames=[Pause(0.2), (3, exit_status(137))])
    command = Command(argv=("x",), deadline_s=0.1)
    async with running(connection, api, late, command) as started:
        with pytest.raises(CommandTimedOut):
            await started.exit()
    async with running(connection, api, FakeExec.failing(137)) as early:
        assert (await early.exit()).status == 137


async def test_the_near_side_gives_up_when_the_far_side_does_not(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_module, "FAR_SIDE_MARGIN_S", 0.1)
    command = Command(argv=("x",), deadline_s=0.1)
    async with running(connection, api, FakeExec(frames=[], hangs=True), command) as started:
        with pytest.raises(CommandTimedOut):
            await lines(started)
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_leaving_early_stops_the_far_side(api: FakeApi, connection: Connection) -> None:
    async with running(connection, api, FakeExec(frames=[(1, b"x\n")], hangs=True)) as command:
        assert await anext(aiter(command.lines())) == b"x"
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_a_cancelled_command_is_stopped_on_the_far_side(
    api: FakeApi, connection: Connection
) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with running(connection, api, FakeExec(frames=[(1, b"x\n")], hangs=True)) as command:
            begun.set()
            await lines(command)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_a_command_cancelled_during_its_handshake_is_stopped_too(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The far side may have started it although nobody was connected yet."""
    opening = asyncio.Event()
    connected = exec_module._connected  # pyright: ignore[reportPrivateUsage]

    @asynccontextmanager
    async def slow(
        through: Connection, container: Container, argv: tuple[str, ...]
    ) -> AsyncGenerator[object]:
        if argv[0] == "cniadvisor-run":
            opening.set()
            await asyncio.sleep(10)
        async with connected(through, container, argv) as socket:
            yield socket

    monkeypatch.setattr(exec_module, "_connected", slow)
    api.on_exec = lambda _asked: FakeExec.ok()

    async def run() -> None:
        async with run_in(connection, HERE, ECHO, run_name="7"):
            pytest.fail("never connected")

    task = asyncio.create_task(run())
    await opening.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_stopping_goes_on_under_a_second_cancellation(
    api: FakeApi, connection: Connection
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    def does(asked: ExecRequest) -> FakeExec:
        if asked.argv[0] == "cniadvisor-run":
            return FakeExec(frames=[], hangs=True)
        begun.set()
        return FakeExec(frames=[Pause(0.3), (3, SUCCESS)])

    async def work() -> None:
        api.on_exec = does
        try:
            async with run_in(connection, HERE, ECHO, run_name="7") as command:
                await command.exit()
        finally:
            ended.set()

    task = asyncio.create_task(work())
    while not api.execs:
        await asyncio.sleep(0.01)
    task.cancel()
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_stop_that_hangs_is_bounded(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_module, "STOP_S", 0.2)
    api.on_exec = lambda _: FakeExec(frames=[], hangs=True)
    async with asyncio.timeout(5):
        async with run_in(connection, HERE, ECHO, run_name="7"):
            pass
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_a_server_that_fell_silent_is_not_waited_for(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_module, "FAREWELL_S", 0.1)
    silent = FakeExec(frames=[(1, b"x\n"), Pause(30), (3, SUCCESS)])
    async with asyncio.timeout(3):
        async with running(connection, api, silent) as command:
            assert await anext(aiter(command.lines())) == b"x"


async def test_a_line_without_end_is_bounded(api: FakeApi, connection: Connection) -> None:
    endless = FakeExec.ok(*[b"x" * 300_000] * 4)
    async with running(connection, api, endless) as command:
        with pytest.raises(EndpointLost, match="more than 1048576 bytes"):
            await lines(command)
    assert stops(api) == [("cniadvisor-stop", "7")]


async def test_a_missing_right_is_named(api: FakeApi, connection: Connection) -> None:
    api.deny("create pods/exec in namespace bench")
    with pytest.raises(AccessError) as refusal:
        async with run_in(connection, HERE, ECHO, run_name="7"):
            pass
    assert refusal.value.right == "create pods/exec in namespace bench"
    assert "cannot" in refusal.value.message  # the server's own words


async def test_a_pod_that_is_gone_is_a_lost_endpoint(api: FakeApi, connection: Connection) -> None:
    api.objects["/api/v1/pods"] = {"items": []}
    with pytest.raises(EndpointLost, match="container client of pod bench/p"):
        async with run_in(connection, HERE, ECHO, run_name="7"):
            pass


async def test_the_older_protocol_is_spoken_too(api: FakeApi, connection: Connection) -> None:
    api.exec_protocols = ("v4.channel.k8s.io",)  # pyright: ignore[reportAttributeAccessIssue]
    async with running(connection, api, FakeExec.ok(b"x\n")) as command:
        assert await lines(command) == [b"x"]

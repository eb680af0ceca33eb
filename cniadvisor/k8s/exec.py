"""Commands in a container, over the exec websocket.

Every command goes through ``cniadvisor-run`` in the image, which ends it at its deadline even when
nobody is connected any more: a process outlives the exec connection that started it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp

from cniadvisor.bench.endpoints import Command, CommandTimedOut, EndpointLost, Exit
from cniadvisor.domain.errors import (
    AccessError,
    BenchmarkError,
    ClusterError,
    CniAdvisorError,
    DeadlineError,
)
from cniadvisor.domain.text import printable
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.exec_frames import (
    ERROR_CHANNEL,
    STDERR_CHANNEL,
    STDOUT_CHANNEL,
    SUBPROTOCOLS,
    LineSplitter,
    Tail,
    exit_status,
)

__all__ = ["Container", "ExecCommand", "run_in"]

KEPT_STDERR_BYTES = 16 * 1024
DEADLINE_STATUS = 124
"""What ``timeout`` exits with when the deadline ended the command."""
KILLED_STATUS = 137
"""The same when the command did not heed SIGTERM."""
FAR_SIDE_MARGIN_S = 10.0
"""How much later the near side gives up: the far side's KILL comes 2 s after, then the way back."""
FAREWELL_S = 2.0
"""How long the other side is waited for when an exec connection is closed."""
STOP_S = 10.0
"""The time a command that is left early gets to be ended on the far side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a running pod."""

    namespace: str
    pod: str
    name: str

    @property
    def path(self) -> str:
        """The API path of the pod."""
        return f"/api/v1/namespaces/{self.namespace}/pods/{self.pod}"

    def __str__(self) -> str:
        return f"container {self.name} of pod {self.namespace}/{self.pod}"


class ExecCommand:
    """A command under way in a container; see :class:`~cniadvisor.bench.endpoints.RunningCommand`.

    Args:
        socket: the exec connection.
        where: said in messages.
        command: what runs; its deadline counts from now.
    """

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, where: Container, command: Command
    ) -> None:
        self._socket = socket
        self._where = where
        self._command = command
        self._started = asyncio.get_running_loop().time()
        self._stderr = Tail(limit=KEPT_STDERR_BYTES)
        self._status_frame = bytearray()
        self._status: int | None = None
        self._failure: BenchmarkError | None = None

    @property
    def ended(self) -> bool:
        """Whether the far side has told that the command ended."""
        return self._status is not None

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield stdout line by line; see the protocol."""
        splitter = LineSplitter()
        while (data := await self._stdout()) is not None:
            for line in self._cut(splitter, data):
                yield line
        if (last := splitter.rest()) is not None:
            yield last
        self._in_time()

    async def exit(self) -> Exit:
        """Wait for the end; see the protocol."""
        while await self._stdout() is not None:
            pass
        self._in_time()
        assert self._status is not None
        return Exit(status=self._status, stderr=self._stderr.text())

    def _cut(self, splitter: LineSplitter, data: bytes) -> list[bytes]:
        try:
            return splitter.feed(data)
        except EndpointLost as lost:
            self._failure = lost
            raise

    def _in_time(self) -> None:
        took_s = asyncio.get_running_loop().time() - self._started
        if self._status == DEADLINE_STATUS or (
            self._status == KILLED_STATUS and took_s >= self._command.deadline_s
        ):
            raise self._timed_out()

    async def _stdout(self) -> bytes | None:
        """Return the next piece of stdout, None when the command has ended."""
        while self._status is None:
            if self._failure is not None:
                raise self._failure
            try:
                frame = await self._frame()
                channel, data = frame[0], frame[1:]
                # The API server opens each channel with an empty frame.
                if not data:
                    continue
                if channel == STDOUT_CHANNEL:
                    return data
                if channel == STDERR_CHANNEL:
                    self._stderr.feed(data)
                elif channel == ERROR_CHANNEL:
                    self._status = exit_status(data)
            except BenchmarkError as failure:
                self._failure = failure
        return None

    async def _frame(self) -> bytes:
        """Return the next frame that has a channel.

        Raises:
            EndpointLost: the connection ended without the exit status.
            CommandTimedOut: the near side's deadline passed.
        """
        deadline = self._started + self._command.deadline_s + FAR_SIDE_MARGIN_S
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    message = await self._socket.receive()
            except TimeoutError:
                raise self._timed_out() from None
            if message.type is aiohttp.WSMsgType.BINARY:
                frame: bytes = message.data
                if frame:
                    return frame
            elif message.type is not aiohttp.WSMsgType.TEXT:
                raise self._broken()

    def _broken(self) -> EndpointLost:
        said = printable(self._stderr.text(), limit=300)
        return EndpointLost(
            f"the connection to `{self._command.argv[0]}` in {self._where} ended before its exit "
            "status came" + (f"; it had said: {said}" if said else ""),
            hint="look at the pod and its node, and at what stands between here and the API server",
        )

    def _timed_out(self) -> CommandTimedOut:
        said = printable(self._stderr.text(), limit=300)
        return CommandTimedOut(
            f"`{self._command.argv[0]}` in {self._where} did not end within "
            f"{self._command.deadline_s:g} s" + (f"; it had said: {said}" if said else "")
        )


@asynccontextmanager
async def run_in(
    connection: Connection, container: Container, command: Command, *, run_name: str
) -> AsyncGenerator[ExecCommand]:
    """Run a command in a container; leaving the context ends it there if it still runs.

    ``run_name`` tells the command from others in the same pod.

    Raises:
        AccessError: the right to exec is missing.
        EndpointLost: the command can't be started for another reason.
    """
    argv = ("cniadvisor-run", run_name, _seconds(command.deadline_s), "--", *command.argv)
    async with AsyncExitStack() as stack:
        try:
            socket = await stack.enter_async_context(_connected(connection, container, argv))
        except asyncio.CancelledError:
            # The far side may have started it before the handshake was broken off.
            await _to_the_end(_stop(connection, container, run_name))
            raise
        running = ExecCommand(socket, container, command)
        try:
            yield running
        finally:
            if not running.ended:
                await _to_the_end(_stop(connection, container, run_name))


@asynccontextmanager
async def _connected(
    connection: Connection, container: Container, argv: tuple[str, ...]
) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    query = [("container", container.name), ("stdout", "true"), ("stderr", "true")]
    query += [("command", argument) for argument in argv]
    opening = connection.websocket(f"{container.path}/exec", query, subprotocols=SUBPROTOCOLS)
    async with AsyncExitStack() as stack:
        try:
            socket = await stack.enter_async_context(opening)
        except AccessError:
            raise
        except (ClusterError, DeadlineError) as error:
            raise EndpointLost(
                f"no command can be started in {container}: {error.message}", hint=error.hint
            ) from None
        if socket.protocol not in SUBPROTOCOLS:
            raise EndpointLost(
                f"the API server offers none of the exec protocols {', '.join(SUBPROTOCOLS)}",
                hint="Does a proxy stand between that takes websocket headers away?",
            )
        try:
            yield socket
        finally:
            # Politely, but not for as long as the library would wait for a silent server.
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await socket.close()


async def _stop(connection: Connection, container: Container, run_name: str) -> None:
    """End a command on the far side, as well as can be: at its deadline it ends there anyway."""
    argv = ("cniadvisor-stop", run_name)
    with suppress(CniAdvisorError, TimeoutError):
        async with (
            asyncio.timeout(STOP_S),
            _connected(connection, container, argv) as socket,
        ):
            await ExecCommand(socket, container, Command(argv=argv, deadline_s=STOP_S)).exit()


async def _to_the_end(work: Coroutine[None, None, None]) -> None:
    """Await ``work`` also when the caller is cancelled meanwhile; the cancellation comes after."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _seconds(duration_s: float) -> str:
    """Return a duration as ``timeout`` reads it: no exponent."""
    return f"{duration_s:.3f}".rstrip("0").rstrip(".")

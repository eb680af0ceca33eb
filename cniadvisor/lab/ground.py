"""The private ground of a lab: namespaces that nobody else sees, held by one process.

This is the near side of :mod:`cniadvisor.lab.holder`: it starts that process, asks it for places
and programs, and reads what they print. All of it is gone when this process ends, however it ends.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path

import cniadvisor
from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.text import printable
from cniadvisor.lab import messages
from cniadvisor.lab.messages import Clear, Done, Ended, Failed, Lay, Message, Ready, Refused, Start
from cniadvisor.lab.program import Printed, Program
from cniadvisor.lab.requirements import why_no_ground

__all__ = ["Ground", "open_ground"]

LONGEST_LINE_BYTES = 1 << 20
"""A longer line of a program's output counts as a fault; iperf3's last one has some 10 KB."""

_READY_S = 20.0
_ANSWER_S = 60.0
_END_S = 10.0

_ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
    "HOME": "/scratch",
    "TMPDIR": "/scratch",
    "LC_ALL": "C.UTF-8",
}
"""What a program finds in its environment: nothing of ours."""


class Ground:
    """Places in groups, and programs in places. Made by :func:`open_ground`."""

    def __init__(self, holder: "subprocess.Popen[bytes]", control: socket.socket) -> None:
        self._holder = holder
        self._control = control
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[Done | Failed]] = {}
        self._programs: dict[int, Program] = {}
        self._pipes: list[asyncio.BaseTransport] = []
        self._greeting: asyncio.Future[Ready | Refused] = asyncio.get_running_loop().create_future()
        self._gone = False
        self.as_root = True
        asyncio.get_running_loop().add_reader(control, self._hear)

    @property
    def holder_pid(self) -> int:
        """The process that holds it, as this process sees it."""
        return self._holder.pid

    @property
    def gone(self) -> bool:
        """Whether the holder ended before it was told to: nothing of the ground is left."""
        return self._gone

    async def greeted(self) -> None:
        """Wait until the holder has its namespaces.

        Raises:
            UsageError: the kernel or its settings refuse them; says which and what to do.
            BenchmarkError: the holder did not start.
        """
        try:
            async with asyncio.timeout(_READY_S):
                greeting = await asyncio.shield(self._greeting)
        except TimeoutError:
            raise BenchmarkError(
                f"the lab's namespaces were not made within {_READY_S:g} s"
            ) from None
        except EndpointLost:
            said = b"" if self._holder.stderr is None else self._holder.stderr.read()
            last = printable(said.decode(errors="replace").strip()[-500:])
            raise BenchmarkError(
                f"the process that holds the lab's namespaces ended: {last or 'it said nothing'}"
            ) from None
        if isinstance(greeting, Refused):
            raise why_no_ground(greeting.what, greeting.errno)
        self.as_root = greeting.as_root

    async def lay(self, group: str, places: Sequence[str], root: Path) -> None:
        """Make network namespaces of these names, each with the tools at ``root`` as its files.

        Raises:
            BenchmarkError: the kernel refuses something; the message has its words.
            EndpointLost: the ground went away.
        """
        number = next(self._numbers)
        answer = await self._ask(
            number, Lay(id=number, group=group, places=tuple(places), root=str(root))
        )
        if isinstance(answer, Failed):
            raise BenchmarkError(
                f"the lab's network namespaces can't be made: {printable(answer.reason)}"
            )

    async def start(
        self,
        group: str,
        place: str,
        argv: Sequence[str],
        *,
        unprivileged: bool,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        one_output: bool = False,
    ) -> Program:
        """Start a program in a place; it runs in /scratch with an environment of its own.

        Args:
            group, place: where.
            argv: the program, looked for among the tools, and its arguments.
            unprivileged: as the servers' user, without a capability; otherwise as root there.
            environment: variables beside the usual few.
            stdin: what it reads; little.
            one_output: its stdout goes where its stderr goes.

        Raises:
            EndpointLost: it could not be started, or the ground went away.
        """
        number = next(self._numbers)
        stdout, out = await self._pipe()
        stderr, err = await self._pipe()
        program = self._programs[number] = Program(stdout, stderr)
        asked = Start(
            id=number,
            group=group,
            place=place,
            argv=tuple(argv),
            environment={**_ENVIRONMENT, **(environment or {})},
            unprivileged=unprivileged,
        )
        with _reading_of(stdin) as reading:
            try:
                answer = await self._ask(number, asked, (reading, err if one_output else out, err))
            except BaseException:
                program.let_go()
                raise
            finally:
                os.close(out)
                os.close(err)
        if isinstance(answer, Failed):
            self._programs.pop(number, None)
            program.let_go()
            raise EndpointLost(f"`{argv[0]}` can't be started: {printable(answer.reason)}")
        return program

    async def run(
        self,
        group: str,
        place: str,
        argv: Sequence[str],
        *,
        unprivileged: bool = False,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> Printed:
        """Run a quick program to its end; arguments as :meth:`start`.

        Raises:
            EndpointLost: as :meth:`start`, or it does not end.
        """
        program = await self.start(
            group, place, argv, unprivileged=unprivileged, environment=environment, stdin=stdin
        )
        try:
            async with asyncio.timeout(_ANSWER_S):
                printed = await program.stdout.read()
                status = await program.wait()
                return Printed(
                    status=status,
                    stdout=printed.decode(errors="replace"),
                    stderr=await program.stderr(),
                )
        except TimeoutError:
            raise EndpointLost(f"`{argv[0]}` did not end within {_ANSWER_S:g} s") from None

    async def clear(self, group: str) -> None:
        """Kill what runs in a group and remove its places.

        Raises:
            BenchmarkError: a process does not end.
        """
        number = next(self._numbers)
        answer = await self._ask(number, Clear(id=number, group=group))
        if isinstance(answer, Failed):
            raise BenchmarkError(f"the lab can't be cleared: {printable(answer.reason)}")

    async def close(self) -> None:
        """End the holder and with it everything."""
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._give_up("the lab was closed")
        ended = await _within(self._holder, _END_S)
        if not ended:
            self._holder.send_signal(signal.SIGKILL)
            await _within(self._holder, _END_S)
        if self._holder.stderr is not None:
            self._holder.stderr.close()
        for pipe in self._pipes:
            pipe.close()
        for program in self._programs.values():
            program.let_go()
        # Closed pipes are taken off the loop by calls that are still to come.
        await asyncio.sleep(0)

    # -- the socket

    async def _ask(
        self, number: int, message: Message, streams: Sequence[int] = ()
    ) -> Done | Failed:
        if self._gone:
            raise EndpointLost("the lab's namespaces are gone: the process that held them ended")
        answer: asyncio.Future[Done | Failed] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            data = messages.encode(message)
            socket.send_fds(self._control, [data], list(streams), socket.MSG_DONTWAIT)
            async with asyncio.timeout(_ANSWER_S):
                return await answer
        except TimeoutError:
            raise EndpointLost(f"the lab's holder did not answer within {_ANSWER_S:g} s") from None
        except OSError as error:
            raise EndpointLost(f"the lab's holder can't be asked: {error.strerror}") from None
        finally:
            self._answers.pop(number, None)

    def _hear(self) -> None:
        """Take what the holder says."""
        try:
            data = self._control.recv(messages.MOST_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._control)
            self._give_up("the process that held the lab's namespaces ended")
            return
        match messages.decode(data):
            case (Ready() | Refused()) as greeting if not self._greeting.done():
                self._greeting.set_result(greeting)
            case (Done() | Failed()) as answer:
                waiting = self._answers.get(answer.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
            case Ended(id=number, status=status):
                program = self._programs.pop(number, None)
                if program is not None:
                    program.ended(status)
            case _:
                pass

    def _give_up(self, why: str) -> None:
        self._gone = True
        error = EndpointLost(why)
        for waiting in (self._greeting, *self._answers.values()):
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # Seen: nobody may be waiting.
        for program in self._programs.values():
            program.lost(error)

    async def _pipe(self) -> tuple[asyncio.StreamReader, int]:
        """Return the reading end as a stream and the writing end as a descriptor."""
        reading, writing = os.pipe()
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LONGEST_LINE_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        pipe, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(reading, "rb", 0))
        self._pipes = [old for old in self._pipes if not old.is_closing()]
        self._pipes.append(pipe)
        return reader, writing


@asynccontextmanager
async def open_ground() -> AsyncGenerator[Ground]:
    """Make the ground; leaving the context removes it with all that runs there.

    To be called in the main thread: the holder dies with the thread that started it.

    Raises:
        UsageError: the kernel or its settings refuse namespaces; says which and what to do.
        BenchmarkError: the holder did not start.
    """
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far:
        holder = _start_holder(far)
    ground = Ground(holder, near)
    try:
        await ground.greeted()
        yield ground
    finally:
        await _to_the_end(ground)


async def _to_the_end(ground: Ground) -> None:
    """Close, also when the caller is cancelled meanwhile; the cancellation comes after."""
    closing = asyncio.ensure_future(ground.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.wait({closing})
        raise


def _start_holder(far: socket.socket) -> "subprocess.Popen[bytes]":
    package = Path(cniadvisor.__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-S", "-m", "cniadvisor.lab.holder", str(far.fileno())],
        pass_fds=[far.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        # A ctrl+c is for us: we end it when what it holds is not needed any more.
        start_new_session=True,
    )


async def _within(holder: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether the process ends within so many seconds."""
    try:
        await asyncio.to_thread(holder.wait, seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def _reading_of(text: str) -> Generator[int]:
    """Yield a descriptor that reads as ``text`` and then ends."""
    descriptor = os.memfd_create("stdin")
    try:
        os.write(descriptor, text.encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)

"""One end of one path: programs in a network namespace, run as in the pods by the same scripts."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from cniadvisor.bench.endpoints import (
    Command,
    CommandTimedOut,
    EndpointLost,
    Exit,
    RunningCommand,
    Service,
)
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.domain.text import printable
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.program import Program

__all__ = ["LabEndpoint", "PlaceCommand"]

_Result = TypeVar("_Result")

DEADLINE_STATUS = 124
"""What ``cniadvisor-run`` exits with when the deadline ended the command."""

NEAR_SIDE_MARGIN_S = 5.0
"""How much later the near side gives up: the far side's KILL comes 2 s after its TERM."""

STOP_S = 10.0
"""The time a command that is left early gets to be ended."""


class PlaceCommand:
    """A command under way; see :class:`~cniadvisor.bench.endpoints.RunningCommand`.

    Args:
        program: ``cniadvisor-run`` with the command.
        command: what runs; its deadline counts from now.
        where: said in messages.
    """

    def __init__(self, program: Program, command: Command, where: str) -> None:
        self._program = program
        self._command = command
        self._where = where
        self._give_up_at = (
            asyncio.get_running_loop().time() + command.deadline_s + NEAR_SIDE_MARGIN_S
        )

    @property
    def ended(self) -> bool:
        """Whether it is known that the command ended."""
        return self._program.status is not None

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield stdout line by line; see the protocol."""
        while line := await self._in_time(self._line()):
            yield line.removesuffix(b"\n")
        await self._status()

    async def exit(self) -> Exit:
        """Wait for the end; see the protocol."""
        while await self._in_time(self._program.stdout.read(1 << 16)):
            pass
        status = await self._status()
        return Exit(status=status, stderr=await self._program.stderr())

    async def _line(self) -> bytes:
        try:
            return await self._program.stdout.readline()
        except ValueError:
            raise EndpointLost(
                f"`{self._command.argv[0]}` {self._where} printed a line without end"
            ) from None

    async def _status(self) -> int:
        status = await self._in_time(self._program.wait())
        if status == DEADLINE_STATUS:
            raise self._timed_out()
        return status

    async def _in_time(self, work: Awaitable[_Result]) -> _Result:
        try:
            async with asyncio.timeout_at(self._give_up_at):
                return await work
        except TimeoutError:
            raise self._timed_out() from None

    def _timed_out(self) -> CommandTimedOut:
        said = printable(self._program.stderr_so_far, limit=300)
        return CommandTimedOut(
            f"`{self._command.argv[0]}` {self._where} did not end within "
            f"{self._command.deadline_s:g} s" + (f"; it had said: {said}" if said else "")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabEndpoint:
    """A network namespace as an :class:`~cniadvisor.bench.endpoints.Endpoint`.

    Attributes:
        ground, group, place: where commands run.
        sampler: its sampler, which runs already.
        closed: set when the target closes; it ends :meth:`counters`.
    """

    role: Role
    path: PathName
    node: str
    address: str
    ports: Mapping[Service, int]
    ground: Ground
    group: str
    place: str
    sampler: Program
    closed: asyncio.Event
    _runs: "count[int]" = field(default_factory=lambda: count(1))

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        """Start a command; see the protocol."""
        return self._started(command, f"run{next(self._runs)}")

    async def counters(self) -> AsyncIterator[bytes]:
        """Yield the sampler's lines; see the protocol."""
        while line := await self.sampler.stdout.readline():
            yield line.removesuffix(b"\n")
        if not self.closed.is_set():
            said = printable(await self.sampler.stderr(), limit=300)
            raise EndpointLost(
                f"the sampler of {self.place} ended" + (f"; it had said: {said}" if said else "")
            )

    @asynccontextmanager
    async def _started(self, command: Command, run_name: str) -> AsyncGenerator[PlaceCommand]:
        argv = ("cniadvisor-run", run_name, _seconds(command.deadline_s), "--", *command.argv)
        try:
            program = await self.ground.start(self.group, self.place, argv, unprivileged=True)
        except asyncio.CancelledError:
            # It may have been started before we were told.
            await _to_the_end(self._stop(run_name))
            raise
        running = PlaceCommand(program, command, f"in {self.place}")
        try:
            yield running
        finally:
            if not running.ended:
                await _to_the_end(self._stop(run_name))

    async def _stop(self, run_name: str) -> None:
        """End a command, as well as can be: at its deadline it ends anyway."""
        with suppress(EndpointLost, TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self.ground.run(
                    self.group, self.place, ("cniadvisor-stop", run_name), unprivileged=True
                )


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

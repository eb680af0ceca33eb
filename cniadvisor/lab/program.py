"""A program that runs in a place of the ground, as seen from here."""

import asyncio
from dataclasses import dataclass

from cniadvisor.bench.endpoints import EndpointLost

__all__ = ["Printed", "Program"]

KEPT_BYTES = 16 * 1024
"""Of what a program prints on stderr so much is kept, the last of it."""

_LAST_WORDS_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A program that ran to its end: exit status (128 + n for signal n) and what it printed."""

    status: int
    stdout: str
    stderr: str


class Program:
    """A program that runs in a place."""

    def __init__(self, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader) -> None:
        self.stdout = stdout
        self._kept = bytearray()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        # Read all the time, or a program that says much would wait for a reader.
        self._listening = asyncio.create_task(self._listen(stderr))

    @property
    def status(self) -> int | None:
        """How it ended; None while it runs, or when nobody knows."""
        if not self._ended.done() or self._ended.exception() is not None:
            return None
        return self._ended.result()

    async def wait(self) -> int:
        """Wait for its end and return the exit status.

        Raises:
            EndpointLost: the ground went away first.
        """
        return await asyncio.shield(self._ended)

    async def stderr(self) -> str:
        """Return the last of what it printed on stderr, to be asked for after its end."""
        # Something it left behind may hold on to it.
        await asyncio.wait({self._listening}, timeout=_LAST_WORDS_S)
        return self.stderr_so_far

    @property
    def stderr_so_far(self) -> str:
        """The last of what it printed on stderr until now."""
        return self._kept.decode(errors="replace")

    def ended(self, status: int) -> None:
        """Told by the ground: it ended."""
        if not self._ended.done():
            self._ended.set_result(status)

    def lost(self, error: EndpointLost) -> None:
        """Told by the ground: nobody will ever know how it ended."""
        if not self._ended.done():
            self._ended.set_exception(error)
            self._ended.exception()  # Seen: nobody may be waiting.

    def let_go(self) -> None:
        """Stop reading."""
        self._listening.cancel()

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        while piece := await stderr.read(4096):
            self._kept += piece
            del self._kept[:-KEPT_BYTES]

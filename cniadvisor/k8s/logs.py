"""Container logs as raw lines: followed for as long as they are wanted, or read once."""

import asyncio
import json
import math
from collections.abc import AsyncGenerator, AsyncIterator

from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.domain.errors import AccessError, ClusterError, CniAdvisorError, DeadlineError
from cniadvisor.domain.text import printable
from cniadvisor.k8s.api_errors import StreamBrokenError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.exec import Container
from cniadvisor.k8s.objects import mapping
from cniadvisor.k8s.retrying import may_pass

__all__ = ["following_counters", "last_words", "read_tail"]

SILENCE_S = 10.0
"""The sampler prints four lines a second; a stream that is silent for so long was cut."""

GIVE_UP_S = 30.0
"""A log that gives no new line for so long, whatever was tried, is lost."""

_PAUSE_S = 0.5
_OVERLAP_S = 5
"""How much further back than the cut a resumed log is asked for; repeated lines are dropped."""


async def following_counters(
    connection: Connection, container: Container, closed: asyncio.Event
) -> AsyncGenerator[bytes]:
    """Yield the lines of a sampler as they are printed, each once, until ``closed`` is set.

    A stream that is cut is taken up again where it was. Lines are told apart by their ``t``, a
    monotonic clock; the place to go on from is asked for by age, which no clock difference
    between here and the node can spoil.

    Raises:
        EndpointLost: the log can't be read any more.
        AccessError: the right to read logs is missing.
    """
    clock = asyncio.get_running_loop().time
    new = _NewLines()
    last_at: float | None = None
    cut_at: float | None = None
    while not closed.is_set():
        trouble = "the stream ended"
        query = {"container": container.name, "follow": "true"}
        if last_at is not None:
            query["sinceSeconds"] = str(int(clock() - last_at) + _OVERLAP_S)
        try:
            async with connection.stream_lines(f"{container.path}/log", query) as lines:
                async for line in _until(closed, lines):
                    if new.is_new(line):
                        last_at, cut_at = clock(), None
                        yield line
        except AccessError:
            raise
        except CniAdvisorError as error:
            if not may_pass(error):
                raise _lost(container, error.message) from None
            trouble = error.message
        cut_at = clock() if cut_at is None else cut_at
        if clock() - cut_at > GIVE_UP_S:
            raise _lost(container, trouble)
        if not closed.is_set():
            await asyncio.sleep(_PAUSE_S)


async def read_tail(connection: Connection, container: Container, *, lines: int) -> tuple[str, ...]:
    """Return the last lines of a container's log, fit to be shown.

    Raises:
        AccessError: the right to read logs is missing.
        ClusterError, DeadlineError: it can't be read for another reason.
    """
    query = {"container": container.name, "tailLines": str(lines)}
    try:
        async with (
            asyncio.timeout(SILENCE_S),
            connection.stream_lines(f"{container.path}/log", query) as stream,
        ):
            return tuple([printable(line.decode(errors="replace")) async for line in stream])
    except TimeoutError:
        raise DeadlineError(f"the log of {container} did not come within {SILENCE_S:g} s") from None


async def last_words(connection: Connection, container: Container, *, lines: int) -> str:
    """Return the last lines of a container's log on one; empty when they can't be read."""
    try:
        return " / ".join(await read_tail(connection, container, lines=lines))
    except (ClusterError, DeadlineError):
        return ""


async def _until(closed: asyncio.Event, lines: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield ``lines`` until they end or ``closed`` is set.

    Raises:
        StreamBrokenError: nothing came for too long.
    """
    closing = asyncio.ensure_future(closed.wait())
    try:
        while True:
            following = asyncio.ensure_future(_next(lines))
            try:
                await asyncio.wait(
                    {following, closing}, timeout=SILENCE_S, return_when=asyncio.FIRST_COMPLETED
                )
                if closing.done():
                    return
                if not following.done():
                    raise StreamBrokenError(f"nothing came for {SILENCE_S:g} s")
                line = following.result()
            finally:
                if not following.done():
                    following.cancel()
                    await asyncio.wait({following})
            if line is None:
                return
            yield line
    finally:
        closing.cancel()


async def _next(lines: AsyncIterator[bytes]) -> bytes | None:
    return await anext(lines, None)


class _NewLines:
    """Tells lines of a sampler that were not seen yet from repeated and from broken ones."""

    def __init__(self) -> None:
        self._greeted = False
        self._latest = -math.inf

    def is_new(self, line: bytes) -> bool:
        """Whether to hand ``line`` on. A line that was cut in half comes again, whole."""
        try:
            told = mapping(json.loads(line))
        except ValueError:
            return False
        if not told:
            return False
        time = told.get("t")
        if not isinstance(time, (int, float)):
            new, self._greeted = not self._greeted, True
            return new
        new = time > self._latest
        self._latest = max(self._latest, time)
        return new


def _lost(container: Container, why: str) -> EndpointLost:
    return EndpointLost(
        f"the log of {container} can't be followed any more: {why}",
        hint="Did its pod end, or was the API server away?",
    )

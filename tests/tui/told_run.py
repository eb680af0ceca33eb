"""A run that tells a recording's events step by step, as the test says."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.events import BenchEvent
from cniadvisor.tui.runs import RunEnd, RunListener


class ToldRun:
    """A RunHandle whose events are told by :meth:`tell`; what it was asked to do is kept.

    Args:
        events: those of the first stream, in order.
        streams: the names of the streams.
    """

    def __init__(
        self, events: Iterable[BenchEvent] = (), *, streams: tuple[str, ...] = ("",)
    ) -> None:
        self.title = "staging"
        self.note = ""
        self.streams = streams
        self.cancelled = 0
        self.left = 0
        self._events = list(events)
        self._told: list[tuple[str, BenchEvent]] = []
        self._listeners: list[RunListener] = []
        self._end: RunEnd | None = None
        self._over = asyncio.Event()

    @property
    def end(self) -> RunEnd | None:
        """How it ended."""
        return self._end

    @property
    def said(self) -> int:
        """How many events were told."""
        return len(self._told)

    @property
    def listeners(self) -> int:
        """How many follow."""
        return len(self._listeners)

    def follow(self, listener: RunListener) -> Callable[[], None]:
        """Tell everything so far, then every event to come."""
        for stream, event in self._told:
            listener(stream, event)
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def cancel(self) -> None:
        """Remember it."""
        self.cancelled += 1

    def leave_now(self) -> None:
        """Remember it."""
        self.left += 1

    async def wait(self) -> RunEnd:
        """Return when :meth:`finish` was called."""
        await self._over.wait()
        assert self._end is not None
        return self._end

    # -- what the test does

    def say(self, *events: BenchEvent, stream: str | None = None) -> None:
        """Tell these events now."""
        name = self.streams[0] if stream is None else stream
        for event in events:
            self._told.append((name, event))
            for listener in tuple(self._listeners):
                listener(name, event)

    def tell(self, count: int | None = None) -> None:
        """Tell the next events of the recording; all that are left without a number."""
        now = len(self._events) if count is None else count
        events, self._events = self._events[:now], self._events[now:]
        self.say(*events)

    def finish(
        self,
        *,
        error: CniAdvisorError | None = None,
        cancelled: bool = False,
        reports: tuple[Path, ...] = (),
    ) -> None:
        """Be over."""
        self._end = RunEnd(error=error, cancelled=cancelled, reports=reports)
        self._over.set()


class ToldReplay(ToldRun):
    """The same as a recording."""

    speed = 10.0

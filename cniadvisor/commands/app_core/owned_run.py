"""A run that belongs to the program and not to the app: it outlives screens, and the app itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cniadvisor.domain.errors import BenchmarkError, CniAdvisorError
from cniadvisor.tui.runs import RunEnd

if TYPE_CHECKING:  # the app paints before there is a run
    from cniadvisor.bench.stream import Sink
    from cniadvisor.domain.events import BenchEvent
    from cniadvisor.tui.runs import RunListener

Work = Callable[["OwnedRun"], Awaitable[RunEnd]]
"""What a run does: it tells the run's sinks, ends when clean-up is over, and raises nothing."""


def _no_leave() -> None:
    return


class OwnedRun:
    """A run under way as a task of the program; a ``RunHandle``.

    Args:
        title: what is measured, for the header.
        streams: the names of its streams.
        work: what it does. Cancelling it once must lead to clean-up.
    """

    def __init__(self, *, title: str, streams: tuple[str, ...], work: Work) -> None:
        self._title = title
        self._streams = streams
        self._note = ""
        self._told: list[tuple[str, BenchEvent]] = []
        self._listeners: list[RunListener] = []
        self._end: RunEnd | None = None
        self._cancelled = False
        self._leave: Callable[[], None] = _no_leave
        self._task = asyncio.create_task(self._work(work))

    @property
    def title(self) -> str:
        """What is measured."""
        return self._title

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the streams."""
        return self._streams

    @property
    def note(self) -> str:
        """What is waited for before the first event."""
        return self._note

    def wait_for(self, note: str) -> None:
        """Say what is waited for."""
        self._note = note

    @property
    def end(self) -> RunEnd | None:
        """How it ended; None while it is under way."""
        return self._end

    def sink(self, stream: str) -> "Sink":
        """Return what a session tells the events of one stream to."""

        def tell(event: "BenchEvent") -> None:
            self._told.append((stream, event))
            for listener in tuple(self._listeners):
                listener(stream, event)

        return tell

    def follow(self, listener: "RunListener") -> Callable[[], None]:
        """Tell ``listener`` everything so far, then every event to come; return how to stop."""
        for stream, event in tuple(self._told):
            listener(stream, event)
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def cancel(self) -> None:
        """Stop measuring; clean-up follows and is told. Once is enough."""
        if self._end is None and not self._cancelled:
            self._cancelled = True
            self._task.cancel()

    def leaves_by(self, leave: Callable[[], None]) -> None:
        """Say how clean-up is cut short; for the work to call."""
        self._leave = leave

    def leave_now(self) -> None:
        """Stop measuring and cut clean-up short; the end says what is left."""
        self._leave()
        self.cancel()

    async def wait(self) -> RunEnd:
        """Return when everything is over, clean-up included."""
        await asyncio.wait([self._task])
        return self._end or RunEnd(error=None, cancelled=True, reports=())

    async def _work(self, work: Work) -> None:
        try:
            self._end = await work(self)
        except asyncio.CancelledError:
            # Before there was anything to clean up.
            self._end = RunEnd(error=None, cancelled=True, reports=())
        except CniAdvisorError as error:
            self._end = RunEnd(error=error, cancelled=self._cancelled, reports=())
        except Exception as error:
            fault = BenchmarkError(
                f"internal error: {type(error).__name__}",
                hint="this is a fault of cniadvisor; `cniadvisor cleanup` removes what is left",
            )
            self._end = RunEnd(error=fault, cancelled=self._cancelled, reports=())

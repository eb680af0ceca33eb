"""A recorded run told again in its own time, or faster."""

import asyncio
from pathlib import Path

from cniadvisor.commands.app_core.owned_run import OwnedRun
from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.text import printable
from cniadvisor.tui.runs import RunEnd

_SLICE_S = 0.1
"""Waiting is done in slices, so that another speed holds at once."""


class ReplayedRun(OwnedRun):
    """Tells a recording's events as time passes; a ``ReplayHandle``. It owns nothing to remove.

    Args:
        recording: the file.
        speed: how many recorded seconds pass in one; may be changed meanwhile.

    Raises:
        UsageError: there is no such file, or nothing in it.
    """

    def __init__(self, recording: Path, *, speed: float) -> None:
        name = printable(str(recording), limit=300)
        try:
            with recording.open("rb") as file:
                empty = not file.read(1)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise UsageError(f"cannot read the recording {name}: {reason}") from None
        if empty:
            raise UsageError(f"{name} is empty")
        self.speed = speed
        self._recording = recording
        title = f"replay of {printable(recording.name, limit=60)}"
        super().__init__(title=title, streams=("",), work=self._tell_all)

    async def _tell_all(self, _: OwnedRun) -> RunEnd:
        try:
            events = await asyncio.to_thread(_events, self._recording)
        except CniAdvisorError as error:
            return RunEnd(error=error, cancelled=False, reports=())
        tell = self.sink("")
        try:
            recorded_s = 0.0
            for event in events:
                recorded_s = await self._until(event.at_s, recorded_s)
                tell(event)
        except asyncio.CancelledError:
            return RunEnd(error=None, cancelled=True, reports=())
        return RunEnd(error=None, cancelled=False, reports=())

    async def _until(self, at_s: float, recorded_s: float) -> float:
        """Wait from one recorded moment to another; return where it got to."""
        loop = asyncio.get_running_loop()
        while (missing_s := at_s - recorded_s) > 0:
            began = loop.time()
            await asyncio.sleep(min(_SLICE_S, missing_s / self.speed))
            recorded_s += (loop.time() - began) * self.speed
        # Hundreds of events may share a moment: let the screen draw between them.
        await asyncio.sleep(0)
        return recorded_s


def _events(recording: Path) -> list[BenchEvent]:
    from cniadvisor.report.recording import read_recording

    return list(read_recording(recording, tell=lambda _: None))

"""The stream of events: one teller, as many readers as there are sinks."""

import time
from collections.abc import Callable, Sequence

from cniadvisor.domain.events import BenchEvent, Phase, PhaseStarted, WarningRaised
from cniadvisor.domain.text import printable

Sink = Callable[[BenchEvent], None]
"""A reader of the stream: the renderer, the report builder, a recorder, the app.

It is called on the event loop and must return at once.
"""


class EventStream:
    """Tells every sink every event, in order, with seconds since the run began."""

    def __init__(self, sinks: Sequence[Sink], clock: Callable[[], float] = time.monotonic) -> None:
        self._sinks = list(sinks)
        self._clock = clock
        self._began = clock()
        self._warned: set[str] = set()

    def at(self) -> float:
        """Return seconds since the run began."""
        return self._clock() - self._began

    def tell(self, event: BenchEvent) -> None:
        """Tell every sink; one that can't write any more is dropped and told of."""
        for sink in tuple(self._sinks):
            try:
                sink(event)
            except OSError as error:
                self._sinks.remove(sink)
                self.warn(
                    "output-lost",
                    f"an output of this run can't be written any more: {printable(str(error))}",
                    "the run goes on; its other outputs are complete",
                )

    def phase(self, phase: Phase, detail: str) -> None:
        """Tell what is being done now."""
        self.tell(PhaseStarted(at_s=self.at(), phase=phase, detail=detail))

    def warn(self, code: str, text: str, advice: str = "") -> None:
        """Tell a warning; a code that was told before is not told again."""
        if code not in self._warned:
            self._warned.add(code)
            self.tell(WarningRaised(at_s=self.at(), code=code, text=text, advice=advice))

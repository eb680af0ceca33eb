"""A run as it happens: one meaningful line an event, readable aloud, no colour, no cursor."""

import sys
from collections.abc import Iterator
from typing import TextIO

from cniadvisor.domain.events import BenchEvent
from cniadvisor.wording.events import Narrator, details


class Renderer:
    """Call it with every event of one run.

    Args:
        quiet: only warnings and what went wrong.
        verbose: also every sample and every start of a trial.
        stream: where to; stderr, because stdout is data only.

    Raises:
        OSError: on a call, when the stream can't be written any more.
    """

    def __init__(
        self, *, quiet: bool = False, verbose: bool = False, stream: TextIO | None = None
    ) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._stream = stream
        self._narrator = Narrator()

    def __call__(self, event: BenchEvent) -> None:
        """Write the lines of one event."""
        for line in self.lines(event):
            # Looked up anew each time: tests and wrappers exchange sys.stderr.
            print(line, file=self._stream or sys.stderr, flush=True)

    def lines(self, event: BenchEvent) -> Iterator[str]:
        """Yield the lines of one event: none or one, few for the start of a run."""
        self._narrator = self._narrator.after(event)
        yield from self._narrator.wrong(event)
        if not self._quiet:
            yield from self._narrator.news(event)
            if self._verbose:
                yield from details(event)

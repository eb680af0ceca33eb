"""A program under way whose words are followed while tests do things to it."""

import subprocess
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.cluster.command_line import Ended


@dataclass
class Listening:
    """Reads both streams of a started program, so that it never waits for us.

    Leaving its context ends a program that still runs, as SIGTERM does.
    """

    process: subprocess.Popen[str]
    _lines: list[str] = field(default_factory=list[str])
    _stdout: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self._threads = [
            threading.Thread(target=self._read_stderr, daemon=True),
            threading.Thread(target=self._read_stdout, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.to_the_end(within_s=60)

    def until(self, words: str, *, within_s: float = 120, after: int = 0) -> int:
        """Wait for a line on stderr that has these words; return the number of the line behind it.

        Only lines from number ``after`` count, and they may have been said already.
        """
        end = time.monotonic() + within_s
        while True:
            ended = self.process.poll() is not None and not self._threads[0].is_alive()
            for number, line in enumerate(self._lines[after:], start=after):
                if words in line:
                    return number + 1
            if ended or time.monotonic() > end:
                raise AssertionError(f"never said: {words}\n{''.join(self._lines)}")
            time.sleep(0.02)

    def line(self, number: int) -> str:
        """A line of stderr by its number."""
        return self._lines[number]

    def to_the_end(self, *, within_s: float = 240) -> Ended:
        """Wait until it has ended; return how, and all it said."""
        try:
            code = self.process.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not ended within {within_s} s\n{''.join(self._lines)}") from None
        for thread in self._threads:
            thread.join(timeout=5)
        return Ended(code=code, stdout="".join(self._stdout), stderr="".join(self._lines))

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self._lines.append(line)

    def _read_stdout(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._stdout.append(line)

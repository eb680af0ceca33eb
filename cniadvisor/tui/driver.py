"""The terminal driver, made safe for a terminal that goes away in mid-run.

The library writes in a thread with a bounded queue. When the terminal is closed (a window, an ssh
connection), that thread dies of the first write, the queue fills, and whoever draws next waits for
ever: the program would neither end nor clean up. Here what can't be written is dropped.
"""

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from textual.driver import Driver

__all__ = ["steadfast"]


class _Tolerant:
    """A stream that drops what it can't write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if there is still somebody to read."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if there is still somebody to read."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def fileno(self) -> int:
        """Return the stream's descriptor."""
        return self._stream.fileno()


def steadfast(driver_class: "type[Driver]") -> "type[Driver]":
    """Return a driver like ``driver_class`` that outlives its terminal.

    Other drivers than the one of Unix terminals are returned as they are.
    """
    if sys.platform == "win32":
        return driver_class
    from textual.drivers.linux_driver import LinuxDriver

    if driver_class is not LinuxDriver:
        return driver_class

    class SteadfastDriver(LinuxDriver):
        """See the module."""

        def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on
            super().__init__(*arguments, **options)  # pyright: ignore[reportUnknownMemberType]
            self._file = cast("TextIO", _Tolerant(self._file))

    return SteadfastDriver

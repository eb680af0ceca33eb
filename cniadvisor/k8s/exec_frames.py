"""What travels over an exec connection, decoded without any I/O.

Each websocket message is one byte of channel and data. Channel 3 carries one ``Status`` object when
the process has ended; only that tells the exit status. Both v4.channel.k8s.io and
v5.channel.k8s.io frame output this way; v5 adds channel 255, which closes a stream that we send,
and we send none. (k8s.io/apimachinery, pkg/util/remotecommand; k8s.io/client-go, remotecommand.)
"""

import json

from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.domain.text import printable
from cniadvisor.k8s.objects import mapping, objects, text

__all__ = [
    "ERROR_CHANNEL",
    "LONGEST_LINE",
    "STDERR_CHANNEL",
    "STDOUT_CHANNEL",
    "SUBPROTOCOLS",
    "LineSplitter",
    "Tail",
    "exit_status",
]

SUBPROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDOUT_CHANNEL = 1
STDERR_CHANNEL = 2
ERROR_CHANNEL = 3

LONGEST_LINE = 1024 * 1024
"""A line of more bytes than this is nothing our tools print."""


class LineSplitter:
    """Cuts a byte stream into lines, whatever the pieces it comes in. Bytes stay as they are."""

    def __init__(self, *, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines ``data`` completes, without the newline.

        Raises:
            EndpointLost: a line is longer than the limit.
        """
        *complete, rest = data.split(b"\n")
        lines: list[bytes] = []
        for piece in complete:
            self._keep(piece)
            lines.append(self._taken())
        self._keep(rest)
        return lines

    def rest(self) -> bytes | None:
        """Return a last line that no newline ended, or None when there is none."""
        return self._taken() if self._size else None

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._longest:
            raise EndpointLost(
                f"a line of more than {self._longest} bytes came back from a command",
                hint="No tool of ours prints such lines: does the image hold the right tools?",
            )
        if piece:
            self._pieces.append(piece)

    def _taken(self) -> bytes:
        line = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return line


class Tail:
    """Keeps the last ``limit`` bytes of a stream."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()

    def feed(self, data: bytes) -> None:
        """Add ``data`` and forget what is too old."""
        self._kept += data
        del self._kept[: -self._limit]

    def text(self) -> str:
        """Return what is kept; bytes that are not UTF-8 are replaced."""
        return self._kept.decode(errors="replace")


def exit_status(frame: bytes) -> int:
    """Return the exit status that a ``Status`` object on the error channel tells.

    Raises:
        EndpointLost: it tells no exit status: the command could not be started, or was lost.
    """
    try:
        status = mapping(json.loads(frame))
    except ValueError:
        status = {}
    if text(status, "status") == "Success":
        return 0
    if text(status, "status") == "Failure" and text(status, "reason") == "NonZeroExitCode":
        for cause in objects(status, "details", "causes"):
            code = text(cause, "message")
            if text(cause, "reason") == "ExitCode" and code.isascii() and code.isdigit():
                return int(code)
    said = text(status, "message") or frame.decode(errors="replace")
    raise EndpointLost(f"a command was lost: {printable(said, limit=500) or 'no reason given'}")

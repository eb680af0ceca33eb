"""A run as a recording: one JSON object a line, one line an event, and the way back.

Every line has ``event``, the kind of the event in words (``trial-finished``), and the event's own
fields; what is not known is null. The first line is ``run-started``; its ``version`` is that of
all lines. A recording is lossless: read back it gives the same events, and they the same report.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast, get_args

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.events import EVENTS_VERSION, BenchEvent, RunFinished, RunStarted
from cniadvisor.domain.text import printable
from cniadvisor.report.finite import require_finite
from cniadvisor.report.whole_file import require_file, require_writable, shown, told_as_usage

_WHAT = "recording"


def _tag(kind: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


KINDS: Mapping[str, type[BenchEvent]] = {_tag(kind): kind for kind in get_args(BenchEvent)}
"""What ``event`` may say -> the event."""


class Recorder:
    """Writes every event it is called with to a file, and holds nothing back.

    ::

        with Recorder(path) as recorder:
            ...Session(sinks=(recorder, ...))

    Make it the first sink: then also what is told about the other sinks comes after the run's
    first event. Each event is handed to the operating system as it is told, so a kill keeps it.

    Raises:
        UsageError: on entering, when the file can't be written.
        OSError: on a call, when it can't be written any more.
        ValueError: on a call, when an event holds a NaN or an infinity, which is a bug.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        require_writable(self._path, what=_WHAT)
        with told_as_usage(self._path, "write", what=_WHAT):
            self._file = self._path.open("wb", buffering=0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __call__(self, event: BenchEvent) -> None:
        """Write one event."""
        rest = memoryview(recorded_line(event))
        while rest:
            rest = rest[self._file.write(rest) :]


def require_recordable(path: Path) -> None:
    """Find out before a run whether it can be recorded there; leaves nothing behind.

    Raises:
        UsageError: it can't, and why.
    """
    require_writable(path, what=_WHAT)


def recorded_line(event: BenchEvent) -> bytes:
    """Return the line of an event, with the newline at its end.

    Raises:
        ValueError: it holds a NaN or an infinity, which is a bug.
    """
    require_finite(event, type(event).__name__)
    document = {"event": _tag(type(event)), **_plain(event)}
    text = json.dumps(document, default=_plain, ensure_ascii=False, separators=(",", ":"))
    # What no UTF-8 can hold (a surrogate in a file name of the command line) becomes a "?".
    return text.encode("utf-8", "replace") + b"\n"


def read_recording(path: Path, *, tell: Callable[[str], None]) -> Iterator[BenchEvent]:
    """Yield the events of a recording, in order, as they were told.

    A run that was killed leaves a recording that stops; the events up to there are yielded.

    Args:
        path: the file.
        tell: told in a sentence if the recording stops before the run did.

    Raises:
        UsageError: the file can't be read, is no recording or is broken; names file and line.
    """
    name = shown(path)
    last: BenchEvent | None = None
    cut_off = ""
    with told_as_usage(path, "read", what=_WHAT):
        require_file(path)
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    event = _event_of(line, name=name, number=number)
                except UsageError:
                    if last is None or line.endswith(b"\n"):
                        raise
                    cut_off = f"{name}, line {number}, is cut off in the middle and left out"
                    break
                last = event
                yield event
    if last is None:
        raise UsageError(f"{name} is empty", hint=_WHERE_FROM)
    if cut_off:
        tell(cut_off)
    if not isinstance(last, RunFinished):
        tell(f"{name} stops before the run ended")


_WHERE_FROM = "Recordings are what `cniadvisor bench --record FILE` writes."


def _event_of(line: bytes, *, name: str, number: int) -> BenchEvent:
    from cniadvisor.report.validation import Invalid, built

    place = f"{name}, line {number}"
    try:
        document: object = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError(f"{place} is not UTF-8 text", hint=_WHERE_FROM) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{place} is not JSON", hint=_WHERE_FROM) from None
    event = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    tag = event.pop("event", None)
    kind = KINDS.get(tag) if isinstance(tag, str) else None
    if number == 1:
        _check_first(kind, event.get("version"), place)
    elif kind is RunStarted:
        raise UsageError(f"{place}: a second run begins", hint="A recording holds one run.")
    if kind is None:
        told = "no event" if tag is None else f"an unknown event: {printable(str(tag), limit=80)}"
        raise UsageError(f"{place} has {told}", hint=_WHERE_FROM)
    try:
        return built(kind, event)
    except Invalid as error:
        raise UsageError(
            f"{place} is not a valid {tag} event: {error}",
            hint="Use a recording that cniadvisor wrote and nobody edited.",
        ) from None


def _check_first(kind: type[BenchEvent] | None, version: object, place: str) -> None:
    if kind is not RunStarted:
        raise UsageError(f"{place} does not begin a run: this is no recording", hint=_WHERE_FROM)
    if isinstance(version, int) and version > EVENTS_VERSION:
        raise UsageError(
            f"{place}: the recording has version {version}; this cniadvisor reads "
            f"up to {EVENTS_VERSION}",
            hint="Replay it with the newer cniadvisor that wrote it.",
        )


def _plain(value: object) -> dict[str, object]:
    """Return a dataclass or a mapping as a dict, one level deep; JSON asks for the next."""
    if isinstance(value, Mapping):
        return {str(key): inner for key, inner in cast("Mapping[object, object]", value).items()}
    assert is_dataclass(value)
    return {field.name: getattr(value, field.name) for field in fields(value)}

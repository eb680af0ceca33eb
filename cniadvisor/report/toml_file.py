"""The report as a TOML file: written whole or not at all, read back or refused in words."""

import errno
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import tomli_w

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import SCHEMA_VERSION, Report
from cniadvisor.domain.text import printable
from cniadvisor.report.finite import not_finite, require_finite
from cniadvisor.report.shape import Document, to_document

Migration = Callable[[Document], Document]
"""Turns a document of one schema version into one of the next; pure."""

MIGRATIONS: Mapping[int, Migration] = {}
"""Schema version -> how to get from it to the next one. Old reports are readable for ever."""

# A list of numbers, one a line, as tomli-w writes it. No string can look like it: in a file a
# string never spans lines.
_NUMBERS = re.compile(r"\[\n((?: +[-+]?[0-9][0-9.e+-]*,\n)+) *\]")


def dumps(report: Report) -> str:
    """Return the report as TOML text.

    Raises:
        ValueError: the report holds a NaN or an infinity, which is a bug.
    """
    require_finite(report, "report")
    text = tomli_w.dumps(to_document(report))
    return _NUMBERS.sub(lambda match: f"[{' '.join(match[1].split()).rstrip(',')}]", text)


def write(report: Report, path: Path) -> None:
    """Write the report to ``path``, whole or not at all; an older file stays until then.

    Raises:
        UsageError: the place cannot be written; what was there before is unchanged.
        ValueError: the report holds a NaN or an infinity, which is a bug.
    """
    # What no UTF-8 can hold (a surrogate in a file name of the command line) becomes a "?".
    content = dumps(report).encode("utf-8", "replace")
    with _told_as_usage(path, "write"):
        place = _writable_place(path)
        draft = _write_draft(place, content)
        try:
            draft.replace(place)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)


def require_writable(path: Path) -> None:
    """Find out before a run whether its report can be written; leaves nothing behind.

    Raises:
        UsageError: it can't, and why.
    """
    with _told_as_usage(path, "write"):
        _write_draft(_writable_place(path), b"").unlink()


def read(path: Path) -> Report:
    """Read a report of this or an older schema version.

    Raises:
        UsageError: the file can't be read or is no report; names the file and the place in it.
    """
    with _told_as_usage(path, "read"):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        content = path.read_bytes()
    return loads(content, name=_shown(path))


def loads(content: bytes, *, name: str, migrations: Mapping[int, Migration] = MIGRATIONS) -> Report:
    """Read a report from the bytes of a file called ``name``.

    Raises:
        UsageError: as :func:`read`.
    """
    from cniadvisor.report.validation import InvalidReport, report_from

    document = migrated(_parsed(content, name), name=name, migrations=migrations)
    try:
        return report_from(document)
    except InvalidReport as error:
        raise UsageError(
            f"{name} is not a valid report: {error}",
            hint="Use a report file that cniadvisor wrote and nobody edited.",
        ) from None


def migrated(
    document: Document,
    *,
    name: str,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    current: int = SCHEMA_VERSION,
) -> Document:
    """Bring a document of an older schema version to the ``current`` one, step by step.

    Raises:
        UsageError: it has no version, or one of the future.
    """
    version = document.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UsageError(
            f"{name} is not a report of cniadvisor: it has no schema_version",
            hint="Reports are what `cniadvisor bench --out FILE` writes.",
        )
    if version > current:
        raise UsageError(
            f"{name} has schema version {version}; this cniadvisor reads up to {current}",
            hint="Read it with the newer cniadvisor that wrote it.",
        )
    for step in range(version, current):
        document = migrations[step](document) | {"schema_version": step + 1}
    return document


def _parsed(content: bytes, name: str) -> Document:
    try:
        document = cast("Document", tomllib.loads(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not TOML: {printable(str(error), limit=200)}") from None
    except RecursionError:
        raise UsageError(f"{name} is not a report: it is nested too deeply") from None
    places = list(not_finite(document))
    if places:
        raise UsageError(
            f"{name} holds what is not a finite number: {printable(places[0], limit=200)}",
            hint="A missing value is an absent key in a report.",
        )
    return document


def _writable_place(path: Path) -> Path:
    """Return where to put the file: through links, and only over a regular file."""
    place = Path(os.path.realpath(path))
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if place.exists() and not place.is_file():
        raise UsageError(
            f"cannot write the report to {_shown(path)}: it is not a regular file",
            hint="Name a file; `cniadvisor show FILE` prints it.",
        )
    return place


def _write_draft(place: Path, content: bytes) -> Path:
    """Write and sync a new hidden file beside ``place``; on failure nothing is left."""
    draft = place.with_name(f".{place.name[:200]}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, where the file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_WHAT_TO_DO: Mapping[int, str] = {
    errno.EACCES: "Choose a place you have the right to use.",
    errno.EPERM: "Choose a place you have the right to use.",
    errno.EROFS: "The file system is read-only; choose another place.",
    errno.ENOSPC: "The disk is full; free space or choose another place.",
    errno.EDQUOT: "Your disk quota is used up; free space or choose another place.",
    errno.EISDIR: "Name a file in it.",
    errno.ENOENT: "Check the spelling; folders are not created.",
    errno.ENOTDIR: "A part of the path is a file, not a folder.",
}


@contextmanager
def _told_as_usage(path: Path, doing: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(
            f"cannot {doing} the report {_shown(path)}: {reason}",
            hint=_WHAT_TO_DO.get(error.errno or 0, ""),
        ) from None


def _shown(path: Path) -> str:
    return printable(os.fsencode(path).decode("utf-8", "replace"), limit=300)

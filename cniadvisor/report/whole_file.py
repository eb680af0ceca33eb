"""Files of ours: written whole or not at all, and refused in words where they can't be used."""

import errno
import os
import secrets
import stat
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable


def write_whole(path: Path, content: bytes, *, what: str) -> None:
    """Write ``content`` to ``path``, whole or not at all; an older file stays until then.

    Args:
        path: where to.
        content: all of it.
        what: what it is called in a message: "report", "recording".

    Raises:
        UsageError: the place cannot be written; what was there before is unchanged.
    """
    with told_as_usage(path, "write", what=what):
        place = _writable_place(path, what)
        draft = _write_draft(place, content)
        try:
            draft.replace(place)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)


def require_writable(path: Path, *, what: str) -> None:
    """Find out before the work begins whether a file can be written; leaves nothing behind.

    Raises:
        UsageError: it can't, and why.
    """
    with told_as_usage(path, "write", what=what):
        _write_draft(_writable_place(path, what), b"").unlink()


def read_whole(path: Path, *, what: str) -> bytes:
    """Return what a file holds.

    Raises:
        UsageError: it can't be read, and why.
    """
    with told_as_usage(path, "read", what=what):
        require_file(path)
        return path.read_bytes()


def is_same_file(one: Path, other: Path) -> bool:
    """Whether writing one would replace the other; not if one is not there or can't be looked at.

    What is wrong with it then, reading or writing it tells.
    """
    try:
        return one.samefile(other)
    except OSError:
        return False


def require_file(path: Path) -> None:
    """Refuse a folder.

    Raises:
        IsADirectoryError: it is one. Opening it may tell so less clearly.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def require_regular(path: Path) -> os.stat_result:
    """Refuse all but a file that can be read at once: a pipe would wait for somebody to write.

    Returns:
        what the system tells of the file.

    Raises:
        OSError: it is not there, or a folder.
        UsageError: it is something else.
    """
    require_file(path)
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{shown(path)} is not a regular file")
    return status


def shown(path: Path) -> str:
    """Return a path as it goes into a message."""
    return printable(os.fsencode(path).decode("utf-8", "replace"), limit=300)


_TO_WRITE: Mapping[int, str] = {
    errno.EACCES: "Choose a place you have the right to use.",
    errno.EPERM: "Choose a place you have the right to use.",
    errno.EROFS: "The file system is read-only; choose another place.",
    errno.ENOSPC: "The disk is full; free space or choose another place.",
    errno.EDQUOT: "Your disk quota is used up; free space or choose another place.",
    errno.EISDIR: "Name a file in it.",
    errno.ENOENT: "Check the spelling; folders are not created.",
    errno.ENOTDIR: "A part of the path is a file, not a folder.",
}
_TO_READ: Mapping[int, str] = {
    errno.EACCES: "Get the right to read it, or name a copy.",
    errno.EISDIR: _TO_WRITE[errno.EISDIR],
    errno.ENOENT: "Check the spelling.",
    errno.ENOTDIR: _TO_WRITE[errno.ENOTDIR],
}


@contextmanager
def told_as_usage(path: Path, doing: str, *, what: str) -> Generator[None]:
    """Turn what the operating system refuses into words: ``cannot read the report x: ...``."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(
            f"cannot {doing} the {what} {shown(path)}: {reason}",
            hint=(_TO_WRITE if doing == "write" else _TO_READ).get(error.errno or 0, ""),
        ) from None


def _writable_place(path: Path, what: str) -> Path:
    """Return where to put the file: through links, and only over a regular file."""
    place = Path(os.path.realpath(path))
    require_file(place)
    if place.exists() and not place.is_file():
        raise UsageError(
            f"cannot write the {what} to {shown(path)}: it is not a regular file",
            hint="Name a regular file, or one that is not there yet.",
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

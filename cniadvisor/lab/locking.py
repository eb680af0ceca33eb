"""Locks on files: between processes, and gone with the process that has them."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from enum import IntEnum
from pathlib import Path

__all__ = ["Sharing", "lock", "only_one"]

_LOOK_AGAIN_S = 0.2


class Sharing(IntEnum):
    """Who may have a lock at the same time."""

    WITH_OTHERS = fcntl.LOCK_SH
    ALONE = fcntl.LOCK_EX


def lock(path: Path, sharing: Sharing) -> int:
    """Lock a file for as long as the descriptor that is returned is open.

    Raises:
        BlockingIOError: somebody else has it.
        OSError: the file can't be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if not _locked(descriptor, sharing):
        os.close(descriptor)
        raise BlockingIOError
    return descriptor


@asynccontextmanager
async def only_one(path: Path, *, waiting: Callable[[], None]) -> AsyncGenerator[None]:
    """Be the only process in such a context; ``waiting`` is called once if it has to wait.

    Raises:
        OSError: the file can't be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        told = False
        while not _locked(descriptor, Sharing.ALONE):
            if not told:
                waiting()
                told = True
            await asyncio.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int, sharing: Sharing) -> bool:
    try:
        fcntl.flock(descriptor, sharing | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

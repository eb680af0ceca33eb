"""A lock between processes, which a kill releases."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path) -> Generator[None]:
    """Hold the lock file; wait for whoever holds it. The file is gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _still_names(path, descriptor):
            break
        os.close(descriptor)  # its last holder removed it while we waited
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _still_names(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False

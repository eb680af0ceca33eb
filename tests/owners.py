"""Whose a process is: who counts what is left must not count what others are still using."""

import os
from collections.abc import Callable
from pathlib import Path

_NOBODY = ("0", "1")


def is_anothers(process: Path, within: Callable[[Path], bool]) -> bool:
    """Whether what this process (a folder of /proc) belongs to is of a program that is not us.

    It belongs to its nearest ancestor that is not ``within``. What has none but init may be what
    we left behind, and counts as ours. Raises OSError when a process of the line has ended.
    """
    owner = _parent(process)
    while within(owner):
        owner = _parent(owner)
    if owner.name in _NOBODY:
        return False
    while owner.name not in (*_NOBODY, str(os.getpid())):
        owner = _parent(owner)
    return owner.name in _NOBODY


def _parent(process: Path) -> Path:
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    (number,) = (line.split()[1] for line in lines if line.startswith("PPid"))
    return process.with_name(number)

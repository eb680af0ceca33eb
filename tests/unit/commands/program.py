"""What a test sees of a command that was run in this process."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class Ran(NamedTuple):
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str


Program: TypeAlias = Callable[..., Ran]
"""Runs ``cniadvisor`` with the words it is given."""

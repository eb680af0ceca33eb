"""What the two sides of the ground tell each other: JSON, one message a packet.

Standard library only: :mod:`cniadvisor.lab.holder` runs with nothing else. Both sides are this
program, over a socket that nobody else has, so nothing here is checked for being wellformed.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

MOST_BYTES = 1 << 17
"""No message is longer; what would be is refused by :func:`encode`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The holder has namespaces of its own. ``as_root``: without a user namespace."""

    as_root: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The kernel refused what the ground is made of; ``what`` was tried."""

    what: str
    errno: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lay:
    """Make network namespaces of these names, in one group that sees no other.

    ``root``: the tools' file system, that programs there see as theirs.
    """

    id: int
    group: str
    places: Sequence[str]
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Run a program in a place; its stdin, stdout and stderr come with the message.

    ``unprivileged``: as the servers' user, without any capability.
    """

    id: int
    group: str
    place: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    unprivileged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Kill what runs in a group and forget its places; then the kernel removes them."""

    id: int
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was asked under this id is done; of :class:`Start`: the program runs."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """What was asked under this id could not be done, in the kernel's words."""

    id: int
    reason: str
    errno: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The program started under this id ended; 128 + n when signal n ended it."""

    id: int
    status: int


Message: TypeAlias = Ready | Refused | Lay | Start | Clear | Done | Failed | Ended

_KINDS: Mapping[str, type[Message]] = {
    kind.__name__: kind for kind in (Ready, Refused, Lay, Start, Clear, Done, Failed, Ended)
}


def encode(message: Message) -> bytes:
    """Return a message as it goes over the socket.

    Raises:
        ValueError: it is too long.
    """
    data = json.dumps([type(message).__name__, dataclasses.asdict(message)]).encode()
    if len(data) > MOST_BYTES:
        raise ValueError(f"a message of {len(data)} bytes is too long")
    return data


def decode(data: bytes) -> Message:
    """Read a message that :func:`encode` made."""
    kind, fields = json.loads(data)
    return _KINDS[kind](**fields)

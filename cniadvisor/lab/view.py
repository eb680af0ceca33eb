"""What the programs of a place see as their files: the tools, and memory for what they write.

Standard library only: :mod:`cniadvisor.lab.holder` runs with nothing else.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from cniadvisor.lab.syscalls import (
    MS_BIND,
    MS_MOVE,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    MS_REMOUNT,
    mount,
)

SERVER_ID = 10001
"""User and group of servers and clients; the tools' /etc/passwd names them."""

MOUNT_POINTS = (
    "dev",
    "proc",
    "sys",
    "run",
    "tmp",
    "scratch",
    "data",
    "credentials",
)
"""Folders the tools' root file system must have; something is mounted over each."""

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
_QUIET = MS_NOSUID | MS_NODEV


def enter_view(root: str, networks: Mapping[str, int], *, owner: int) -> None:
    """Make ``root`` what this process, in mount and network namespaces of its own, sees.

    Args:
        root: the tools' root file system; it stays as it is.
        networks: descriptors of network namespaces, to be found under these names by ``ip``.
        owner: user and group that may write to /scratch and /data.

    Raises:
        OSError: the kernel refused a mount; the reason names it.
    """
    mount(root, root, None, MS_BIND)
    # In a user namespace what the mount forbids already can't be allowed again.
    mount(root, root, None, MS_REMOUNT | MS_BIND | MS_RDONLY | _QUIET | _forbidden_at(root))
    _in_memory(f"{root}/run", "mode=0755,size=16m")
    _in_memory(f"{root}/tmp", "mode=1777,size=16m")  # noqa: S108 - a mount of its own
    # As large as in the pods.
    _in_memory(f"{root}/scratch", f"mode=0755,size=64m,uid={owner},gid={owner}")
    _in_memory(f"{root}/data", f"mode=0755,size=16m,uid={owner},gid={owner}")
    _in_memory(f"{root}/credentials", f"mode=0700,size=1m,uid={owner},gid={owner}")
    _devices(f"{root}/dev")
    mount("proc", f"{root}/proc", "proc", _QUIET | MS_NOEXEC)
    # It shows the interfaces of the network namespace it is mounted from.
    mount("sysfs", f"{root}/sys", "sysfs", _QUIET | MS_NOEXEC | MS_RDONLY)
    _names(Path(root, "run/netns"), networks)
    os.chdir(root)
    mount(root, "/", None, MS_MOVE)
    os.chroot(".")
    os.chdir("/")


def _in_memory(target: str, options: str) -> None:
    mount("tmpfs", target, "tmpfs", _QUIET, options)


def _devices(folder: str) -> None:
    mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=1m")
    for name in _DEVICES:
        _bind(f"/dev/{name}", Path(folder, name))
    for name, target in _LINKS.items():
        Path(folder, name).symlink_to(target)
    shared = Path(folder, "shm")
    shared.mkdir()
    _in_memory(str(shared), "mode=1777,size=64m")


def _names(folder: Path, networks: Mapping[str, int]) -> None:
    folder.mkdir()
    for name, descriptor in networks.items():
        _bind(f"/proc/self/fd/{descriptor}", folder / name)


def _bind(source: str, target: Path) -> None:
    target.touch()
    mount(source, str(target), None, MS_BIND)


def _forbidden_at(path: str) -> int:
    """The flags of the mount that ``path`` lies on; statvfs has the same numbers."""
    kept: Iterable[int] = (os.ST_NOSUID, os.ST_NODEV, os.ST_NOEXEC)
    flags = os.statvfs(path).f_flag
    return sum(flag for flag in kept if flags & flag)

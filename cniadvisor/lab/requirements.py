"""Why a lab can't run here, in words, with what to do about it.

Nothing is guessed beforehand: the kernel is asked by trying, and what it answers is explained.
"""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable

__all__ = ["require_linux", "why_no_ground", "why_no_step"]

REPLAY_HINT = "without a lab, `cniadvisor replay` tells a recorded run"

Setting = Callable[[str], str]
"""Returns what a file under /proc/sys holds, empty where there is none."""

_NO_SUCH_DEVICE_KIND = ("not supported", "unknown device type", "not found", "no chain/target")


def require_linux(platform: str = sys.platform) -> None:
    """Refuse other systems.

    Raises:
        UsageError: network namespaces are Linux's.
    """
    if platform != "linux":
        raise UsageError(
            "the lab is made of Linux network namespaces, and this is not Linux",
            hint=f"run it in a Linux machine or virtual machine; {REPLAY_HINT}",
        )


def _setting(path: str) -> str:
    try:
        return Path("/proc/sys", path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def why_no_ground(
    what: str, number: int, *, setting: Setting = _setting, user: int | None = None
) -> UsageError:
    """Return the error for namespaces the kernel refused.

    Args:
        what: what was tried and the kernel's reason.
        number: the reason as an errno.
        setting: reads the kernel's settings.
        user: who tried; without it, this process's.
    """
    as_root = (os.geteuid() if user is None else user) == 0
    reason, todo = _refusal(number, setting, as_root=as_root)
    return UsageError(
        f"this machine allows no lab: {reason} ({printable(what, limit=200)})",
        hint=f"{todo}; {REPLAY_HINT}",
    )


def _refusal(number: int, setting: Setting, *, as_root: bool) -> tuple[str, str]:
    """Return why namespaces were refused, and what to do."""
    root = "run it as root"
    if setting("user/max_net_namespaces") == "0":
        return (
            "the setting user.max_net_namespaces allows no network namespaces",
            "raise it: sysctl -w user.max_net_namespaces=1000",
        )
    if as_root:
        return (
            "root has no right to make namespaces, as in most containers",
            "run it outside the container, or give the container CAP_SYS_ADMIN and CAP_NET_ADMIN "
            "(docker run --privileged)",
        )
    if setting("user/max_user_namespaces") == "0":
        return (
            "the setting user.max_user_namespaces allows ordinary users none",
            f"{root}, or raise it: sysctl -w user.max_user_namespaces=1000",
        )
    if setting("kernel/unprivileged_userns_clone") == "0":
        return (
            "the setting kernel.unprivileged_userns_clone keeps ordinary users from it",
            f"{root}, or allow it: sysctl -w kernel.unprivileged_userns_clone=1",
        )
    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor keeps ordinary users from it, as Ubuntu has it since 23.10 "
            "(kernel.apparmor_restrict_unprivileged_userns)",
            f"{root}, or allow it until the next boot: "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        )
    if number in (errno.ENOSPC, errno.EUSERS):
        return (
            "there are as many namespaces as the settings allow",
            f"{root}, or raise user.max_user_namespaces and user.max_net_namespaces",
        )
    if number == errno.EINVAL:
        return ("the kernel was built without user namespaces", root)
    return (
        "ordinary users may not make namespaces, as in most containers",
        f"{root}, outside a container",
    )


def why_no_step(command: str, said: str) -> str:
    """Return in words why a step of a wiring failed, from what its program said."""
    shown = printable(said, limit=300) or "it said nothing"
    if any(words in said.lower() for words in _NO_SUCH_DEVICE_KIND):
        return f"the kernel lacks what `{printable(command, limit=120)}` needs: {shown}"
    return f"`{printable(command, limit=120)}` failed: {shown}"

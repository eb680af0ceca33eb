"""Why there is no lab here, in words that say what to do."""

import errno
from collections.abc import Mapping

import pytest

from cniadvisor.domain.errors import UsageError
from cniadvisor.lab.requirements import require_linux, why_no_ground, why_no_step


@pytest.mark.parametrize("platform", ["darwin", "win32", "freebsd14"])
def test_other_systems_have_no_network_namespaces(platform: str) -> None:
    with pytest.raises(UsageError, match="not Linux") as refused:
        require_linux(platform)
    assert "replay" in refused.value.hint


def test_linux_is_let_through() -> None:
    require_linux("linux")


@pytest.mark.parametrize(
    ("settings", "number", "user", "reason", "todo"),
    [
        (
            {"user/max_user_namespaces": "0"},
            errno.ENOSPC,
            1000,
            "user.max_user_namespaces",
            "sysctl -w user.max_user_namespaces=1000",
        ),
        (
            {"kernel/unprivileged_userns_clone": "0"},
            errno.EPERM,
            1000,
            "kernel.unprivileged_userns_clone",
            "run it as root",
        ),
        (
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            errno.EACCES,
            1000,
            "AppArmor keeps ordinary users from it, as Ubuntu",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ({}, errno.EPERM, 1000, "ordinary users may not", "run it as root"),
        ({}, errno.EINVAL, 1000, "built without user namespaces", "run it as root"),
        ({"user/max_user_namespaces": "9"}, errno.ENOSPC, 1000, "as many namespaces", "raise"),
        ({"user/max_net_namespaces": "0"}, errno.ENOSPC, 0, "user.max_net_namespaces", "raise it"),
        ({"user/max_user_namespaces": "0"}, errno.EPERM, 0, "in most containers", "--privileged"),
    ],
)
def test_what_keeps_namespaces_away_is_named(
    settings: Mapping[str, str], number: int, user: int, reason: str, todo: str
) -> None:
    error = why_no_ground(
        "unshare: refused", number, setting=lambda path: settings.get(path, ""), user=user
    )
    assert reason in error.message
    assert "unshare: refused" in error.message
    assert todo in error.hint
    assert "cniadvisor replay" in error.hint


def test_a_kernel_that_lacks_a_device_is_named() -> None:
    why = why_no_step("ip link add x type vxlan", "RTNETLINK answers: Operation not supported")
    assert why.startswith("the kernel lacks what `ip link add x type vxlan` needs: ")


def test_another_fault_is_told_in_the_programs_words() -> None:
    why = why_no_step("ip link set x up", 'Cannot find device "x"\n')
    assert why == '`ip link set x up` failed: Cannot find device "x"'

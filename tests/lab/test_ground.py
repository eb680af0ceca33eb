"""The private ground: places, programs in them, and what they see."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.lab.ground import Ground, open_ground
from cniadvisor.lab.rootfs import Tools

PLACES = ("node1", "node2")


async def laid(ground: Ground, tools: Tools, group: str = "g") -> None:
    await ground.lay(group, PLACES, tools.root)


async def printed(ground: Ground, script: str, *, unprivileged: bool = False) -> str:
    done = await ground.run("g", "node1", ("sh", "-c", script), unprivileged=unprivileged)
    assert done.status == 0, done.stderr
    return done.stdout.strip()


def machines_rp_filter() -> str:
    return Path("/proc/sys/net/ipv4/conf/lo/rp_filter").read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137), ("kill $$", 143)]
)
async def test_the_exit_status_is_true(
    ground: Ground, tools: Tools, script: str, status: int
) -> None:
    await laid(ground, tools)
    done = await ground.run("g", "node1", ("sh", "-c", f"echo out; echo err >&2; {script}"))
    assert (done.status, done.stdout, done.stderr) == (status, "out\n", "err\n")


async def test_a_program_that_is_not_there_is_named(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    with pytest.raises(EndpointLost, match=r"`no-such-tool` can't be started: .*No such file"):
        await ground.run("g", "node1", ("no-such-tool",))
    assert await printed(ground, "echo still there") == "still there"


async def test_much_output_and_input_come_whole(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    text = "".join(f"{number}\n" for number in range(50_000))
    done = await ground.run("g", "node1", ("cat",), stdin=text)
    assert done.stdout == text
    noisy = await ground.run("g", "node1", ("sh", "-c", "seq 100000 >&2; echo done"))
    assert noisy.stdout == "done\n"
    assert noisy.stderr.endswith("\n100000\n")


async def test_servers_have_no_right(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    status = await printed(ground, "cat /proc/self/status", unprivileged=True)
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert told["Uid"].split() == ["10001"] * 4
    assert told["Gid"].split() == ["10001"] * 4
    assert int(told["CapEff"], 16) == int(told["CapPrm"], 16) == int(told["CapInh"], 16) == 0
    assert told["NoNewPrivs"] == "1"
    assert await printed(ground, "id -un; pwd; umask", unprivileged=True) == "bench\n/scratch\n0022"


async def test_the_machines_files_are_not_seen_and_the_tools_not_written(
    ground: Ground, tools: Tools
) -> None:
    await laid(ground, tools)
    top = (await printed(ground, "ls /")).split()
    assert "work" not in top
    assert set(top) <= {path.name for path in tools.root.iterdir()}
    for place in ("/", "/etc", "/usr/bin", "/root"):
        done = await ground.run("g", "node1", ("touch", f"{place}/x"))
        assert done.status != 0
        assert "Read-only file system" in done.stderr or "No such file" in done.stderr
    await printed(ground, "touch /scratch/x /data/x /credentials/x", unprivileged=True)
    assert not (tools.root / "scratch/x").exists()


async def test_a_place_sees_its_own_network_alone(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    assert await printed(ground, "ls /sys/class/net") == "lo"
    assert set((await printed(ground, "ls /run/netns")).split()) == set(PLACES)
    await printed(ground, "ip link add left type veth peer name right netns node2")
    assert set((await printed(ground, "ls /sys/class/net")).split()) == {"lo", "left"}
    there = await ground.run("g", "node2", ("ls", "/sys/class/net"))
    assert set(there.stdout.split()) == {"lo", "right"}
    assert not (Path("/sys/class/net") / "left").exists()


async def test_settings_stay_in_their_namespace(ground: Ground, tools: Tools) -> None:
    before = machines_rp_filter()
    await laid(ground, tools)
    await printed(ground, "echo 2 >/proc/sys/net/ipv4/conf/lo/rp_filter")
    assert await printed(ground, "cat /proc/sys/net/ipv4/conf/lo/rp_filter") == "2"
    assert machines_rp_filter() == before


async def test_memory_is_a_places_own(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    await printed(ground, "echo mine >/scratch/x", unprivileged=True)
    other = await ground.run("g", "node2", ("ls", "/scratch"))
    assert other.stdout == ""


async def test_the_ground_takes_no_network_from_the_machine(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    done = await ground.run("g", "node1", ("curl", "-sS", "--max-time", "5", "http://192.0.2.1/"))
    assert done.status != 0


async def test_a_cleared_group_is_gone_with_all_that_ran(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    await ground.lay("other", PLACES, tools.root)
    # A grandchild in a session of its own, that ignores TERM, as a daemon would.
    script = "setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo started; wait"
    stubborn = await ground.start("g", "node1", ("sh", "-c", script), unprivileged=True)
    staying = await ground.start("other", "node1", ("sleep", "60"), unprivileged=True)
    assert await stubborn.stdout.readline() == b"started\n"
    await ground.clear("g")
    assert await stubborn.wait() == 137
    with pytest.raises(EndpointLost, match="no place node1 in g"):
        await ground.run("g", "node1", ("true",))
    assert staying.status is None
    left = await ground.run(
        "other", "node1", ("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    )
    assert "trap" not in left.stdout
    assert "sleep 60" in left.stdout


async def test_a_group_can_be_laid_again(ground: Ground, tools: Tools) -> None:
    for _ in range(3):
        await laid(ground, tools)
        await printed(ground, "ip link add left type veth peer name right netns node2")
        await ground.clear("g")


async def test_two_grounds_do_not_see_each_other(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    async with open_ground() as second:
        await laid(second, tools)
        await second.run("g", "node1", ("ip", "link", "add", "left", "type", "bridge"))
        await printed(ground, "ip link add left type veth peer name right netns node2")
        sleeping = await second.start("g", "node1", ("sleep", "60"), unprivileged=True)
        seen = await printed(ground, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
        assert "sleep 60" not in seen
        assert sleeping.status is None
    assert await printed(ground, "echo still there") == "still there"


async def test_a_killed_holder_is_told(ground: Ground, tools: Tools) -> None:
    await laid(ground, tools)
    program = await ground.start("g", "node1", ("sleep", "60"), unprivileged=True)
    os.kill(ground.holder_pid, signal.SIGKILL)
    with pytest.raises(EndpointLost, match="the process that held the lab's namespaces ended"):
        async with asyncio.timeout(5):
            await program.wait()
    assert ground.gone
    with pytest.raises(EndpointLost, match="namespaces are gone"):
        await ground.run("g", "node1", ("true",))

"""The tools fetched for real: whole, and in words where they can't be had."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from cniadvisor.domain.errors import UsageError
from cniadvisor.lab import rootfs
from cniadvisor.lab.rootfs import prepared_tools
from cniadvisor.lab.unpacking import ArchiveAway

ROOT = Path(__file__).parents[2]

PREPARE = """\
import asyncio
from cniadvisor.lab.rootfs import prepared_tools

async def main():
    async with prepared_tools(lambda text: print(text, flush=True)):
        pass

asyncio.run(main())
"""


@pytest.fixture
def cold_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cniadvisor/lab-tools"


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    # As if something else filled the disk meanwhile.
    monkeypatch.setattr(rootfs, "_NEEDED_BYTES", 1)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path / "cniadvisor/lab-tools"
    subprocess.run(["umount", str(tmp_path)], check=True)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.timeout(200)
async def test_cold_tools_come_within_the_time_promised(cold_cache: Path) -> None:
    said: list[str] = []
    began = time.monotonic()
    async with prepared_tools(said.append) as tools:
        assert time.monotonic() - began < 90
        for name in ("iperf3", "nginx", "vsftpd", "sshd", "sockperf", "wrk", "iptables", "ipset"):
            assert any((tools.root / f"usr/{folder}" / name).exists() for folder in ("bin", "sbin"))
    assert len(names_in(cold_cache)) == 2, "the tools and the lock"
    assert said[1] == "asking Debian's archive which packages there are"
    assert any(line.startswith("unpacking 1") for line in said)


@pytest.mark.timeout(200)
async def test_a_disk_that_gets_full_is_told_in_words(small_disk: Path) -> None:
    with pytest.raises(UsageError, match="the disk is full") as refused:
        async with prepared_tools(lambda _text: None):
            pass
    assert "XDG_CACHE_HOME" in refused.value.hint
    assert names_in(small_disk) == [".lock"]


async def test_an_archive_out_of_reach_is_told_in_words(
    cold_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(ArchiveAway, match="can't be reached") as refused:
        async with prepared_tools(lambda _text: None):
            pass
    assert "cniadvisor replay" in refused.value.hint
    assert names_in(cold_cache) == [".lock"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_whoever_fetches_takes_apt_along(cold_cache: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        while "asking Debian's archive" not in process.stdout.readline():
            pass
        while not (running := programs_with(str(cold_cache))):
            time.sleep(0.02)
        process.send_signal(number)
        process.wait(timeout=20)
    for _ in range(100):
        if not programs_with(str(cold_cache)):
            break
        time.sleep(0.05)
    assert programs_with(str(cold_cache)) == [], running
    unfinished = [name for name in names_in(cold_cache) if name.startswith(".unfinished")]
    assert len(unfinished) == (1 if number is signal.SIGKILL else 0)


def programs_with(folder: str) -> list[str]:
    """The programs whose environment names the folder as apt's."""
    found: list[str] = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and int(path.name) != os.getpid():
            with suppress(OSError):
                environment = (path / "environ").read_bytes().decode(errors="replace")
                if f"APT_CONFIG={folder}" in environment:
                    found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found

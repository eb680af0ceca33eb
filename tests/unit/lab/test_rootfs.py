"""The tools in the cache: made once, whole or not at all, shared, and made anew when damaged."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from cniadvisor.domain.errors import BenchmarkError, UsageError
from cniadvisor.lab import rootfs
from cniadvisor.lab.rootfs import prepared_tools
from cniadvisor.lab.unpacking import ArchiveAway, Progress
from cniadvisor.lab.view import MOUNT_POINTS


class Archive:
    """Stands in for Debian's archive: what was unpacked, and how it fails."""

    def __init__(self) -> None:
        self.unpacked = 0
        self.failure: BaseException | None = None

    async def fetch_and_unpack(
        self, packages: Sequence[str], root: Path, scratch: Path, progress: Progress
    ) -> tuple[str, ...]:
        assert "iperf3" in packages
        assert "iptables" in packages
        for name in ("etc", "usr/bin", "usr/sbin"):
            (root / name).mkdir(parents=True)
        (root / "usr/bin/mawk").write_text("awk")
        (scratch / "iperf3_3.18_amd64.deb").write_text("package")
        await asyncio.sleep(0.01)
        if self.failure is not None:
            raise self.failure
        self.unpacked += 1
        return ("iperf3_3.18_amd64.deb",)


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Archive:
    made = Archive()
    monkeypatch.setattr(rootfs, "fetch_and_unpack", made.fetch_and_unpack)
    monkeypatch.setattr(rootfs, "require_programs", lambda: None)
    monkeypatch.setattr(rootfs, "_NEEDED_BYTES", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return made


def entries(tmp_path: Path) -> list[str]:
    place = tmp_path / "cniadvisor/lab-tools"
    return sorted(path.name for path in place.iterdir() if path.name != ".lock")


async def test_tools_are_made_once(archive: Archive, tmp_path: Path) -> None:
    said: list[str] = []
    async with prepared_tools(said.append) as first:
        assert (first.root / "usr/local/bin/cniadvisor-serve").stat().st_mode & 0o777 == 0o755
        assert (first.root / "usr/local/share/cniadvisor/nginx.conf").is_file()
        assert (first.root / "usr/bin/awk").readlink() == Path("mawk")
        assert all((first.root / name).is_dir() for name in MOUNT_POINTS)
        assert "bench:x:10001:" in (first.root / "etc/passwd").read_text()
    async with prepared_tools(said.append) as second:
        assert second == first
    assert archive.unpacked == 1
    assert len(entries(tmp_path)) == 1
    assert str(first) == f"tools of Debian trixie, {first.content_id}"
    assert said == ["making the lab's tools, once a month: about a minute"]


async def test_two_at_once_make_them_once(archive: Archive) -> None:
    said: list[str] = []

    async def use() -> str:
        async with prepared_tools(said.append) as tools:
            return tools.content_id

    assert len(set(await asyncio.gather(use(), use()))) == 1
    assert archive.unpacked == 1
    assert "waiting for another cniadvisor, which makes the lab's tools" in said


@pytest.mark.parametrize("damage", ["missing", "shorter", "no list"])
async def test_damaged_tools_are_made_anew(archive: Archive, damage: str) -> None:
    async with prepared_tools(lambda _: None) as tools:
        script = tools.root / "usr/local/bin/cniadvisor-run"
    if damage == "missing":
        script.unlink()
    elif damage == "shorter":
        os.truncate(script, 10)
    else:
        (tools.root.parent / "content").unlink()
    said: list[str] = []
    async with prepared_tools(said.append):
        assert script.stat().st_size > 10
    assert archive.unpacked == 2
    assert said[0] == "the lab's tools in the cache are damaged: making them anew"


@pytest.mark.parametrize("failure", [BenchmarkError("apt failed"), asyncio.CancelledError()])
async def test_nothing_half_made_stays(
    archive: Archive, tmp_path: Path, failure: BaseException
) -> None:
    archive.failure = failure
    with pytest.raises(type(failure)):
        async with prepared_tools(lambda _: None):
            pass
    assert entries(tmp_path) == []


async def test_what_a_killed_one_left_is_removed(archive: Archive, tmp_path: Path) -> None:
    left = tmp_path / "cniadvisor/lab-tools/.unfinished-0a1b2c3d/root/usr"
    left.mkdir(parents=True)
    left.chmod(0o555)
    async with prepared_tools(lambda _: None):
        assert archive.unpacked == 1
    assert len(entries(tmp_path)) == 1


async def renamed_to_last_month(tmp_path: Path) -> Path:
    async with prepared_tools(lambda _: None) as tools:
        entry = tools.root.parent
    older = entry.with_name(f"2020-01-{entry.name[8:]}")
    entry.rename(older)
    assert entries(tmp_path) == [older.name]
    return older


async def test_without_a_network_older_tools_do(archive: Archive, tmp_path: Path) -> None:
    older = await renamed_to_last_month(tmp_path)
    archive.failure = ArchiveAway("no network")
    said: list[str] = []
    async with prepared_tools(said.append) as tools:
        assert tools.root == older / "root"
    assert said[-1] == "Debian's archive can't be reached: using the tools of 2020-01"
    assert entries(tmp_path) == [older.name]


async def test_without_a_network_and_without_tools_it_says_so(archive: Archive) -> None:
    archive.failure = ArchiveAway("no network")
    with pytest.raises(ArchiveAway, match="no network"):
        async with prepared_tools(lambda _: None):
            pass


async def test_a_new_month_removes_the_old_tools(archive: Archive, tmp_path: Path) -> None:
    older = await renamed_to_last_month(tmp_path)
    async with prepared_tools(lambda _: None):
        assert archive.unpacked == 2
    assert older.name not in entries(tmp_path)


async def test_tools_in_use_are_not_removed(archive: Archive, tmp_path: Path) -> None:
    older = await renamed_to_last_month(tmp_path)
    archive.failure = ArchiveAway("no network")
    async with prepared_tools(lambda _: None):
        archive.failure = None
        async with prepared_tools(lambda _: None):
            assert older.name in entries(tmp_path)


async def test_a_place_that_is_a_file_is_refused_in_words(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "cniadvisor").write_text("not a folder")
    with pytest.raises(UsageError, match="the lab's tools can't be kept in") as refused:
        async with prepared_tools(lambda _: None):
            pass
    assert "XDG_CACHE_HOME" in refused.value.hint
    assert archive.unpacked == 0

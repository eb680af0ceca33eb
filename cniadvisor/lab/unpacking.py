"""Debian packages as a root file system: fetched by apt, unpacked by dpkg-deb, no script run."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cniadvisor.domain.errors import BenchmarkError, CniAdvisorError, UsageError
from cniadvisor.domain.text import printable
from cniadvisor.lab.archive import (
    KEYRING,
    Trouble,
    apt_configuration,
    mirror_in,
    size_in,
    source_line,
    trouble_in,
)
from cniadvisor.lab.requirements import REPLAY_HINT
from cniadvisor.lab.syscalls import die_with_parent

__all__ = ["ArchiveAway", "fetch_and_unpack", "require_programs"]

Progress = Callable[[str], None]

_APT = Path("/etc/apt")
_PROGRAMS = ("apt-get", "apt-config", "dpkg-deb")
_TELL_EVERY_S = 5.0
_LOOK_EVERY_S = 1.0
_LONGEST_S = 900.0

_FULL_BYTES = 4_000_000
"""With less room than this apt gets no further, and does not always say so."""

_LEFT_OUT = ("doc", "man", "info", "locale", "lintian", "bash-completion")
"""Folders of /usr/share that no tool reads: half of the files."""


class ArchiveAway(BenchmarkError):  # noqa: N818 - says what happened
    """Debian's archive can't be reached."""


def require_programs() -> None:
    """Refuse a machine that has no apt.

    Raises:
        UsageError: a program is missing, or the keys of Debian's archive; says what to install.
    """
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        raise UsageError(
            f"the lab's tools are Debian packages, and {', '.join(missing)} is missing here",
            hint="install apt and dpkg with this machine's package manager (Fedora, Arch and "
            f"openSUSE have them); {REPLAY_HINT}",
        )
    if not KEYRING.exists():
        raise UsageError(
            f"the keys of Debian's archive are missing ({KEYRING}): nothing unsigned is run here",
            hint="install debian-archive-keyring (Fedora: debian-keyring)",
        )


async def fetch_and_unpack(
    packages: Sequence[str], root: Path, scratch: Path, progress: Progress
) -> tuple[str, ...]:
    """Unpack packages, all they depend on and Debian's essential ones into ``root``.

    Args:
        packages: names in Debian's archive.
        root: an empty folder.
        scratch: another; holds apt's folders and the fetched packages.
        progress: told sentences.

    Returns:
        The file names of the packages, versions in them, sorted.

    Raises:
        ArchiveAway: the archive can't be reached.
        UsageError: the disk is full, or the signature is by unknown keys.
        BenchmarkError: a program failed otherwise; with its words.
    """
    apt = await _set_up(scratch)
    progress("asking Debian's archive which packages there are")
    await apt.run("apt-get", "-q", "update")
    install = ("apt-get", "-qq", "--yes", "--no-install-recommends")
    # As in the image, whose base has the essential packages.
    wanted = ("install", "?essential", *packages)
    number, size = size_in(await apt.run(*install, "--print-uris", *wanted))
    told = f"{number} packages of Debian (about {size / 1e6:.0f} MB)"
    progress(f"fetching {told}")
    archives = scratch / "cache/archives"
    await _telling(
        apt.run(*install, "--download-only", *wanted),
        lambda: progress(f"fetched {_size_of(archives) / 1e6:.0f} MB of {told}"),
    )
    fetched = sorted(archives.glob("*.deb"))
    progress(f"unpacking {told}")
    # The folder layout first: links such as /bin, which the others must not replace by folders.
    for package in sorted(fetched, key=lambda path: not path.name.startswith("base-files_")):
        await apt.run("dpkg-deb", "--extract", str(package), str(root))
        package.unlink()
    for name in _LEFT_OUT:
        shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
    return tuple(package.name for package in fetched)


async def _set_up(scratch: Path) -> "_Programs":
    """Make what apt wants to find in a folder of its own."""
    for name in ("state/lists/partial", "cache/archives/partial", "log"):
        (scratch / name).mkdir(parents=True)
    (scratch / "status").touch()
    (scratch / "sources.list").write_text(source_line(_mirror()), encoding="utf-8")
    environment = {name: text for name, text in os.environ.items() if name != "APT_CONFIG"}
    # English, for telling one fault from another.
    environment |= {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    acquire = await _Programs(scratch, environment).run("apt-config", "dump", "Acquire")
    configuration = scratch / "apt.conf"
    configuration.write_text(apt_configuration(scratch, acquire), encoding="utf-8")
    return _Programs(scratch, environment | {"APT_CONFIG": str(configuration)})


def _mirror() -> str:
    def texts(pattern: str) -> list[str]:
        return [
            path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(_APT.glob(pattern))
            if path.is_file() and os.access(path, os.R_OK)
        ]

    return mirror_in(
        texts("sources.list.d/*.sources"), [*texts("sources.list"), *texts("sources.list.d/*.list")]
    )


@dataclass(frozen=True, slots=True)
class _Programs:
    """Runs apt's programs with one environment; they work in ``folder``."""

    folder: Path
    environment: dict[str, str]

    async def run(self, *argv: str) -> str:
        """Run a program to its end and return what it printed; ended with us when cancelled."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            # A ctrl+c is for us; a kill -9 of us ends it too.
            start_new_session=True,
            preexec_fn=partial(die_with_parent, signal.SIGTERM),
        )
        talking = asyncio.ensure_future(process.communicate())
        try:
            await self._until_over(argv[0], talking)
        finally:
            if process.returncode is None:
                process.terminate()
            printed, said = await talking
        text = said.decode(errors="replace")
        # "apt-get update" returns 0 when it could reach nothing.
        failed = process.returncode != 0 or "\nE: " in f"\n{text}" or _reached_nothing(argv, text)
        if failed:
            raise _explained(argv, text)
        return printed.decode(errors="replace")

    async def _until_over(
        self, program: str, talking: "asyncio.Future[tuple[bytes, bytes]]"
    ) -> None:
        """Wait for a program that may hang: apt does where the disk is full.

        Raises:
            UsageError: the disk is full.
            BenchmarkError: it takes too long.
        """
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + _LONGEST_S
        while not (await asyncio.wait({talking}, timeout=_LOOK_EVERY_S))[0]:
            if shutil.disk_usage(self.folder).free < _FULL_BYTES:
                raise _disk_full(f"{program} found no room")
            if clock() > give_up_at:
                raise BenchmarkError(f"{program} did not end within {_LONGEST_S:g} s")


def _reached_nothing(argv: Sequence[str], said: str) -> bool:
    return "update" in argv and "W: " in said and trouble_in(said) is not Trouble.OTHER


def _explained(argv: Sequence[str], said: str) -> CniAdvisorError:
    words = [line for line in said.splitlines() if line.startswith(("E:", "W:", "dpkg-deb:"))]
    shown = printable(" ".join(words or said.splitlines()[-3:]), limit=400)
    match trouble_in(said):
        case Trouble.NETWORK:
            return ArchiveAway(
                f"Debian's archive can't be reached: {shown}",
                hint="the lab's tools are fetched once a month; look at the network, at apt's "
                f"sources and its proxy (/etc/apt); {REPLAY_HINT}",
            )
        case Trouble.SIGNATURE:
            return UsageError(
                f"Debian's archive is not signed by keys that are known here: {shown}",
                hint="bring the package debian-archive-keyring up to date: it must be of 2025 or "
                "later",
            )
        case Trouble.SPACE:
            return _disk_full(shown)
        case Trouble.OTHER:
            return BenchmarkError(f"`{argv[0]}` failed: {shown}")


def _disk_full(said: str) -> UsageError:
    return UsageError(
        f"the disk is full: {said}",
        hint="the lab's tools take 300 MB while they are made; free space, or name another place "
        "for caches: XDG_CACHE_HOME",
    )


async def _telling(work: Coroutine[None, None, str], tell: Callable[[], None]) -> None:
    """Await ``work``, and tell every few seconds how far it is."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=_TELL_EVERY_S))[0]:
            tell()
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})


def _size_of(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*.deb"):
        with suppress(OSError):  # apt moves what is complete
            size += path.stat().st_size
    return size

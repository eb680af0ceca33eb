"""The tools' root file system, in the cache: what a benchmark image holds, and the wirings' tools.

One folder for each content and month, under ``lab-tools`` in the XDG cache folder::

    2025-11-3f2a9c0d1b4e/
        root/       the file system
        content     file names of the packages; then every file in root with its size
        in-use      locked by every lab that runs from it

It is made beside and renamed, so it is whole or not there; and it is looked at before it is used,
for whatever tidies caches may have taken half of it.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable
from cniadvisor.lab.archive import SUITE, packages_in
from cniadvisor.lab.locking import Sharing, lock, only_one
from cniadvisor.lab.tree import complete_tree
from cniadvisor.lab.unpacking import ArchiveAway, fetch_and_unpack, require_programs
from cniadvisor.lab.wiring import LAB_PACKAGES
from cniadvisor.resources import benchmarks

__all__ = ["Tools", "prepared_tools"]

Progress = Callable[[str], None]

_CONTENT = "content"
_IN_USE = "in-use"
_UNFINISHED = ".unfinished-"
_WAITING = "waiting for another cniadvisor, which makes the lab's tools"
_NEEDED_BYTES = 400_000_000
"""What making the tools takes at its most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The tools, ready to be used.

    Attributes:
        root: the file system; read only.
        content_id: twelve hex digits that stand for the versions of all packages and scripts.
    """

    root: Path
    content_id: str

    def __str__(self) -> str:
        return f"tools of Debian {SUITE}, {self.content_id}"


@asynccontextmanager
async def prepared_tools(progress: Progress) -> AsyncGenerator[Tools]:
    """Find the tools in the cache, or fetch them; nobody removes them while the context lasts.

    ``progress`` is told sentences. A month that ended asks for new ones; where Debian's archive is
    out of reach then, the older ones do.

    Raises:
        UsageError: apt is missing, the cache can't be written, or the disk is full.
        BenchmarkError: the packages can't be fetched or unpacked.
    """
    place = _cache()
    recipe = _recipe()
    entry = place / f"{datetime.now(UTC):%Y-%m}-{recipe.key}"
    with _told_as_usage(place):
        if not _is_ready_made(entry):
            place.mkdir(parents=True, exist_ok=True)
            async with only_one(place / ".lock", waiting=partial(progress, _WAITING)):
                if not _is_whole(entry):
                    _remove_damaged(entry, progress)
                    entry = await _made(entry, recipe, progress)
                using = lock(entry / _IN_USE, Sharing.WITH_OTHERS)
                _remove_others(place, keep=entry)
        else:
            using = lock(entry / _IN_USE, Sharing.WITH_OTHERS)
    try:
        _require_executable(entry)
        yield Tools(root=entry / "root", content_id=_content_id(entry, recipe))
    finally:
        os.close(using)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """What the tools are made of."""

    packages: tuple[str, ...]
    scripts: Path

    @property
    def key(self) -> str:
        """Twelve hex digits that differ when anything of it does."""
        return _digest(SUITE, *self.packages, *self._texts())

    def content_id(self, versions: str) -> str:
        """The same with the packages' versions."""
        return _digest(SUITE, versions, *self._texts())

    def _texts(self) -> Iterator[str]:
        for path in sorted(self.scripts.rglob("*")):
            if path.is_file():
                yield f"{path.relative_to(self.scripts)}\n{path.read_text(encoding='utf-8')}"


def _recipe() -> _Recipe:
    folder = benchmarks()
    containerfile = (folder / "Containerfile").read_text(encoding="utf-8")
    packages = {*packages_in(containerfile), *LAB_PACKAGES}
    return _Recipe(packages=tuple(sorted(packages)), scripts=folder / "image")


def _digest(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(b"%d " % len(text.encode()))
        digest.update(text.encode())
    return digest.hexdigest()[:12]


def _cache() -> Path:
    from platformdirs import user_cache_path  # only a lab needs it

    return user_cache_path("cniadvisor") / "lab-tools"


# -- making


async def _made(entry: Path, recipe: _Recipe, progress: Progress) -> Path:
    """Make the tools and return where they are: at ``entry``, or older ones without a network."""
    require_programs()
    _require_space(entry.parent)
    for unfinished in entry.parent.glob(f"{_UNFINISHED}*"):
        _remove(unfinished)  # nobody else makes any now
    progress("making the lab's tools, once a month: about a minute")
    unfinished = entry.parent / f"{_UNFINISHED}{secrets.token_hex(4)}"
    try:
        root, scratch = unfinished / "root", unfinished / "scratch"
        root.mkdir(parents=True, mode=0o755)
        scratch.mkdir()
        packages = await fetch_and_unpack(recipe.packages, root, scratch, progress)
        shutil.rmtree(scratch)
        complete_tree(root, recipe.scripts)
        (unfinished / _IN_USE).touch()
        _write_content(unfinished, packages)
        unfinished.rename(entry)
    except ArchiveAway:
        older = _older(entry, recipe)
        if older is None:
            raise
        progress(f"Debian's archive can't be reached: using the tools of {older.name[:7]}")
        return older
    finally:
        _remove(unfinished)
    return entry


def _older(entry: Path, recipe: _Recipe) -> Path | None:
    """The newest whole tools of another month made of the same."""
    found = sorted(entry.parent.glob(f"????-??-{recipe.key}"), reverse=True)
    return next((one for one in found if one != entry and _is_whole(one)), None)


def _require_space(place: Path) -> None:
    free = shutil.disk_usage(place).free
    if free < _NEEDED_BYTES:
        raise UsageError(
            f"{_shown(place)} has {free / 1e6:.0f} MB free, and making the lab's tools takes "
            f"{_NEEDED_BYTES / 1e6:.0f} MB",
            hint="free space, or name another place for caches: XDG_CACHE_HOME",
        )


def _require_executable(entry: Path) -> None:
    if os.statvfs(entry).f_flag & os.ST_NOEXEC:
        raise UsageError(
            f"{_shown(entry.parent)} is mounted noexec: no program can be run from there",
            hint="name another place for caches: XDG_CACHE_HOME",
        )


# -- what is in an entry


def _write_content(entry: Path, packages: tuple[str, ...]) -> None:
    files = [f"{size} {name}" for name, size in _files(entry / "root")]
    text = "\n".join([" ".join(packages), *files]) + "\n"
    (entry / _CONTENT).write_text(text, encoding="utf-8")


def _files(root: Path) -> Iterator[tuple[str, int]]:
    """Every file and link below a folder, with its size."""
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder, name)
            yield str(path.relative_to(root)), path.lstat().st_size


def _is_whole(entry: Path) -> bool:
    """Whether every file is there, as long as it was."""
    try:
        _, *files = (entry / _CONTENT).read_text(encoding="utf-8").splitlines()
        for line in files:
            size, _, name = line.partition(" ")
            if (entry / "root" / name).lstat().st_size != int(size):
                return False
    except (OSError, ValueError):
        return False
    return True


def _is_ready_made(entry: Path) -> bool:
    """Whether whole tools lie where nobody may write: there is nothing to lock or to remove."""
    return not os.access(entry.parent, os.W_OK) and _is_whole(entry)


def _content_id(entry: Path, recipe: _Recipe) -> str:
    versions = (entry / _CONTENT).read_text(encoding="utf-8").partition("\n")[0]
    return recipe.content_id(versions)


# -- removing


def _remove_others(place: Path, *, keep: Path) -> None:
    """Remove the tools of other months and versions that no lab uses."""
    for entry in place.glob("????-??-*"):
        if entry == keep:
            continue
        with suppress(OSError):
            mine = lock(entry / _IN_USE, Sharing.ALONE)
            _remove(entry)
            os.close(mine)


def _remove_damaged(entry: Path, progress: Progress) -> None:
    if entry.exists():
        progress("the lab's tools in the cache are damaged: making them anew")
        _remove(entry)


def _remove(entry: Path) -> None:
    """Remove a folder; packages may have folders that not even their owner may write to."""
    for folder, _, _ in os.walk(entry):
        with suppress(OSError):
            Path(folder).chmod(0o755)
    shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def _told_as_usage(place: Path) -> Generator[None]:
    """Turn what the operating system refuses into words."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"the lab's tools can't be kept in {_shown(place)}: "
            f"{printable(error.strerror or type(error).__name__).lower()}",
            hint="name another place for caches, which you may write to: XDG_CACHE_HOME",
        ) from None


def _shown(path: Path) -> str:
    return printable(os.fsencode(path).decode("utf-8", "replace"), limit=300)

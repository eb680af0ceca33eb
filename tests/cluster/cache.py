"""Files that are built once: whole or not there, whatever is killed and whoever else builds."""

import hashlib
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.cluster.directories import cache_directory
from tests.cluster.locks import exclusive

_VERSIONS = 6  # of a file: what a few branches of work use at the same time
_DAY_SECONDS = 24 * 3600


def cached(kind: str, name: str, key: str, build: Callable[[Path], None]) -> Path:
    """The file under this key; `build` writes it if it is not there yet.

    The folder of the path that `build` gets is its own to leave things in.
    """
    target = cache_directory() / kind / key / name
    if target.exists():
        os.utime(target.parent)  # prune() goes by it
        return target
    with exclusive(target.parent.with_name(f"{key}.lock")):
        if not target.exists():
            scratch = target.parent.with_name(f"{key}.unfinished")
            shutil.rmtree(scratch, ignore_errors=True)  # a build that was killed
            scratch.mkdir()
            build(scratch / name)
            target.parent.mkdir(exist_ok=True)
            (scratch / name).rename(target)
            shutil.rmtree(scratch)
    return target


def prune() -> None:
    """Remove the versions of files that were not used for longest, and builds that were killed."""
    versions: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for file in cache_directory().glob("*/*/*"):
        if not file.parent.name.endswith(".unfinished"):
            versions[file.parent.parent.name, file.name].append(file.parent)
    for found in versions.values():
        for folder in sorted(found, key=_used_at, reverse=True)[_VERSIONS:]:
            shutil.rmtree(folder, ignore_errors=True)
    for scratch in cache_directory().glob("*/*.unfinished"):
        if time.time() - _used_at(scratch) > _DAY_SECONDS:
            shutil.rmtree(scratch, ignore_errors=True)


def _used_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0  # somebody else removed it just now


def key_of(*parts: str | Path) -> str:
    """A short hash of texts and of the names and contents of files."""
    digest = hashlib.sha256()
    for part in parts:
        for chunk in _content(part):
            digest.update(len(chunk).to_bytes(8, "big") + chunk)
    return digest.hexdigest()[:16]


def _content(part: str | Path) -> Iterable[bytes]:
    if isinstance(part, str):
        return [part.encode()]
    files = [part] if part.is_file() else sorted(p for p in part.rglob("*") if p.is_file())
    return [
        data
        for file in files
        for data in (str(file.relative_to(part.parent)).encode(), file.read_bytes())
    ]

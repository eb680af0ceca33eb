"""Files that are built once: whole or not there, whatever is killed and whoever else builds."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.cluster.directories import cache_directory
from tests.cluster.locks import exclusive


def cached(kind: str, name: str, key: str, build: Callable[[Path], None]) -> Path:
    """The file under this key; `build` writes it if it is not there yet.

    The folder of the path that `build` gets is its own to leave things in.
    """
    target = cache_directory() / kind / key / name
    if target.exists():
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

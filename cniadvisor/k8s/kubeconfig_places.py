"""Where kubeconfig files are. Reads nothing and imports little: the app asks before it paints."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where kubeconfig files are looked for, and who said so (for the message)."""

    paths: tuple[Path, ...]
    said_by: str
    all_must_exist: bool


def places(flag: str | None, environ: Mapping[str, str]) -> Places:
    """Return the files to look at: the flag, else KUBECONFIG, else ~/.kube/config."""
    if flag:
        return Places(paths=(_expanded(flag),), said_by="--kubeconfig", all_must_exist=True)
    joined = environ.get("KUBECONFIG", "")
    listed = tuple(_expanded(part) for part in joined.split(os.pathsep) if part)
    if listed:
        return Places(paths=listed, said_by="KUBECONFIG", all_must_exist=False)
    home = _expanded(environ.get("HOME") or "~")
    return Places(paths=(home / ".kube" / "config",), said_by="the default", all_must_exist=False)


def existing(where: Places) -> tuple[Path, ...]:
    """Return the files of ``where`` that are there.

    Raises:
        UsageError: the file that was asked for by name is not there.
    """
    found = tuple(path for path in where.paths if _may_be_there(path))
    if where.all_must_exist and len(found) < len(where.paths):
        missing = next(path for path in where.paths if path not in found)
        raise UsageError(
            f"the kubeconfig {printable(str(missing))} ({where.said_by}) does not exist",
            hint="check the path, or leave it out to use KUBECONFIG or ~/.kube/config",
        )
    return found


def not_found(where: Places) -> UsageError:
    """Return the error for: no kubeconfig anywhere, and this is no pod either."""
    looked = ", ".join(printable(str(path)) for path in where.paths)
    return UsageError(
        f"no kubeconfig found; looked at {looked} ({where.said_by}) "
        "and for a pod's service account",
        hint="give one with --kubeconfig FILE or the environment variable KUBECONFIG",
    )


def _may_be_there(path: Path) -> bool:
    """Whether there is something to read; where one may not look, reading says why it can't be."""
    try:
        return path.exists()
    except OSError:
        return True


def _expanded(path: str) -> Path:
    """Return a path with its ``~`` replaced, or as it is where nobody of that name has a home."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser raises then

"""The commands that tell on a plain terminal what a screen shows of reports."""

import shlex
from collections.abc import Iterable
from pathlib import Path


def show_command(path: Path) -> str:
    """Return the command that prints one report."""
    return _command("show", paths=[path])


def compare_command(paths: Iterable[Path], *, insist: bool = False, raw: bool = False) -> str:
    """Return the command that sets reports side by side."""
    options = [*(["--insist"] if insist else []), *(["--raw"] if raw else [])]
    return _command("compare", *options, paths=paths)


def export_command(paths: Iterable[Path], *, form: str, table: str | None, out: Path) -> str:
    """Return the command that writes reports to a file in another form."""
    options = ["--format", form, *(["--table", table] if table else []), f"--out={out}"]
    return _command("export", *options, paths=paths)


def _command(name: str, *options: str, paths: Iterable[Path]) -> str:
    # A name that begins with a dash would be taken for an option.
    places = [str(path) if not str(path).startswith("-") else f"./{path}" for path in paths]
    return shlex.join(["cniadvisor", name, *options, *places])

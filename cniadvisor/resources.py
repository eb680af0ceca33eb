"""Files that ship with the product: inside the wheel, or beside the package in a checkout."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """The text of a file, and the name to use for it in a message."""

    text: str
    source: str


def benchmarks() -> Path:
    """Return the folder with the image's Containerfile, its scripts and the suites.

    Raises:
        UsageError: the installation lacks it, or lies in an archive.
    """
    return _shipped("benchmarks", holding="Containerfile")


def profiles() -> Path:
    """Return the folder with what the advisor knows: CNIs, axes, questions, campaigns.

    Raises:
        UsageError: the installation lacks it, or lies in an archive.
    """
    return _shipped("profiles", holding="questionnaire.toml")


def documentation() -> Path:
    """Return the folder with the pages that messages name as docs/....

    Raises:
        UsageError: the installation lacks it, or lies in an archive.
    """
    return _shipped("docs", holding="method.md")


def suite_names() -> tuple[str, ...]:
    """Return the names of the shipped suites, shortest run first."""
    shipped = {path.stem for path in (benchmarks() / "suites").glob("*.toml")}
    known = [name for name in ("quick", "standard", "thorough") if name in shipped]
    return (*known, *sorted(shipped.difference(known)))


def suite_text(name_or_file: str) -> SourceText:
    """Read a suite: a shipped one by its name, or a file (anything with a / or ending in .toml).

    Raises:
        UsageError: there is no such suite, or the file cannot be read.
    """
    if "/" in name_or_file or name_or_file.endswith(".toml"):
        return _read(Path(name_or_file))
    if name_or_file not in suite_names():
        raise UsageError(
            f"unknown suite: {printable(name_or_file, limit=80)}",
            hint=f"there is {', '.join(suite_names())}; or give a file: ./mine.toml",
        )
    return _read(benchmarks() / "suites" / f"{name_or_file}.toml")


def _shipped(name: str, *, holding: str) -> Path:
    package = files("cniadvisor")
    if isinstance(package, Path):
        for candidate in (package / "_shipped" / name, package.parent / name):
            if (candidate / holding).is_file():
                return candidate
    raise UsageError(
        f"this installation of cniadvisor lacks its {name} folder",
        hint="install cniadvisor from its wheel, or run it in a checkout",
    )


def shipped_recording() -> Path | None:
    """Return the recorded run that ships with the product; None where there is none."""
    return next(iter(sorted((profiles() / "recordings").glob("*.jsonl"))), None)


def recording_or_shipped(named: Path | None) -> Path:
    """Return the recording that was named, or else the one that ships with the product.

    Raises:
        UsageError: none was named and none ships with this installation.
    """
    place = named or shipped_recording()
    if place is None:
        raise UsageError(
            "this installation has no recorded run", hint="name one: cniadvisor replay RECORDING"
        )
    return place


def _read(path: Path) -> SourceText:
    shown = printable(str(path))
    try:
        return SourceText(text=path.read_text(encoding="utf-8"), source=shown)
    except OSError as error:
        raise UsageError(f"cannot read the suite {shown}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read the suite {shown}: it is not UTF-8 text") from error

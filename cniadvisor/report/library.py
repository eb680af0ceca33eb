"""What reports there are: a line about each, read quickly, a broken one among them included.

Only the head of each file is read, up to what was measured, and not validated: 500 reports take a
second and no pydantic. What is wrong further down shows when a report is opened.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.events import Outcome
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.text import printable
from cniadvisor.report.shape import Document
from cniadvisor.report.toml_file import migrated, parsed
from cniadvisor.report.whole_file import require_regular, shown, told_as_usage

SUFFIX = ".toml"

_MEASURED = b"\n[[paths]]"
"""Run, target, plan and findings stand before it."""

_CHUNK_BYTES = 1 << 16
_LARGEST_HEAD_BYTES = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One report, or a file or folder that can't be read: then ``problem`` says why.

    Texts are printable. Of what can't be read only the path is known, and all else is empty.

    Attributes:
        name: the file's name.
        started_at: UTC, ISO 8601.
        cni: the primary component's name; empty when it was not found out.
        mode: of its data path; empty when not known.
        kind: of the target, kubernetes or lab.
        group: what it is listed under; empty for the user's own.
    """

    path: Path
    name: str
    size_bytes: int = 0
    run_id: str = ""
    started_at: str = ""
    cni: str = ""
    mode: str = ""
    kind: str = ""
    context: str = ""
    suite: str = ""
    outcome: Outcome | None = None
    tests: tuple[TestName, ...] = ()
    group: str = ""
    problem: str = ""


def entries(places: Sequence[Path]) -> Iterator[Entry]:
    """Yield an entry for every report in ``places``, each when it is asked for, none twice.

    A folder gives its files that end in ``.toml``, the last name first, which is the newest run of
    those the product names itself; files that are TOML but no report of ours are passed over. A
    file gives its entry whatever it holds. A folder that is not there gives nothing.
    """
    seen: set[str] = set()
    for place in places:
        for found in _listed(place):
            if isinstance(found, Entry):
                yield found
                continue
            real = os.path.realpath(found)
            if real in seen:
                continue
            seen.add(real)
            entry = read_entry(found, given=found == place)
            if entry is not None:
                yield entry


def read_entry(path: Path, *, given: bool = True) -> Entry | None:
    """Return what the head of a file tells; None for other TOML, unless ``given``."""
    size_bytes = 0
    try:
        with told_as_usage(path, "read", what="report"):
            size_bytes = require_regular(path).st_size
            content = _head(path)
        document = parsed(content, shown(path))
        # An empty file is what a lost power leaves of one: no other TOML that would be here.
        if "schema_version" not in document and size_bytes and not given:
            return None
        return _entry(path, size_bytes, migrated(document, name=shown(path)))
    except UsageError as error:
        return Entry(path=path, name=shown_name(path), size_bytes=size_bytes, problem=error.message)


def shown_name(path: Path) -> str:
    """Return a file's own name as it is shown."""
    return shown(Path(path.name)) if path.name else shown(path)


def _listed(place: Path) -> Iterator[Path | Entry]:
    try:
        with told_as_usage(place, "list", what="folder"):
            if place.is_dir():
                inside = [path for path in place.iterdir() if path.suffix == SUFFIX]
            else:
                inside = [place] if place.suffix == SUFFIX or place.exists() else []
    except UsageError as error:
        yield Entry(path=place, name=shown_name(place), problem=error.message)
        return
    yield from sorted(inside, key=lambda path: path.name, reverse=True)


def _head(path: Path) -> bytes:
    """Return a file up to what was measured. Strings never span lines in the files we write."""
    head = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            looked_at = max(0, len(head) - len(_MEASURED))
            head += chunk
            end = head.find(_MEASURED, looked_at)
            if end >= 0:
                return head[: end + 1]
            if len(head) > _LARGEST_HEAD_BYTES:
                raise UsageError(f"{shown(path)} is too large for a report")
    return head


def _entry(path: Path, size_bytes: int, document: Document) -> Entry:
    run, plan, target = (_table(document, key) for key in ("run", "plan", "target"))
    suite = _table(plan, "suite")
    primary = _table(_table(document, "findings"), "primary")
    told = Entry(
        path=path,
        name=shown_name(path),
        size_bytes=size_bytes,
        run_id=_text(plan, "run_id"),
        started_at=_text(run, "started_at"),
        cni=_text(primary, "name"),
        mode=_text(primary, "mode"),
        kind=_text(target, "kind"),
        context=_text(target, "context"),
        suite=_text(suite, "name"),
        outcome=_outcome(run),
        tests=_tests(suite),
    )
    if told.run_id and told.started_at and told.outcome is not None:
        return told
    return Entry(
        path=path,
        name=shown_name(path),
        size_bytes=size_bytes,
        problem=f"{shown(path)} is not a valid report: it does not say which run it is of",
    )


def _outcome(run: Mapping[str, object]) -> Outcome | None:
    told = _text(run, "outcome")
    return next((outcome for outcome in Outcome if outcome == told), None)


def _tests(suite: Mapping[str, object]) -> tuple[TestName, ...]:
    told = suite.get("tests")
    names = cast("list[object]", told) if isinstance(told, list) else []
    return tuple(test for test in TestName if test in names)


def _table(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    told = document.get(key)
    return cast("Mapping[str, object]", told) if isinstance(told, dict) else {}


def _text(table: Mapping[str, object], key: str) -> str:
    told = table.get(key)
    return printable(told, limit=200) if isinstance(told, str) else ""

"""The report as a TOML file: written whole or not at all, read back or refused in words."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import tomli_w

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import SCHEMA_VERSION, Report
from cniadvisor.domain.text import printable
from cniadvisor.report import whole_file
from cniadvisor.report.finite import not_finite, require_finite
from cniadvisor.report.shape import Document, to_document

Migration = Callable[[Document], Document]
"""Turns a document of one schema version into one of the next; pure."""

MIGRATIONS: Mapping[int, Migration] = {}
"""Schema version -> how to get from it to the next one. Old reports are readable for ever."""

_WHAT_REPORTS_ARE = "Reports are the files that `cniadvisor bench` and `cniadvisor lab` write."

# A list of numbers, one a line, as tomli-w writes it. No string can look like it: in a file a
# string never spans lines.
_NUMBERS = re.compile(r"\[\n((?: +[-+]?[0-9][0-9.e+-]*,\n)+) *\]")


def dumps(report: Report) -> str:
    """Return the report as TOML text.

    Raises:
        ValueError: the report holds a NaN or an infinity, which is a bug.
    """
    require_finite(report, "report")
    text = tomli_w.dumps(to_document(report))
    return _NUMBERS.sub(lambda match: f"[{' '.join(match[1].split()).rstrip(',')}]", text)


def write(report: Report, path: Path) -> None:
    """Write the report to ``path``, whole or not at all; an older file stays until then.

    Raises:
        UsageError: the place cannot be written; what was there before is unchanged.
        ValueError: the report holds a NaN or an infinity, which is a bug.
    """
    # What no UTF-8 can hold (a surrogate in a file name of the command line) becomes a "?".
    content = dumps(report).encode("utf-8", "replace")
    whole_file.write_whole(path, content, what="report")


def require_writable(path: Path) -> None:
    """Find out before a run whether its report can be written; leaves nothing behind.

    Raises:
        UsageError: it can't, and why.
    """
    whole_file.require_writable(path, what="report")


def read(path: Path) -> Report:
    """Read a report of this or an older schema version.

    Raises:
        UsageError: the file can't be read or is no report; names the file and the place in it.
    """
    return loads(whole_file.read_whole(path, what="report"), name=whole_file.shown(path))


def loads(content: bytes, *, name: str, migrations: Mapping[int, Migration] = MIGRATIONS) -> Report:
    """Read a report from the bytes of a file called ``name``.

    Raises:
        UsageError: as :func:`read`.
    """
    from cniadvisor.report.validation import Invalid, report_from

    document = migrated(parsed(content, name), name=name, migrations=migrations)
    try:
        return report_from(document)
    except Invalid as error:
        raise UsageError(
            f"{name} is not a valid report: {error}",
            hint="Use a report file that cniadvisor wrote and nobody edited.",
        ) from None


def migrated(
    document: Document,
    *,
    name: str,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    current: int = SCHEMA_VERSION,
) -> Document:
    """Bring a document of an older schema version to the ``current`` one, step by step.

    Raises:
        UsageError: it has no version, or one of the future.
    """
    version = document.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UsageError(
            f"{name} is not a report of cniadvisor: it has no schema_version",
            hint=_WHAT_REPORTS_ARE,
        )
    if version > current:
        raise UsageError(
            f"{name} has schema version {version}; this cniadvisor reads up to {current}",
            hint="Read it with the newer cniadvisor that wrote it.",
        )
    for step in range(version, current):
        document = migrations[step](document) | {"schema_version": step + 1}
    return document


def parsed(content: bytes, name: str) -> Document:
    """Return the document of a TOML file called ``name``; no migration, no validation.

    Raises:
        UsageError: it is not UTF-8, not TOML, or holds a NaN, an infinity or too large a number.
    """
    try:
        document = cast("Document", tomllib.loads(content.decode("utf-8")))
        too_large = _holds_too_large(document)
        places = list(not_finite(document))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name} is not UTF-8 text (byte {error.start})", hint=_WHAT_REPORTS_ARE
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{name} is not TOML: {printable(str(error), limit=200)}", hint=_WHAT_REPORTS_ARE
        ) from None
    except RecursionError:
        raise UsageError(
            f"{name} is not a report: it is nested too deeply", hint=_WHAT_REPORTS_ARE
        ) from None
    except ValueError:  # of thousands of digits, which Python does not read
        raise _too_large(name) from None
    if too_large:
        raise _too_large(name)
    if places:
        raise UsageError(
            f"{name} holds what is not a finite number: {printable(places[0], limit=200)}",
            hint="A missing value is an absent key in a report.",
        )
    return document


def _too_large(name: str) -> UsageError:
    return UsageError(
        f"{name} is not a report: it holds a whole number of more than 64 bits",
        hint=_WHAT_REPORTS_ARE,
    )


def _holds_too_large(value: object) -> bool:
    """Whether a whole number is among the values that TOML does not know and Python can't show."""
    if isinstance(value, int):
        return not -(2**63) <= value < 2**63
    if isinstance(value, dict):
        return any(map(_holds_too_large, cast("Document", value).values()))
    return isinstance(value, list) and any(map(_holds_too_large, cast("list[object]", value)))

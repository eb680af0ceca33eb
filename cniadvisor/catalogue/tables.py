"""One TOML table, read with words for what is wrong: file, line, key, what to do."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import cast

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable
from cniadvisor.domain.toml_lines import line_of

_HEADING = re.compile(r"\s*\[")


MOST = 1e15
"""The largest number a file may hold: beyond it are only slips and infinity."""


class Table:
    """A table of a file, with the path it stands at: ``facts.workloads``.

    Of several tables of one path ``row`` is its place among them, from 0.
    """

    def __init__(
        self, values: Mapping[str, object], *, text: str, source: str, path: str = "", row: int = 0
    ) -> None:
        self._values = values
        self._text = text
        self._source = source
        self.path = path
        self._row = row

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that are not known.

        Raises:
            UsageError: there is one; the hint names the most similar.
        """
        names = tuple(known)
        for key in self._values:
            if key not in names:
                raise self.error(key, "is not a known key", hint=suggestion(key, names))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty, printable on one line."""
        value = self._needed(key) if default is None else self._values.get(key, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.error(key, "must be text in quotes")
        return printable(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """Return a whole number within limits."""
        value = self._needed(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}")
        return value

    def number(self, key: str) -> float:
        """Return a number that is not negative."""
        value = self._needed(key)
        # Not "value < 0 or value > MOST": that lets nan pass.
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MOST:
            raise self.error(key, f"must be a number from 0 to {MOST:g}")
        return float(value)

    def day(self, key: str) -> date:
        """Return a date."""
        value = self._needed(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(key, "must be a date without quotes, like 2026-08-07")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty if the key is not there."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(one, str) for one in cast("list[object]", value)
        ):
            raise self.error(key, 'must be a list of texts, like ["a", "b"]')
        return tuple(printable(one) for one in cast("list[str]", value))

    def raw(self, key: str) -> object:
        """Return a value as it stands there."""
        return self._needed(key)

    def table(self, key: str) -> "Table":
        """Return a sub-table; an empty one if it is not there."""
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return self._below(cast("dict[str, object]", value), key)

    def tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """Yield the sub-tables of a table by name: ``[facts.workloads]``."""
        inside = self.table(key)
        for name in inside:
            yield printable(name, limit=60), inside.table(name)

    def rows(self, key: str) -> tuple["Table", ...]:
        """Return a list of tables; empty if it is not there."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(one, dict) for one in cast("list[object]", value)
        ):
            raise self.error(key, "must be a list of tables")
        rows = cast("list[dict[str, object]]", value)
        return tuple(self._below(one, key, row=row) for row, one in enumerate(rows))

    def error(self, key: str, what: str, *, hint: str = "") -> UsageError:
        """Return the error for a key: file, line, where, what."""
        line = self._line(self.path, key)
        place = self._source if line is None else f"{self._source}, line {line}"
        inside = f"[{self.path}] " if self.path else ""
        shown = printable(key, limit=80)
        return UsageError(f"{place}: {inside}{shown} {what}", hint=hint)

    def _needed(self, key: str) -> object:
        if key not in self._values:
            raise self.error(key, "is missing")
        return self._values[key]

    def _below(self, values: Mapping[str, object], key: str, *, row: int = 0) -> "Table":
        path = f"{self.path}.{key}" if self.path else key
        return Table(values, text=self._text, source=self._source, path=path, row=row)

    def _line(self, path: str, key: str) -> int | None:
        """Return the line of a key, or of the heading of the table it should be in."""
        lines = self._text.splitlines()
        if not path:
            # Above the first heading, or a heading itself.
            above = next((n for n, line in enumerate(lines) if _HEADING.match(line)), len(lines))
            own = line_of("\n".join(lines[:above]), key)
            return own or self._heading(key)
        start = self._heading(f"{path}.{key}") or self._heading(path, self._row)
        if start is None:
            # An inline table: where its parent has it.
            parent, _, last = path.rpartition(".")
            return self._line(parent, last)
        for number, line in enumerate(lines[start:], start=start + 1):
            if _HEADING.match(line):
                break
            if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
                return number
        return start

    def _heading(self, path: str, row: int = 0) -> int | None:
        heading = re.compile(rf"\s*\[+\s*{re.escape(path)}\s*\]")
        lines = self._text.splitlines()
        found = [n for n, line in enumerate(lines, start=1) if heading.match(line)]
        return found[row] if row < len(found) else None


def parsed(text: str, *, source: str) -> Table:
    """Read a TOML text.

    Raises:
        UsageError: it is not TOML; the parser's message names the line.
    """
    try:
        # Editors on Windows begin a file with a byte order mark.
        text = text.removeprefix("\ufeff")
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib's own error is a ValueError
        raise UsageError(f"{source} is not TOML: {printable(str(error), limit=200)}") from None
    return Table(values, text=text, source=source)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what was probably meant, or all there is."""
    names = tuple(known)
    similar = get_close_matches(word[:80], names, n=1)
    return f"did you mean {similar[0]}?" if similar else f"there is {', '.join(names)}"

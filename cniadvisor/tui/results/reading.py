"""Reading reports without holding up the screen."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import Report
from cniadvisor.report.library import Entry, entries
from cniadvisor.report.whole_file import require_regular, told_as_usage

BATCH_S = 0.2
"""The list grows so often; drawing it more often would take longer than reading."""

_KEPT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReports:
    """What was asked for and could be read, and why the rest could not."""

    paths: tuple[Path, ...]
    reports: tuple[Report, ...]
    problems: tuple[UsageError, ...]


async def listed_in_batches(
    places: Sequence[Path], *, group: str = ""
) -> AsyncIterator[tuple[Entry, ...]]:
    """Yield the reports in ``places`` as they are found, some at a time; reads in a thread."""
    found = (replace(entry, group=group) for entry in entries(places))
    while batch := await asyncio.to_thread(_next_batch, found):
        yield batch


def _next_batch(found: Iterator[Entry]) -> tuple[Entry, ...]:
    begun = time.monotonic()
    batch: list[Entry] = []
    for entry in found:
        batch.append(entry)
        if time.monotonic() - begun > BATCH_S:
            break
    return tuple(batch)


def read_reports(paths: Sequence[Path]) -> ReadReports:
    """Read reports; those that changed since they were read last are read again.

    Blocks (50 ms a report) and imports pydantic: for a thread.
    """
    read: list[tuple[Path, Report]] = []
    problems: list[UsageError] = []
    for path in paths:
        try:
            read.append((path, _read(path, _version(path))))
        except UsageError as error:
            problems.append(error)
    return ReadReports(
        paths=tuple(path for path, _ in read),
        reports=tuple(report for _, report in read),
        problems=tuple(problems),
    )


def _version(path: Path) -> tuple[int, int]:
    """Return what changes with a file. Raises UsageError: it is none that can be read."""
    with told_as_usage(path, "read", what="report"):
        status = require_regular(path)
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=_KEPT)
def _read(path: Path, _: tuple[int, int]) -> Report:
    from cniadvisor.report.toml_file import read

    return read(path)

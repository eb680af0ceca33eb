"""What ``profiles/`` and a folder of the user's hold, the reports that campaigns name included."""

from pathlib import Path

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.reference import Campaign, Result
from cniadvisor.catalogue.loading import load_campaigns, load_catalogue
from cniadvisor.domain.errors import UsageError


def known_catalogue(folder: str | None) -> Catalogue:
    """Return all that the advisor knows.

    Args:
        folder: the user's own (``--profiles``).

    Raises:
        UsageError: a file can't be read or is wrong; names it, the line and what to do.
    """
    return load_catalogue(_path(folder), result_of=result_of)


def known_campaigns(folder: str | None) -> tuple[Campaign, ...]:
    """Return the campaigns alone, oldest first. Argument and errors as :func:`known_catalogue`."""
    return load_campaigns(_path(folder), result_of=result_of)


def result_of(report: Path) -> Result:
    """Return what a report is of. Only its head is read: all of them would take seconds.

    Raises:
        UsageError: it can't be read, or is no report.
    """
    from cniadvisor.report.library import read_entry

    head = read_entry(report)
    assert head is not None  # a file that is asked for has an entry, whatever it holds
    if head.problem:
        raise UsageError(head.problem)
    return Result(cni=head.cni, variant=head.mode, version="", figures={}, report=report)


def _path(folder: str | None) -> Path | None:
    return None if folder is None else Path(folder)

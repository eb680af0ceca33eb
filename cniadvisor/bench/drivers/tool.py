"""What all drivers need of a tool: its version, and its words when it fails."""

import re

from cniadvisor.bench.driver import TrialFailed
from cniadvisor.bench.endpoints import Command, Endpoint, Exit, run_to_end
from cniadvisor.domain.text import printable

VERSION_DEADLINE_S = 10


def failed(tool: str, exit_: Exit, words: str = "") -> TrialFailed:
    """Return the failure of a tool in its own words: ``words``, or else what it wrote to stderr."""
    said = words.strip() or exit_.stderr.strip() or "it ended without its result"
    return TrialFailed(f"{tool} (exit status {exit_.status}): {printable(said, limit=300)}")


async def version_of(client: Endpoint, argv: tuple[str, ...], pattern: re.Pattern[str]) -> str:
    """Ask a tool for its version: group 1 of ``pattern`` in what ``argv`` prints.

    The exit status tells nothing: ``wrk --version`` ends with 1.

    Raises:
        TrialFailed: it printed no version, mostly because it is not there.
        CommandTimedOut, EndpointLost: the endpoint failed.
    """
    told = await run_to_end(client, Command(argv=argv, deadline_s=VERSION_DEADLINE_S))
    found = pattern.search(f"{told.stdout.decode(errors='replace')}\n{told.exit.stderr}")
    if found is None:
        raise failed(argv[0], told.exit)
    return printable(found[1], limit=40)

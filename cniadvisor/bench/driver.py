"""What a driver is: it runs one trial of one test and tells its figures as they arrive."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeAlias

from cniadvisor.bench.endpoints import Endpoint
from cniadvisor.domain.errors import BenchmarkError


class TrialFailed(BenchmarkError):  # noqa: N818 - says what happened
    """The tool ran but gave no figure; the message is its own words, made printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The tool has connected and the timed part begins now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """Goodput of about one second; ``end_s`` is seconds into the timed part."""

    end_s: float
    mbit_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a trial gave. ``figures`` holds exactly what the tool said, in the unit of the key.

    ``payload_bytes`` is what arrived at the client during the timed part: the NIC must have
    carried at least that.
    """

    tool: str
    tool_version: str
    figures: Mapping[str, float]
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    payload_bytes: int


Told: TypeAlias = Running | Second | Measurement


class Driver(Protocol):
    """Runs one trial at a time.

    ``tells_seconds``: the tool reports goodput while it runs. Of the others the core tells what
    the client's interface receives meanwhile.
    """

    tells_seconds: ClassVar[bool]

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Do once for each path, before its warm-up, what must not be inside a timing.

        Raises:
            TrialFailed, CommandTimedOut, EndpointLost: this path can't run this test.
        """
        ...

    def trial(self, client: Endpoint, server: Endpoint, *, seconds: float) -> AsyncGenerator[Told]:
        """Run one trial and yield what the tool tells; the last item is the Measurement.

        Raises:
            TrialFailed: the tool gave no figure.
            CommandTimedOut, EndpointLost: the endpoint failed.
        """
        ...

"""The seam between the measuring core and the place where it measures.

A :class:`Target` opens endpoints for one run and closes them whatever happened; an
:class:`Endpoint` runs commands at one end of one path. ``k8s`` implements both with Jobs, pods and
exec; a laboratory with processes in network namespaces. Nothing in ``bench`` knows which.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.domain.plan import Plan, TargetFacts
from cniadvisor.domain.report import Notice


class Service(StrEnum):
    """The servers that can run at the server end of every path."""

    IPERF3 = "iperf3"
    NGINX = "nginx"
    VSFTPD = "vsftpd"
    SSHD = "sshd"
    SOCKPERF_TCP = "sockperf-tcp"
    SOCKPERF_UDP = "sockperf-udp"


SERVICE_OF: Mapping[TestName, Service] = {
    TestName.TCP: Service.IPERF3,
    TestName.TCP_MULTI: Service.IPERF3,
    TestName.UDP: Service.IPERF3,
    TestName.UDP_MAX: Service.IPERF3,
    TestName.HTTP: Service.NGINX,
    TestName.HTTP_LATENCY: Service.NGINX,
    TestName.FTP: Service.VSFTPD,
    TestName.SCP: Service.SSHD,
    TestName.LATENCY_TCP: Service.SOCKPERF_TCP,
    TestName.LATENCY_UDP: Service.SOCKPERF_UDP,
}
"""The server each test talks to."""


PROBED: tuple[Service, ...] = (Service.NGINX, Service.VSFTPD)
"""The servers a probe of NetworkPolicy connects to: two, because a rule may name one port."""


def services_for(tests: Iterable[TestName], *, probes_policy: bool = False) -> tuple[Service, ...]:
    """Return the servers that ``tests`` and the probe need: no others are started."""
    needed = {SERVICE_OF[test] for test in tests}.union(PROBED if probes_policy else ())
    return tuple(service for service in Service if service in needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run at an endpoint, as an argument list; no shell sees it.

    ``deadline_s`` holds on both sides: after it the far side ends the program by itself even if
    nobody is connected any more, and the near side raises :class:`CommandTimedOut`.
    """

    argv: tuple[str, ...]
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a command ended: its true exit status and the last of what it wrote to stderr."""

    status: int
    stderr: str


class EndpointLost(BenchmarkError):  # noqa: N818 - says what happened
    """The connection to a command broke before its exit status arrived: it counts as failed."""


class CommandTimedOut(BenchmarkError):  # noqa: N818 - says what happened
    """A command did not end within its deadline; it was stopped on the far side."""


class RunningCommand(Protocol):
    """A command under way."""

    def lines(self) -> AsyncIterator[bytes]:
        """Yield stdout line by line without the newline, as it arrives, until it ends.

        Raises:
            CommandTimedOut: the deadline passed.
            EndpointLost: the stream broke before the exit status arrived.
        """
        ...

    async def exit(self) -> Exit:
        """Wait for the end and return the exit status. Unread stdout is dropped.

        Raises:
            CommandTimedOut, EndpointLost: as :meth:`lines`.
        """
        ...


class Endpoint(Protocol):
    """One end (client or server) of one path (pod or host)."""

    @property
    def role(self) -> Role:
        """Which end."""
        ...

    @property
    def path(self) -> PathName:
        """Of which path."""
        ...

    @property
    def node(self) -> str:
        """The node's name."""
        ...

    @property
    def address(self) -> str:
        """The address under which the other end reaches this one."""
        ...

    @property
    def ports(self) -> Mapping[Service, int]:
        """The port of each server that runs here; empty at the client end."""
        ...

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        """Start a command; leaving the context stops it on the far side if it still runs."""
        ...

    def counters(self) -> AsyncIterator[bytes]:
        """Yield the sampler's lines (see ``bench/counters.py``) as they arrive.

        Ends when the endpoint is closed; raises :class:`EndpointLost` when the stream can't be
        kept up.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What a target opened. A path the target could not open is in ``refused`` with the reason.

    ``notices`` says what the place added to what was asked for (a CPU limit, a sidecar): the reader
    of the figures must know.
    """

    opened: Mapping[tuple[Role, PathName], Endpoint]
    refused: Mapping[PathName, str] = field(default_factory=dict[PathName, str])
    notices: tuple[Notice, ...] = ()

    def client(self, path: PathName) -> Endpoint:
        """Return the client end of ``path``."""
        return self.opened[Role.CLIENT, path]

    def server(self, path: PathName) -> Endpoint:
        """Return the server end of ``path``."""
        return self.opened[Role.SERVER, path]

    @property
    def paths(self) -> tuple[PathName, ...]:
        """The paths that have both ends."""
        return tuple(
            path
            for path in PathName
            if (Role.CLIENT, path) in self.opened and (Role.SERVER, path) in self.opened
        )


CleanupListener = Callable[[str, str | None], None]
"""Called with what was removed and, when it could not be removed, why."""


class Target(Protocol):
    """A place where a run can happen."""

    def facts(self) -> TargetFacts:
        """Say where this is and what it would create. Creates nothing, reads nothing."""
        ...

    async def open(self, plan: Plan, progress: Callable[[str], None]) -> Endpoints:
        """Create what the run needs and return when every server answers its readiness probe.

        ``progress`` is told in sentences what is being waited for. When this raises, the caller
        still calls :meth:`close`.
        """
        ...

    async def trouble(self) -> str | None:
        """Return why the run must stop now (a node went NotReady or under pressure), or None."""
        ...

    async def close(self, removed: CleanupListener) -> None:
        """Remove everything :meth:`open` made; safe to call at any time and twice.

        Raises:
            CleanupError: something is left; the message names it, the hint how to remove it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A command that ran to its end."""

    stdout: bytes
    exit: Exit


async def run_to_end(endpoint: Endpoint, command: Command) -> Completed:
    """Run a short command at an endpoint and return all it printed."""
    async with endpoint.start(command) as running:
        lines = [line async for line in running.lines()]
        return Completed(stdout=b"\n".join(lines), exit=await running.exit())

"""wrk against nginx: ``http``, the goodput of 1 MiB objects over kept-alive connections.

What wrk prints for people is rounded and binary, so a Lua script in the image,
``/usr/local/share/cniadvisor/wrk.lua``, tells wrk's own counts. Its output format, one JSON object
a line among wrk's other lines, each flushed as soon as it is written:

- when wrk sets up its first thread (``setup()``): ``{"event":"running"}``
- at the end (``done()``): ``{"event":"done","bytes":B,"duration_us":U,"requests":N,"errors":
  {"connect":0,"read":0,"write":0,"status":0,"timeout":0}}``, all numbers printed with ``%.0f``
  (``%d`` of a double above 2^31 is not safe in LuaJIT).
"""

import math
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from cniadvisor.bench.driver import Measurement, Running, Told
from cniadvisor.bench.drivers.json_reading import amount, child, count, json_object
from cniadvisor.bench.drivers.tool import failed, version_of
from cniadvisor.bench.drivers.url import url_of
from cniadvisor.bench.endpoints import Command, Endpoint, Service
from cniadvisor.domain.measurement import GOODPUT, PathName
from cniadvisor.domain.units import mbit_per_s

CONNECTIONS = 16
"""Connections that are kept alive; each always has one request under way."""

SLOW_REQUEST_S = 2
"""wrk counts requests that took longer; nothing is cut short."""

GRACE_S = 15
"""Seconds beyond the timed part before a trial counts as hung."""

_SCRIPT = "/usr/local/share/cniadvisor/wrk.lua"
_VERSION = re.compile(r"^wrk (?:debian/)?(\d\S*)", re.MULTILINE)
_FATAL_ERRORS = ("connect", "read", "write", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """wrk's counts. ``received_bytes`` is all that arrived, headers and cut responses included.

    ``errors`` counts by kind what makes a trial fail; ``slow_requests`` does not.
    """

    received_bytes: int
    seconds: float
    requests: int
    errors: dict[str, int]
    slow_requests: int


Parsed: TypeAlias = Running | Finished


def parse_line(line: bytes) -> Parsed | None:
    """Read one line of wrk with our script; None for lines that tell nothing we use."""
    event = json_object(line)
    match child(event, "event"):
        case "running":
            return Running()
        case "done":
            return _finished(event)
        case _:
            return None


def _finished(event: object) -> Finished | None:
    received, microseconds = count(event, "bytes"), amount(event, "duration_us")
    requests, errors = count(event, "requests"), child(event, "errors")
    counts = {kind: count(errors, kind) for kind in _FATAL_ERRORS}
    slow = count(errors, "timeout")
    if received is None or not microseconds or requests is None or slow is None:
        return None
    if None in counts.values():
        return None
    return Finished(
        received_bytes=received,
        seconds=microseconds / 1e6,
        requests=requests,
        errors={kind: number for kind, number in counts.items() if number},
        slow_requests=slow,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrkGoodput:
    """HTTP goodput over 16 connections, from ``threads`` threads. wrk knows no limit of the rate.

    A server that hangs in mid-trial and stays silent to its end lowers the goodput, but wrk does
    not tell it apart from a slow one.
    """

    tells_seconds: ClassVar[bool] = False

    threads: int
    _versions: dict[PathName, str] = field(default_factory=dict[PathName, str], init=False)

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Ask for wrk's version."""
        self._versions[client.path] = await version_of(client, ("wrk", "--version"), _VERSION)

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        end: Finished | None = None
        async with client.start(self._command(server, seconds)) as running:
            async for line in running.lines():
                match parse_line(line):
                    case Running() as told:
                        yield told
                    case Finished() as end:
                        pass
                    case None:
                        pass
            exit_ = await running.exit()
        if end is None or exit_.status != 0:
            raise failed("wrk", exit_)
        if end.errors:
            words = ", ".join(f"{number} {kind} errors" for kind, number in end.errors.items())
            raise failed("wrk", exit_, f"{words} beside {end.requests} answered requests")
        if end.requests == 0:
            raise failed("wrk", exit_, "no request was answered to its end")
        yield self._measurement(end, self._versions.get(client.path, ""))

    def _command(self, server: Endpoint, seconds: float) -> Command:
        whole_seconds = max(1, math.ceil(seconds))
        return Command(
            argv=(
                "wrk",
                "--threads",
                str(self._threads),
                "--connections",
                str(CONNECTIONS),
                "--duration",
                f"{whole_seconds}s",
                "--timeout",
                f"{SLOW_REQUEST_S}s",
                "--script",
                _SCRIPT,
                url_of("http", server, Service.NGINX, "1m"),
            ),
            deadline_s=whole_seconds + GRACE_S,
        )

    @property
    def _threads(self) -> int:
        return min(self.threads, CONNECTIONS)

    def _measurement(self, end: Finished, version: str) -> Measurement:
        return Measurement(
            tool="wrk",
            tool_version=version,
            figures={
                GOODPUT.key: mbit_per_s(end.received_bytes, end.seconds),
                "requests_per_s": end.requests / end.seconds,
                "slow_requests": float(end.slow_requests),
                "connections": float(CONNECTIONS),
                "threads": float(self._threads),
            },
            payload_bytes=end.received_bytes,
        )

"""h2load against nginx: ``http-latency``, how long a request for 1 KiB takes at a fixed rate.

h2load's own summary has means only, so the percentiles come from its log, which stays in the pod:
``cniadvisor-h2load ARG...`` runs ``h2load ARG... --log-file=FILE`` with FILE on /scratch and lets
h2load's stdout and stderr pass. When h2load has ended with status 0 it prints one more line,

    {"event":"log","statuses":{"200":2000},"span_us":1993211,"latency_us":{"213":4,"214":9}}

``statuses`` counts the log's lines by their second column; ``latency_us`` counts the lines with
status 200 by their third column (microseconds until the end of the response): an exact histogram,
a few KiB whatever the number of requests. ``span_us`` is the time from the earliest start (first
column, microseconds) to the latest end (first plus third) of all lines; 0 without lines. h2load
does not tell when a server dies or hangs in mid-trial: requests that got no answer are not in its
log, its status is 0. The span tells. Keys are decimal integers as text, their order is free.
The log is removed. The exit status is h2load's, or 1 when the log cannot be read.
"""

import math
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from cniadvisor.bench.driver import Measurement, Running, Told
from cniadvisor.bench.drivers.json_reading import amount, child, counts_of, json_object
from cniadvisor.bench.drivers.tool import failed, version_of
from cniadvisor.bench.drivers.url import url_of
from cniadvisor.bench.endpoints import Command, Endpoint, Service
from cniadvisor.domain.measurement import RESPONSE_TIME, PathName
from cniadvisor.domain.units import bytes_per_s_of_mbit

CLIENTS = 8
"""Connections that are kept alive, each with at most one request under way."""

REQUESTS_PER_S = 1000
"""All clients together: a few per cent of what one core serves, and enough for a P99 of 2 s."""

RESPONSE_BYTES = 1300
"""1 KiB and its headers, about."""

KEPT_UP_SHARE = 0.98
"""Below this share of the asked rate the client fell behind."""

SPAN_SHARE = 0.9
"""Of the timed part, answers must have come for at least this share."""

GRACE_S = 15
"""Seconds beyond the timed part before a trial counts as hung."""

_VERSION = re.compile(r"nghttp2/(\d\S*)")
_RATE = re.compile(rb"^finished in [^,]+, ([\d.]+) req/s,")
_REQUESTS = re.compile(
    rb"^requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout"
)
_TRAFFIC = re.compile(rb"^traffic: \S+ \((\d+)\) total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log, counted: requests by status, and those with status 200 by microseconds."""

    statuses: Mapping[str, int]
    span_s: float
    latency_us: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What h2load says of itself; ``received_bytes`` includes headers."""

    requests_per_s: float
    succeeded: int
    unsuccessful: int
    received_bytes: int


def parse_log(line: bytes) -> Log | None:
    """Read the line that counts the log; None for any other line, and if it contradicts itself."""
    event = json_object(line)
    span_us = amount(event, "span_us")
    if child(event, "event") != "log" or span_us is None:
        return None
    statuses = counts_of(child(event, "statuses"))
    latency = counts_of(child(event, "latency_us"))
    if statuses is None or latency is None:
        return None
    latency_us: dict[int, int] = {}
    for duration, count in latency.items():
        if not re.fullmatch(r"\d{1,15}", duration):
            return None
        latency_us[int(duration)] = latency_us.get(int(duration), 0) + count
    if sum(latency_us.values()) != statuses.get("200", 0):
        return None
    return Log(statuses=statuses, span_s=span_us / 1e6, latency_us=latency_us)


def parse_summary(stdout: bytes) -> Summary | None:
    """Read h2load's own summary; None unless all of it is there."""
    rate = requests = traffic = None
    for line in stdout.splitlines():
        rate = _RATE.match(line) or rate
        requests = _REQUESTS.match(line) or requests
        traffic = _TRAFFIC.match(line) or traffic
    if rate is None or requests is None or traffic is None:
        return None
    succeeded, *others = (int(count) for count in requests.groups())
    return Summary(
        requests_per_s=float(rate[1]),
        succeeded=succeeded,
        unsuccessful=sum(others),
        received_bytes=int(traffic[1]),
    )


def percentile(histogram: Mapping[int, int], percent: float) -> float:
    """Return the smallest value that at least ``percent`` of all values do not exceed.

    ``histogram`` counts values and must hold one at least (the nearest-rank definition: the answer
    is a value that was seen).
    """
    rank = max(1, math.ceil(sum(histogram.values()) * percent / 100))
    seen = 0
    for value, count in sorted(histogram.items()):
        seen += count
        if seen >= rank:
            return float(value)
    raise ValueError("an empty histogram has no percentiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class H2loadLatency:
    """Response times over 8 connections at 1000 requests/s, fewer where ``max_rate`` asks for it.

    A client that has not got its answer sends no further request: where the server is slower than
    the rate, the times are too good. That is told as the fact ``fell_behind``.
    """

    tells_seconds: ClassVar[bool] = False

    max_rate_mbit_per_s: float | None = None
    _versions: dict[PathName, str] = field(default_factory=dict[PathName, str], init=False)

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Ask for h2load's version."""
        self._versions[client.path] = await version_of(client, ("h2load", "--version"), _VERSION)

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        whole_seconds = max(1, math.ceil(seconds))
        async with client.start(self._command(server, whole_seconds)) as running:
            yield Running()
            printed = [line async for line in running.lines()]
            exit_ = await running.exit()
        log = next((log for line in printed if (log := parse_log(line)) is not None), None)
        summary = parse_summary(b"\n".join(printed))
        if exit_.status != 0 or log is None or summary is None:
            raise failed("h2load", exit_)
        words = self._trouble(log, summary, whole_seconds)
        if words:
            raise failed("h2load", exit_, words)
        yield self._measurement(log, summary, self._versions.get(client.path, ""))

    @property
    def _requests_per_s_of_a_client(self) -> int:
        most = REQUESTS_PER_S
        if self.max_rate_mbit_per_s is not None:
            allowed = bytes_per_s_of_mbit(self.max_rate_mbit_per_s) / RESPONSE_BYTES
            most = min(most, allowed)
        return max(1, int(most / CLIENTS))

    def _trouble(self, log: Log, summary: Summary, seconds: int) -> str:
        """Say why the answers give no figure; empty when they do."""
        others = {status: count for status, count in log.statuses.items() if status != "200"}
        if others:
            counts = (f"{count} with status {status}" for status, count in others.items())
            return f"requests not answered with status 200: {', '.join(counts)}"
        if summary.unsuccessful:
            return f"{summary.unsuccessful} requests failed"
        if not log.latency_us:
            return "no request was answered"
        # The last request of a slow rate may begin well before the end.
        expected_s = SPAN_SHARE * seconds - 1 / self._requests_per_s_of_a_client
        if log.span_s < expected_s:
            return f"no answer came any more after {log.span_s:.1f} of {seconds} s"
        return ""

    def _command(self, server: Endpoint, seconds: int) -> Command:
        return Command(
            argv=(
                "cniadvisor-h2load",
                "--h1",
                "--clients",
                str(CLIENTS),
                "--threads",
                "1",
                "--rps",
                str(self._requests_per_s_of_a_client),
                "--duration",
                str(seconds),
                url_of("http", server, Service.NGINX, "1k"),
            ),
            deadline_s=seconds + GRACE_S,
        )

    def _measurement(self, log: Log, summary: Summary, version: str) -> Measurement:
        asked = self._requests_per_s_of_a_client * CLIENTS
        facts: dict[str, str] = {}
        if summary.requests_per_s < KEPT_UP_SHARE * asked:
            facts["fell_behind"] = (
                f"{asked} requests/s were asked for, {summary.requests_per_s:g} were answered: "
                "the times are those of a client that waits, not of the asked rate"
            )
        return Measurement(
            tool="h2load",
            tool_version=version,
            figures={
                RESPONSE_TIME.key: percentile(log.latency_us, 50),
                "latency_p90_us": percentile(log.latency_us, 90),
                "latency_p99_us": percentile(log.latency_us, 99),
                "requests_per_s": summary.requests_per_s,
                "asked_requests_per_s": float(asked),
                "requests": float(summary.succeeded),
            },
            facts=facts,
            payload_bytes=summary.received_bytes,
        )

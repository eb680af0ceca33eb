"""sockperf ping-pong: ``latency-tcp`` and ``latency-udp``, the round trip of 64-byte messages.

The servers are the services ``sockperf-tcp`` and ``sockperf-udp``; the client's output is read as
it is, without a script. ``--full-rtt`` makes it tell the round trip; by default it prints half.

sockperf waits for each answer for ever. One lost datagram ends a UDP trial there (sockperf says "#
dropped messages = 0" all the same): what was measured until then counts if it is at least half of
the trial, and the fact ``cut_short`` tells. With TCP only a hung server does that; a trial fails.

Before its test sockperf sleeps for 2 s, whatever it is asked for (``initBeforeLoop``). The timed
part begins when it says so: in a short trial, CPU figures would be half an idle node's otherwise.
"""

import math
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cniadvisor.bench.driver import Measurement, Running, Told
from cniadvisor.bench.drivers.tool import failed
from cniadvisor.bench.endpoints import Command, Endpoint, Service
from cniadvisor.domain.measurement import ROUND_TRIP
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import bytes_per_s_of_mbit

MESSAGE_BYTES = 64

GRACE_S = 15
"""Seconds beyond the timed part before a trial counts as hung."""

COOL_DOWN_S = 0.05
"""sockperf leaves out the first 400 ms (it tells) and the last 50 ms (it does not)."""

WHOLE_SHARE = 0.9
"""Answers must have come for this share of the timed part, or the trial was cut short."""

LEAST_SHARE = 0.5
"""A UDP trial that was cut short must have had this share of its time."""

FASTEST_MBIT_PER_S = 100
"""One message at a time never needs that much: a limit from here on is kept by itself."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_VERSION = re.compile(r"version #([^\s=]+)")
_TOTAL = re.compile(r"\[Total Run\] RunTime=([\d.]+) sec; Warm up time=(\d+) msec;")
_VALID = re.compile(r"\[Valid Duration\] RunTime=([\d.]+) sec;.* ReceivedMessages=(\d+)")
_COUNTED = re.compile(
    r"# dropped messages = (\d+); # duplicated messages = (\d+); # out-of-order messages = (\d+)"
)
_PERCENTILE = re.compile(r"---> percentile (\d+\.\d+) = +(\d+\.\d+)$", re.MULTILINE)
_BEGUN = b"Starting test..."
_COMPLETE = "---> <MIN> observation ="
_WORDS = re.compile(r"ERROR: .*|No messages were received.*")


class Protocol(StrEnum):
    """What carries the messages."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True, kw_only=True)
class PingPong:
    """What sockperf told. Percentiles are round trips in microseconds.

    ``wanted_s`` is the timed part without warm-up and cool-down, ``valid_s`` how much of it passed
    until the last answer.
    """

    version: str
    p50_us: float
    p90_us: float
    p99_us: float
    messages: int
    dropped: int
    duplicated: int
    out_of_order: int
    valid_s: float
    wanted_s: float


def parse(stdout: bytes) -> PingPong | None:
    """Read the output of ``sockperf ping-pong --full-rtt``; None unless all of it is there."""
    text = _ANSI.sub("", stdout.decode(errors="replace"))
    if _COMPLETE not in text:
        return None
    version, total, valid = _VERSION.search(text), _TOTAL.search(text), _VALID.search(text)
    counted = _COUNTED.search(text)
    percentiles = {told[1]: float(told[2]) for told in _PERCENTILE.finditer(text)}
    if version is None or total is None or valid is None or counted is None:
        return None
    if not {"50.000", "90.000", "99.000"} <= percentiles.keys():
        return None
    return PingPong(
        version=version[1],
        p50_us=percentiles["50.000"],
        p90_us=percentiles["90.000"],
        p99_us=percentiles["99.000"],
        messages=int(valid[2]),
        dropped=int(counted[1]),
        duplicated=int(counted[2]),
        out_of_order=int(counted[3]),
        valid_s=float(valid[1]),
        wanted_s=float(total[1]) - int(total[2]) / 1000 - COOL_DOWN_S,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SockperfLatency:
    """Round trips, one message at a time; held back below ``max_rate`` where that is needed."""

    tells_seconds: ClassVar[bool] = False

    protocol: Protocol
    max_rate_mbit_per_s: float | None = None

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Nothing to prepare."""

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        async with client.start(self._command(server, seconds)) as running:
            printed: list[bytes] = []
            async for line in running.lines():
                printed.append(line)
                if _BEGUN in line:
                    yield Running()
            exit_ = await running.exit()
        stdout = b"\n".join(printed)
        told = parse(stdout)
        if told is None or told.messages == 0 or exit_.status != 0:
            words = _WORDS.search(stdout.decode(errors="replace"))
            raise failed("sockperf", exit_, "" if words is None else words[0])
        facts: dict[str, str] = {}
        if told.valid_s < WHOLE_SHARE * told.wanted_s:
            words = f"no answer came any more after {told.valid_s:.2f} of {told.wanted_s:.2f} s"
            if self.protocol is Protocol.TCP or told.valid_s < LEAST_SHARE * told.wanted_s:
                raise failed("sockperf", exit_, words)
            facts["cut_short"] = f"{words}: a datagram was lost or the server hung"
        yield _measurement(told, facts)

    def _command(self, server: Endpoint, seconds: float) -> Command:
        whole_seconds = max(1, math.ceil(seconds))
        tcp = self.protocol is Protocol.TCP
        service = Service.SOCKPERF_TCP if tcp else Service.SOCKPERF_UDP
        limit: tuple[str, ...] = ()
        if self.max_rate_mbit_per_s is not None and self.max_rate_mbit_per_s < FASTEST_MBIT_PER_S:
            messages_per_s = bytes_per_s_of_mbit(self.max_rate_mbit_per_s) / MESSAGE_BYTES
            limit = ("--mps", str(max(1, int(messages_per_s))))
        return Command(
            argv=(
                "sockperf",
                "ping-pong",
                *(("--tcp",) if tcp else ()),
                "--ip",
                server.address,
                "--port",
                str(server.ports[service]),
                "--time",
                str(whole_seconds),
                "--msg-size",
                str(MESSAGE_BYTES),
                "--full-rtt",
                *limit,
            ),
            deadline_s=whole_seconds + GRACE_S,
        )


def _measurement(told: PingPong, facts: dict[str, str]) -> Measurement:
    return Measurement(
        tool="sockperf",
        tool_version=printable(told.version, limit=40),
        figures={
            ROUND_TRIP.key: told.p50_us,
            "rtt_p90_us": told.p90_us,
            "rtt_p99_us": told.p99_us,
            "messages": float(told.messages),
            "dropped": float(told.dropped),
            "duplicated": float(told.duplicated),
            "out_of_order": float(told.out_of_order),
        },
        facts=facts,
        payload_bytes=told.messages * MESSAGE_BYTES,
    )

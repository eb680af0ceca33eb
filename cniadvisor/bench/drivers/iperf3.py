"""iperf3 (3.17 or newer, for ``--json-stream``): one transfer, and ``tcp`` and ``tcp-multi``.

The server sends (``-R``), so the receiver's figures arrive at the client as they happen. The
figure of a trial is iperf3's own ``end.sum_received.bits_per_second``; nothing is recomputed.
"""

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from cniadvisor.bench.driver import Measurement, Running, Second, Told
from cniadvisor.bench.drivers.json_reading import amount, child, json_object, number, text
from cniadvisor.bench.drivers.tool import failed
from cniadvisor.bench.endpoints import Command, Endpoint, Service
from cniadvisor.domain.measurement import GOODPUT
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import bits_per_s_of_mbit, mbit_per_s_of_bits

CONNECT_TIMEOUT_MS = 5000
"""iperf3 gives up on a server that does not answer after this long."""

GRACE_S = 15
"""Seconds beyond the timed part before a trial counts as hung (connect, exchange of results)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """iperf3's start event: it has connected every stream."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagrams:
    """What iperf3 counts at the end of a UDP transfer.

    ``sent`` counts all, ``expected`` those up to the last that arrived: what is lost after it is
    not among ``lost``. Losses are negative when more arrived late or twice than were lost.
    """

    offered_bits_per_s: float
    sent: float
    expected: float
    lost: float
    lost_percent: float
    jitter_ms: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """iperf3's end event: sums over all streams. ``datagrams`` is None for TCP."""

    bits_per_s: float
    received_bytes: int
    retransmits: int | None
    sender_congestion: str | None
    datagrams: Datagrams | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Errored:
    """iperf3's error event, in its own words."""

    message: str


Parsed: TypeAlias = Started | Second | Ended | Errored


def parse_line(line: bytes) -> Parsed | None:
    """Read one line of ``iperf3 --json-stream``; None for lines that tell nothing we use.

    Truncated lines, garbage and non-finite numbers give None: a trial without its end event
    fails, so nothing is ever guessed from half a line.
    """
    event = json_object(line)
    data = child(event, "data")
    match child(event, "event"):
        case "start":
            version = text(data, "version") or ""
            return Started(version=version.removeprefix("iperf ").strip())
        case "interval":
            return _second(child(data, "sum"))
        case "end":
            return _end(data)
        case "error":
            return Errored(message=data if isinstance(data, str) else "iperf3 reported an error")
        case _:
            return None


def _second(total: object) -> Second | None:
    end_s, bits = amount(total, "end"), amount(total, "bits_per_second")
    if end_s is None or bits is None:
        return None
    return Second(end_s=end_s, mbit_per_s=mbit_per_s_of_bits(bits))


def _end(data: object) -> Ended | None:
    received = child(data, "sum_received")
    bits, received_bytes = amount(received, "bits_per_second"), amount(received, "bytes")
    if bits is None or received_bytes is None:
        return None
    retransmits = amount(child(data, "sum_sent"), "retransmits")
    return Ended(
        bits_per_s=bits,
        received_bytes=int(received_bytes),
        retransmits=None if retransmits is None else int(retransmits),
        sender_congestion=text(data, "sender_tcp_congestion"),
        datagrams=_datagrams(received, child(data, "sum_sent")),
    )


def _datagrams(received: object, sent: object) -> Datagrams | None:
    offered, all_sent = amount(sent, "bits_per_second"), amount(sent, "packets")
    expected, lost = amount(received, "packets"), number(received, "lost_packets")
    percent, jitter = number(received, "lost_percent"), amount(received, "jitter_ms")
    seconds = amount(received, "seconds")
    if offered is None or all_sent is None or expected is None or lost is None:
        return None
    if percent is None or jitter is None or not seconds:
        return None
    return Datagrams(
        offered_bits_per_s=offered,
        sent=all_sent,
        expected=expected,
        lost=lost,
        lost_percent=percent,
        jitter_ms=jitter,
        seconds=seconds,
    )


async def transfer(client: Endpoint, command: Command) -> AsyncGenerator[Started | Second | Ended]:
    """Run one iperf3 and yield what it tells; the last item is the Ended.

    Raises:
        TrialFailed: it reported an error, or ended without its end event.
        CommandTimedOut, EndpointLost: the endpoint failed.
    """
    end: Ended | None = None
    error = ""
    async with client.start(command) as running:
        async for line in running.lines():
            match parse_line(line):
                case Ended() as end:
                    pass
                case Errored(message=error):
                    pass
                case None:
                    pass
                case told:
                    yield told
        exit_ = await running.exit()
    if error or end is None or exit_.status != 0:
        raise failed("iperf3", exit_, error)
    yield end


def command(server: Endpoint, seconds: float, *options: str) -> Command:
    """Return the command of one transfer from ``server``; whole seconds are all iperf3 knows."""
    whole_seconds = max(1, math.ceil(seconds))
    return Command(
        argv=(
            "iperf3",
            "--client",
            server.address,
            "--port",
            str(server.ports[Service.IPERF3]),
            "--reverse",
            "--time",
            str(whole_seconds),
            *options,
            "--connect-timeout",
            str(CONNECT_TIMEOUT_MS),
            "--json-stream",
        ),
        deadline_s=whole_seconds + GRACE_S,
    )


def bitrate(rate_mbit_per_s: float) -> str:
    """Return a rate the way ``--bitrate`` takes it: bit/s, for each stream."""
    return str(max(1, round(bits_per_s_of_mbit(rate_mbit_per_s))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf3Tcp:
    """TCP goodput over ``streams`` parallel connections, at most ``max_rate`` all together."""

    tells_seconds: ClassVar[bool] = True

    streams: int
    max_rate_mbit_per_s: float | None = None

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Nothing to prepare."""

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        version = ""
        async with aclosing(transfer(client, self._command(server, seconds))) as telling:
            async for told in telling:
                match told:
                    case Started(version=version):
                        yield Running()
                    case Second():
                        yield told
                    case Ended():
                        yield self._measurement(told, version)

    def _command(self, server: Endpoint, seconds: float) -> Command:
        options = ["--parallel", str(self.streams)]
        if self.max_rate_mbit_per_s is not None:
            options += ["--bitrate", bitrate(self.max_rate_mbit_per_s / self.streams)]
        return command(server, seconds, *options)

    def _measurement(self, end: Ended, version: str) -> Measurement:
        figures = {GOODPUT.key: mbit_per_s_of_bits(end.bits_per_s), "streams": float(self.streams)}
        if end.retransmits is not None:
            figures["retransmits"] = float(end.retransmits)
        facts: dict[str, str] = {}
        if end.sender_congestion is not None:
            facts["congestion_control"] = printable(end.sender_congestion, limit=40)
        return Measurement(
            tool="iperf3",
            tool_version=printable(version, limit=40),
            figures=figures,
            facts=facts,
            payload_bytes=end.received_bytes,
        )

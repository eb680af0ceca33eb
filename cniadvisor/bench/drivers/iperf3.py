"""iperf3 (3.17 or newer, for ``--json-stream``): ``tcp`` and ``tcp-multi``.

The server sends (``-R``), so the receiver's figures arrive at the client as they happen. The
figure of a trial is iperf3's own ``end.sum_received.bits_per_second``; nothing is recomputed.
"""

import json
import math
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TypeAlias, cast

from cniadvisor.bench.driver import Measurement, Running, Second, Told, TrialFailed
from cniadvisor.bench.endpoints import Command, Endpoint, Service
from cniadvisor.domain.measurement import GOODPUT
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import mbit_per_s_of_bits

CONNECT_TIMEOUT_MS = 5000
"""iperf3 gives up on a server that does not answer after this long."""

GRACE_S = 15
"""Seconds beyond the timed part before a trial counts as hung (connect, exchange of results)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """iperf3's start event: it has connected every stream."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """iperf3's end event: sums over all streams."""

    bits_per_s: float
    received_bytes: int
    retransmits: int | None
    sender_congestion: str | None


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
    try:
        event: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    event = cast("dict[str, object]", event)
    data = event.get("data")
    match event.get("event"):
        case "start":
            version = _text(data, "version") or ""
            return Started(version=version.removeprefix("iperf ").strip())
        case "interval":
            return _second(_child(data, "sum"))
        case "end":
            return _end(data)
        case "error":
            return Errored(message=data if isinstance(data, str) else "iperf3 reported an error")
        case _:
            return None


def _second(total: object) -> Second | None:
    end_s, bits = _number(total, "end"), _number(total, "bits_per_second")
    if end_s is None or bits is None:
        return None
    return Second(end_s=end_s, mbit_per_s=mbit_per_s_of_bits(bits))


def _end(data: object) -> Ended | None:
    received = _child(data, "sum_received")
    bits, received_bytes = _number(received, "bits_per_second"), _number(received, "bytes")
    if bits is None or received_bytes is None:
        return None
    retransmits = _number(_child(data, "sum_sent"), "retransmits")
    return Ended(
        bits_per_s=bits,
        received_bytes=int(received_bytes),
        retransmits=None if retransmits is None else int(retransmits),
        sender_congestion=_text(data, "sender_tcp_congestion"),
    )


def _child(node: object, key: str) -> object:
    return cast("dict[str, object]", node).get(key) if isinstance(node, dict) else None


def _number(node: object, key: str) -> float | None:
    value = _child(node, key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _text(node: object, key: str) -> str | None:
    value = _child(node, key)
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf3Tcp:
    """TCP goodput over ``streams`` parallel connections."""

    streams: int

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Nothing to prepare."""

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        version = ""
        end: Ended | None = None
        error = ""
        async with client.start(self.command(server, seconds)) as running:
            async for line in running.lines():
                match parse_line(line):
                    case Started(version=version):
                        yield Running()
                    case Second() as second:
                        yield second
                    case Ended() as ended:
                        end = ended
                    case Errored(message=error):
                        pass
                    case None:
                        pass
            exit_ = await running.exit()
        if error or end is None or exit_.status != 0:
            words = error or exit_.stderr or "it ended without its result"
            raise TrialFailed(f"iperf3 (exit status {exit_.status}): {printable(words, limit=300)}")
        yield self._measurement(end, version)

    def command(self, server: Endpoint, seconds: float) -> Command:
        """Return the command of one trial."""
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
                "--parallel",
                str(self.streams),
                "--connect-timeout",
                str(CONNECT_TIMEOUT_MS),
                "--json-stream",
            ),
            deadline_s=whole_seconds + GRACE_S,
        )

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

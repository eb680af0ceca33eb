"""iperf3 with UDP: ``udp``, the goodput that is left when the sender does not hold back.

At ``--bitrate 0`` the sender overruns the receiver's socket buffer, so the loss says as much about
the receiving process as about the network: goodput and loss are to be read together.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import ClassVar

from cniadvisor.bench.driver import Measurement, Running, Second, Told, TrialFailed
from cniadvisor.bench.drivers.iperf3 import (
    Datagrams,
    Ended,
    Started,
    bitrate,
    command,
    transfer,
)
from cniadvisor.bench.endpoints import Command, Endpoint
from cniadvisor.domain.measurement import DATAGRAM_BYTES, GOODPUT
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import mbit_per_s_of_bits

HEARD_SHARE = 0.9
"""Of the datagrams that were sent, those up to the last that arrived must be at least this share:
iperf3 counts no losses after it, so a path that dies in mid-trial would look free of loss."""

LATE_S = 0.4
"""The receiver ends the test, and the sender goes on until it hears of it: on a busy machine for
some tenths of a second, which is a large share of a short trial. Those datagrams were never due."""


def udp_command(server: Endpoint, seconds: float, rate_mbit_per_s: float | None) -> Command:
    """Return the command of one UDP transfer; without a rate the sender does not hold back."""
    rate = "0" if rate_mbit_per_s is None else bitrate(rate_mbit_per_s)
    return command(server, seconds, "--udp", "--bitrate", rate, "--length", str(DATAGRAM_BYTES))


def counted(end: Ended) -> Datagrams:
    """Return the datagrams of a UDP transfer.

    Raises:
        TrialFailed: nothing arrived, nothing arrived any more, or iperf3 did not count.
    """
    datagrams = end.datagrams
    if datagrams is None:
        raise TrialFailed("iperf3: it did not tell how many datagrams were lost")
    if end.received_bytes == 0 or end.bits_per_s == 0:
        raise TrialFailed(f"iperf3: none of {datagrams.sent:.0f} datagrams arrived")
    due = max(0.0, min(HEARD_SHARE, 1 - LATE_S / datagrams.seconds))
    if datagrams.expected < due * datagrams.sent:
        raise TrialFailed(
            f"iperf3: of {datagrams.sent:.0f} datagrams none arrived after "
            f"number {datagrams.expected:.0f}"
        )
    return datagrams


def udp_figures(end: Ended) -> dict[str, float]:
    """Return goodput, offered rate, loss, jitter and datagrams of a transfer.

    No loss is the least there is: iperf3 tells less when datagrams arrive twice or very late.
    """
    datagrams = counted(end)
    return {
        GOODPUT.key: mbit_per_s_of_bits(end.bits_per_s),
        "offered_mbit_per_s": mbit_per_s_of_bits(datagrams.offered_bits_per_s),
        "loss_percent": max(0.0, datagrams.lost_percent),
        "jitter_ms": datagrams.jitter_ms,
        "datagrams_per_s": (datagrams.expected - datagrams.lost) / datagrams.seconds,
        "datagram_bytes": float(DATAGRAM_BYTES),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf3Udp:
    """UDP goodput at full blast, or at ``max_rate`` where there is one."""

    tells_seconds: ClassVar[bool] = True

    max_rate_mbit_per_s: float | None = None

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Nothing to prepare."""

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        version = ""
        run = udp_command(server, seconds, self.max_rate_mbit_per_s)
        async with aclosing(transfer(client, run)) as telling:
            async for told in telling:
                match told:
                    case Started(version=version):
                        yield Running()
                    case Second():
                        yield told
                    case Ended() as end:
                        yield Measurement(
                            tool="iperf3",
                            tool_version=printable(version, limit=40),
                            figures=udp_figures(end),
                            payload_bytes=end.received_bytes,
                        )

"""Which driver runs which test."""

from collections.abc import Mapping

from cniadvisor.bench.driver import Driver
from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.bench.drivers.iperf3_udp import Iperf3Udp
from cniadvisor.bench.drivers.iperf3_udp_max import Iperf3UdpMax
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import Plan


def drivers_for(
    plan: Plan, *, max_rate_mbit_per_s: float | None = None
) -> Mapping[TestName, Driver]:
    """Return the driver of every test, set up for ``plan`` and for this run alone.

    ``max_rate_mbit_per_s`` limits what a test sends, all its streams together.
    """
    limit = max_rate_mbit_per_s
    return {
        TestName.TCP: Iperf3Tcp(streams=1, max_rate_mbit_per_s=limit),
        TestName.TCP_MULTI: Iperf3Tcp(streams=plan.streams, max_rate_mbit_per_s=limit),
        TestName.UDP: Iperf3Udp(max_rate_mbit_per_s=limit),
        TestName.UDP_MAX: Iperf3UdpMax(max_rate_mbit_per_s=limit),
    }

"""Which driver runs which test."""

from collections.abc import Mapping

from cniadvisor.bench.driver import Driver
from cniadvisor.bench.drivers.ftp import CurlFtp
from cniadvisor.bench.drivers.http import WrkGoodput
from cniadvisor.bench.drivers.http_latency import H2loadLatency
from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.bench.drivers.iperf3_udp import Iperf3Udp
from cniadvisor.bench.drivers.iperf3_udp_max import Iperf3UdpMax
from cniadvisor.bench.drivers.scp import ScpGoodput
from cniadvisor.bench.drivers.sockperf import Protocol, SockperfLatency
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import Plan

UNLIMITED: frozenset[TestName] = frozenset({TestName.HTTP})
"""Tests whose tool knows no limit of its rate: ``--max-rate`` has no effect on them."""


def drivers_for(plan: Plan) -> Mapping[TestName, Driver]:
    """Return the driver of every test, set up for ``plan`` and for this run alone.

    The plan's limit is for what a test moves, all its streams together; the tests in
    :data:`UNLIMITED` can't keep to it.
    """
    limit = plan.max_rate_mbit_per_s
    return {
        TestName.TCP: Iperf3Tcp(streams=1, max_rate_mbit_per_s=limit),
        TestName.TCP_MULTI: Iperf3Tcp(streams=plan.streams, max_rate_mbit_per_s=limit),
        TestName.UDP: Iperf3Udp(max_rate_mbit_per_s=limit),
        TestName.UDP_MAX: Iperf3UdpMax(max_rate_mbit_per_s=limit),
        TestName.HTTP: WrkGoodput(threads=plan.streams),
        TestName.HTTP_LATENCY: H2loadLatency(max_rate_mbit_per_s=limit),
        TestName.FTP: CurlFtp(max_rate_mbit_per_s=limit),
        TestName.SCP: ScpGoodput(max_rate_mbit_per_s=limit),
        TestName.LATENCY_TCP: SockperfLatency(protocol=Protocol.TCP, max_rate_mbit_per_s=limit),
        TestName.LATENCY_UDP: SockperfLatency(protocol=Protocol.UDP, max_rate_mbit_per_s=limit),
    }

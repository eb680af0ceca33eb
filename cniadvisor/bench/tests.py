"""Which driver runs which test."""

from collections.abc import Mapping

from cniadvisor.bench.driver import Driver
from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import Plan


def drivers_for(plan: Plan) -> Mapping[TestName, Driver]:
    """Return the driver of every test, set up for ``plan``."""
    return {
        TestName.TCP: Iperf3Tcp(streams=1),
        TestName.TCP_MULTI: Iperf3Tcp(streams=plan.streams),
    }

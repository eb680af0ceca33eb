"""Every test has its driver."""

from dataclasses import replace

import pytest

from cniadvisor.bench.drivers.http import WrkGoodput
from cniadvisor.bench.drivers.http_latency import H2loadLatency
from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.bench.drivers.scp import ScpGoodput
from cniadvisor.bench.tests import UNLIMITED, drivers_for
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan, Suite


@pytest.fixture
def plan() -> Plan:
    suite = Suite(
        name="test",
        tests=tuple(TestName),
        rounds=3,
        max_rounds=3,
        target_half_width_percent=None,
        duration_s=2,
        warm_up_s=1,
        idle_s=1,
        streams=8,
    )
    return Plan(run_id="r1", suite=suite, paths=tuple(PathName), seed=1, streams=4)


def test_every_test_has_a_driver_set_up_for_the_plan(plan: Plan) -> None:
    drivers = drivers_for(plan)

    assert set(drivers) == set(TestName)
    assert drivers[TestName.TCP] == Iperf3Tcp(streams=1)
    assert drivers[TestName.TCP_MULTI] == Iperf3Tcp(streams=4)
    assert drivers[TestName.HTTP] == WrkGoodput(threads=4)


def test_a_limit_reaches_every_tool_that_knows_one(plan: Plan) -> None:
    drivers = drivers_for(replace(plan, max_rate_mbit_per_s=100))

    limited = {
        test
        for test, driver in drivers.items()
        if getattr(driver, "max_rate_mbit_per_s", None) == 100
    }
    assert limited == set(TestName) - UNLIMITED
    assert drivers[TestName.HTTP_LATENCY] == H2loadLatency(max_rate_mbit_per_s=100)


def test_a_run_starts_with_drivers_that_remember_nothing(plan: Plan) -> None:
    one, other = drivers_for(plan)[TestName.SCP], drivers_for(plan)[TestName.SCP]

    assert isinstance(one, ScpGoodput)
    assert one is not other

from dataclasses import replace

import pytest

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan, Suite

QUICK = Suite(
    name="quick",
    tests=(TestName.TCP,),
    rounds=3,
    max_rounds=3,
    target_half_width_percent=None,
    duration_s=2.0,
    warm_up_s=1.0,
    idle_s=20.0,
    streams=1,
)


def plan(*tests: TestName) -> Plan:
    return Plan(
        run_id="r", suite=replace(QUICK, tests=tests), paths=tuple(PathName), seed=1, streams=1
    )


def test_sockperf_sleeps_before_every_transfer_and_that_is_expected() -> None:
    fast, slow = plan(TestName.TCP), plan(TestName.LATENCY_TCP)
    transfers = len(PathName) * (1 + QUICK.rounds)
    assert slow.expected_s - fast.expected_s == pytest.approx(2.0 * transfers)
    assert slow.measuring_s == fast.measuring_s


def test_the_probe_takes_its_time_before_the_trials() -> None:
    without = plan(TestName.TCP)
    probing = replace(without, probes_policy=True)
    assert without.probing_s == 0
    assert probing.expected_s - without.expected_s == probing.probing_s > 0
    assert probing.running_s == without.running_s
    assert probing.longest_s - without.longest_s > probing.probing_s


def test_everything_ends_later_than_expected() -> None:
    long = plan(*TestName)
    assert long.longest_s > 2 * long.expected_s


@pytest.mark.parametrize("warm_up_s", [60.0, 3600.0])
def test_a_long_warm_up_does_not_outlive_the_pods(warm_up_s: float) -> None:
    long = plan(*TestName)
    warming = replace(long, suite=replace(long.suite, warm_up_s=warm_up_s))
    assert warming.longest_s > 1.2 * warming.expected_s
    longer_s = warming.expected_s - long.expected_s
    assert warming.longest_s - long.longest_s == pytest.approx(1.5 * longer_s)

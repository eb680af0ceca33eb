"""Means over phases, from windows that do not care about phases."""

from datetime import UTC, datetime, timedelta

import pytest

from cniadvisor.domain.measurement import AgentUse
from cniadvisor.metrics.readings import PodReading, Usage
from cniadvisor.metrics.windows import Phase, use_over, windows_within

START = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)


def phase(seconds: float) -> Phase:
    return Phase(name="idle", start=START, end=START + timedelta(seconds=seconds))


def reading(ended_s: float, window_s: float, millicores: float, mib: float = 12) -> PodReading:
    return PodReading(
        ended=START + timedelta(seconds=ended_s),
        window_s=window_s,
        containers={"agent": Usage(cpu_millicores=millicores, memory_mib=mib)},
    )


def resolved(readings: list[PodReading], seconds: float) -> AgentUse:
    use = use_over(readings, "agent", phase(seconds))
    assert isinstance(use, AgentUse), use
    return use


def unresolved(readings: list[PodReading], seconds: float) -> str:
    reason = use_over(readings, "agent", phase(seconds))
    assert isinstance(reason, str), reason
    return reason


def test_windows_weigh_by_their_length() -> None:
    use = resolved([reading(20, 15, 10, 12), reading(50, 30, 40, 15)], 60)
    assert use.cpu_millicores == pytest.approx((10 * 15 + 40 * 30) / 45)
    assert use.memory_mib == pytest.approx((12 * 15 + 15 * 30) / 45)
    assert (use.windows, use.covered_s) == (2, 45)


def test_a_window_that_reaches_beyond_the_phase_does_not_count() -> None:
    busy_before, busy_after = reading(10, 15, 900), reading(70, 15, 900)
    use = resolved([busy_before, reading(25, 15, 10), reading(45, 20, 10), busy_after], 60)
    assert use.cpu_millicores == pytest.approx(10)
    assert use.windows == 2


def test_the_same_window_told_again_counts_once() -> None:
    assert (
        resolved([reading(20, 16, 10), reading(20, 16, 10), reading(36, 16, 10)], 40).windows == 2
    )


def test_windows_that_abut_but_for_the_cut_seconds_both_count() -> None:
    # As the real metrics-server tells them: ended 33 s, then ended 49 s over 16.037 s.
    assert resolved([reading(33, 15.484, 14), reading(49, 16.037, 15)], 60).windows == 2


def test_overlapping_windows_are_not_counted_twice() -> None:
    every_10_s = [reading(ended, 60, 10) for ended in range(60, 190, 10)]
    assert [one.ended for one in windows_within(every_10_s, phase(190))] == [
        START + timedelta(seconds=ended) for ended in (60, 120, 180)
    ]


def test_too_little_of_the_phase_is_not_resolved() -> None:
    assert "no window of the metrics API (up to 60 s each)" in unresolved([reading(60, 60, 10)], 20)
    reason = unresolved([reading(20, 15, 10)], 60)
    assert reason.startswith("1 window of the metrics API (up to 15 s each), 15 s together, lies")
    assert "the 60 s of the idle phase" in reason


def test_a_short_idle_window_may_be_resolved_by_luck() -> None:
    assert resolved([reading(18, 15, 10)], 20).covered_s == 15


def test_a_pod_nobody_told_of() -> None:
    assert unresolved([], 60) == "the metrics API told nothing about this pod"


def test_a_container_that_came_later_is_measured_from_then_on() -> None:
    both = PodReading(
        ended=START + timedelta(seconds=50),
        window_s=30,
        containers={name: Usage(cpu_millicores=5, memory_mib=1) for name in ("agent", "new")},
    )
    use = use_over([reading(18, 15, 10), both], "new", phase(60))
    assert isinstance(use, AgentUse)
    assert (use.windows, use.covered_s) == (1, 30)

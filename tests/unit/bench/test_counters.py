import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.counters import (
    CounterLog,
    Header,
    NodeCounters,
    Reading,
    cpu_use,
    history_s,
    parse_line,
)
from cniadvisor.bench.suites import LONGEST_S
from cniadvisor.domain.plan import Suite


def line(t: float, *, rx: int = 0, busy: int | None = None, mem: int = 500) -> bytes:
    told: dict[str, object] = {"t": t, "rx": rx, "tx": 0}
    if busy is not None:
        core = [busy // 2, 0, 0, 1000 - busy // 2, 0, 0, busy - busy // 2, 0]
        told |= {"cpu": [core, core, [0] * 8], "hz": 100, "mem": [1024 * 1000, 1024 * mem]}
        told |= {"self": 0.01}
    return json.dumps(told).encode()


def test_header_and_readings_are_told_apart() -> None:
    assert parse_line(
        b'{"sampler":1,"interface":"eth0","mtu":1450,"cpu_model":"AMD EPYC 7763"}'
    ) == Header(interface="eth0", mtu=1450, cpu_model="AMD EPYC 7763")
    assert parse_line(b'{"sampler":1,"interface":null,"mtu":null,"cpu_model":null}') == Header(
        interface=None, mtu=None, cpu_model=None
    )
    reading = parse_line(b'{"t":1.5,"rx":10,"tx":20}')
    assert reading == Reading(t=1.5, rx_bytes=10, tx_bytes=20, node=None)


@pytest.mark.parametrize(
    ("told", "model"),
    [("A\x1b[2J \u202eB", "A[2J B"), ("\x1b", None), ("", None), (7, None), ("x" * 500, ...)],
)
def test_a_cpu_model_is_printable_or_none(told: object, model: object) -> None:
    header = parse_line(json.dumps({"sampler": 1, "cpu_model": told}).encode())
    assert isinstance(header, Header)
    if model is ...:
        assert header.cpu_model is not None
        assert len(header.cpu_model) <= 100
    else:
        assert header.cpu_model == model


@given(st.binary(max_size=100))
def test_garbage_is_not_a_reading(text: bytes) -> None:
    assert parse_line(text) is None or b'"t"' in text or b"sampler" in text


def test_nic_bytes_are_bracketed_by_the_readings_around_the_span() -> None:
    log = CounterLog()
    for quarter in range(20):
        log.add(line(100 + quarter / 4, rx=1000 * quarter), arrived_s=quarter / 4)

    nic = log.nic(1.1, 2.1)

    assert nic is not None
    assert nic.rx_bytes == 5000  # from the reading at 1.00 to the one at 2.25
    assert nic.span_s == pytest.approx(1.25)


def test_a_span_the_sampler_has_not_reached_has_no_nic_bytes() -> None:
    log = CounterLog()
    log.add(line(100, rx=1), arrived_s=0)
    assert log.nic(0, 5) is None


@pytest.mark.parametrize("longest", ["duration_s", "idle_s"])
def test_the_first_reading_is_still_there_when_the_longest_span_ends(
    make_suite: Callable[..., Suite], longest: str
) -> None:
    log = CounterLog(kept_s=history_s(make_suite(**{longest: LONGEST_S})))
    for t in range(0, LONGEST_S + 30, 5):
        log.add(line(t, rx=t, busy=t // 10), arrived_s=t)

    nic, load = log.nic(10, LONGEST_S + 10), log.load(10, LONGEST_S + 10)

    assert nic is not None
    assert nic.rx_bytes == LONGEST_S + 5
    assert load is not None
    assert load.window_s == LONGEST_S


def test_a_short_suite_keeps_no_long_history(make_suite: Callable[..., Suite]) -> None:
    assert history_s(make_suite(duration_s=10.0, idle_s=60.0)) < 1000


def test_a_late_line_does_not_move_the_clock() -> None:
    log = CounterLog()
    log.add(line(100.0, rx=0), arrived_s=0.01)
    log.add(line(100.25, rx=7), arrived_s=3.0)  # held up on the way
    assert log.latest_s == pytest.approx(0.26)


def test_lines_told_again_after_a_reconnection_count_once() -> None:
    log = CounterLog()
    assert log.add(line(100.0, rx=5), 0.0) is not None
    assert log.add(line(100.0, rx=5), 1.0) is None


def test_cpu_is_busy_without_idle_and_iowait_and_tells_softirq() -> None:
    log = CounterLog()
    before = {"t": 0.0, "cpu": [[0] * 8, [0] * 8, [0] * 8], "hz": 100, "mem": [4096, 1024]}
    #        user nice sys idle iowait irq softirq steal
    machine = [10, 0, 20, 100, 30, 5, 25, 10]
    one_core = [5, 0, 15, 0, 0, 0, 80, 0]
    after = {"t": 1.0, "cpu": [machine, one_core, [0] * 8], "hz": 100, "mem": [4096, 2048]}
    log.add(json.dumps(before | {"self": 0}).encode(), 10.0)
    log.add(json.dumps(after | {"self": 0}).encode(), 11.0)

    load = log.load(9.9, 11.1)

    assert load is not None
    assert load.cpu.busy_millicores == pytest.approx(700)
    assert load.cpu.softirq_millicores == pytest.approx(250)
    assert load.cpu.irq_millicores == pytest.approx(50)
    assert load.cpu.steal_millicores == pytest.approx(100)
    assert load.cpu.busiest_core_percent == pytest.approx(100)
    assert load.cpu.cores == 2
    assert load.memory_used_mib == pytest.approx(2.5)


def test_the_load_counts_only_whole_seconds_inside_the_span() -> None:
    log = CounterLog()
    for second in range(5):
        log.add(line(50 + second, busy=100 * second), arrived_s=second)

    load = log.load(0.5, 3.5)

    assert load is not None
    assert load.window_s == pytest.approx(2)
    assert log.load(0.5, 1.4) is None


def counters(*ticks: int) -> NodeCounters:
    return NodeCounters(
        cpu_ticks=(ticks, ticks),
        ticks_per_s=100,
        memory_total_kib=2048,
        memory_available_kib=1024,
        sampler_cpu_s=0.0,
    )


@pytest.mark.parametrize("field", range(8))
def test_only_idle_times_may_run_backwards(field: int) -> None:
    first = [100] * 8
    last = [110] * 8
    last[field] = 90

    use = cpu_use(counters(*first), counters(*last), 1.0)

    if field in (3, 4):  # idle, iowait
        assert use is not None
        assert use.busy_millicores == pytest.approx(600)
        assert 0 <= use.busiest_core_percent <= 100
    else:
        assert use is None

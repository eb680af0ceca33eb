from functools import reduce

import pytest
from rich.cells import cell_len

from cniadvisor.domain.events import BenchEvent, Outcome, RunFinished, WarningRaised
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.tui.live.board import LiveBoard, advance_board, board_of
from cniadvisor.tui.live.cells import aligned
from cniadvisor.tui.live.state import LiveState
from cniadvisor.tui.live.strips import strips_of
from cniadvisor.tui.live.table import TestRow, columns_of, rows_of
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.symbols import ASCII, UNICODE
from tests.tui.example_events import (
    measuring,
    node_sample,
    recorded_events,
    run_started,
    second,
    trial_finished,
    trial_id,
    trial_started,
)

END = RunFinished(at_s=90.0, finished_at="", outcome=Outcome.COMPLETE)


def board(*events: BenchEvent, streams: tuple[str, ...] = ("",)) -> LiveBoard:
    return reduce(
        lambda so_far, event: advance_board(so_far, streams[0], event), events, board_of(streams)
    )


def row(*events: BenchEvent, test: TestName = TestName.TCP) -> TestRow:
    rows = rows_of(board(*events), UNICODE)
    return next(one for one in rows if one.test == test.value)


def warning(code: str) -> WarningRaised:
    return WarningRaised(at_s=10.0, code=code, text="why")


def test_a_row_tells_every_figure_with_its_unit() -> None:
    told = row(*recorded_events())
    assert told.state.text == "✓ done"
    assert told.rounds == "3 of 3"
    assert (told.last, told.pod, told.host) == ("8.93 Gbit/s", "8.91 Gbit/s", "9.40 Gbit/s")
    assert (told.ratio, told.interval) == ("94.6 %", "93.6 to 95.7 %")
    assert told.verdict.text == "! slower"


def test_while_a_trial_runs_its_newest_second_is_the_last_figure() -> None:
    pod = trial_id()
    events = (run_started(), measuring(), trial_started(pod, 31.0), second(pod, 1.0, 8888.0))
    assert row(*events).last == "8.89 Gbit/s"
    assert row(*events).state.text == "● running"
    assert row(*events, trial_finished(pod, 8910.0)).last == "8.91 Gbit/s"


def test_latency_is_told_as_so_many_times_the_baseline() -> None:
    events: list[BenchEvent] = [run_started(tests=(TestName.LATENCY_TCP,)), measuring()]
    for number in range(1, 4):
        for path, value in ((PathName.HOST, 30.0 + number / 100), (PathName.POD, 45.0)):
            trial = trial_id(TestName.LATENCY_TCP, path, number)
            events.append(trial_finished(trial, value))
    told = row(*events, test=TestName.LATENCY_TCP)
    assert told.ratio == "1.499 times"
    assert (told.pod, told.host) == ("45.0 us", "30.0 us")
    assert told.verdict.text == "! slower"


def test_a_test_without_baseline_is_done_when_its_pod_trials_are() -> None:
    events = (
        run_started(rounds=1),
        warning("no-baseline"),
        measuring(),
        trial_finished(trial_id(), 8910.0),
        END,
    )
    assert row(*events).state.text == "✓ done"
    assert row(*events).verdict.text == "? no verdict"


@pytest.mark.parametrize("ended", [False, True])
def test_a_test_that_does_not_work_is_left_out_and_not_cut_off(ended: bool) -> None:
    events = (run_started(), warning("no-figure-tcp"), measuring(), *((END,) if ended else ()))
    assert row(*events).state.text == "! left out"
    assert row(*events, test=TestName.TCP_MULTI).state.text == (
        "! cut off" if ended else "• waiting"
    )


@pytest.mark.parametrize("width", [1, 10, 39, 40, 59, 60, 76, 80, 112, 120, 200])
@pytest.mark.parametrize("streams", [("",), ("数据中心" * 10, "canal")])
def test_no_line_is_wider_than_its_place(width: int, streams: tuple[str, ...]) -> None:
    rows = rows_of(board(*recorded_events(), streams=streams), UNICODE)
    lines = aligned(columns_of(rows, width=width), width=width)
    assert len(lines) == 1 + len(rows)
    assert all(sum(cell_len(cell.text) for cell in line) <= width for line in lines)


def test_a_tiny_place_has_one_number_for_each_test() -> None:
    rows = rows_of(board(*recorded_events()), ASCII)
    lines = aligned(columns_of(rows, width=39), width=39)
    assert ["".join(cell.text for cell in line).rstrip() for line in lines] == [
        "test       pod network",
        "tcp        94.6 % of host",
        "tcp-multi  99.9 % of host",
    ]


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_wirings_that_begin_alike_are_told_apart(width: int) -> None:
    names = ("flannel-vxlan", "flannel-host-gw", "calico-vxlan", "calico-bgp")
    both = reduce(
        lambda so_far, name: advance_board(so_far, name, run_started()), names, board_of(names)
    )
    lines = aligned(columns_of(rows_of(both, UNICODE), width=width), width=width)
    shown = [line[0].text.strip() for line in lines[1:]]
    assert len(set(shown)) == len(names), shown
    assert all(name.endswith(short[-6:]) for name, short in zip(names, shown[::2], strict=True))


def test_before_the_run_begins_there_are_no_rows() -> None:
    assert rows_of(board_of(("",)), UNICODE) == ()
    assert rows_of(LiveBoard(), UNICODE) == ()


@pytest.mark.parametrize("width", [1, 30, 60, 80, 200])
@pytest.mark.parametrize("tall", [False, True])
def test_strips_tell_softirq_apart_and_fit(width: int, tall: bool) -> None:
    state: LiveState = board(*recorded_events()).streams[""]
    lines = strips_of(state, width=width, tall=tall, marker=ChartMarker.BRAILLE)
    assert len(lines) == (6 if tall else 2)
    assert all(sum(cell_len(cell.text) for cell in line) <= width for line in lines)
    text = "\n".join("".join(cell.text for cell in line) for line in lines)
    if width >= 60:
        assert "375 m" in text
        assert "950 MiB" in text


def test_one_machine_has_one_strip() -> None:
    samples = (node_sample(role, 31.0) for role in Role)
    state = board(run_started(one_machine=True), *samples).streams[""]
    (line,) = strips_of(state, width=80, tall=False, marker=ChartMarker.ASCII)
    assert "".join(cell.text for cell in line).startswith("machine 1500 of 4000 m busy")

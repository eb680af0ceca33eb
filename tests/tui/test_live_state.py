import math
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.events import (
    BenchEvent,
    CleanupStep,
    IdleMeasured,
    Outcome,
    Phase,
    PhaseStarted,
    PolicyProbed,
    RunFinished,
)
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.report import Machine, Verdict
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.tui.live.board import advance_board, board_of
from cniadvisor.tui.live.lines import progress_line
from cniadvisor.tui.live.series import MOST_NODE_POINTS, MOST_POINTS
from cniadvisor.tui.live.so_far import State, state_of
from cniadvisor.tui.live.state import MOST_LINES, LiveState, advance
from cniadvisor.wording.probes import probe_sentence
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


def told(*events: BenchEvent) -> LiveState:
    return reduce(advance, events, LiveState())


def test_what_the_probe_found_is_said() -> None:
    probe = PolicyProbe(probed_at="2026-11-23T09:00:00+00:00", reason="the pods don't meet")
    state = told(
        run_started(),
        PhaseStarted(at_s=20.0, phase=Phase.PROBE, detail="nobody must get in"),
        PolicyProbed(at_s=31.0, probe=probe),
    )
    assert progress_line(state).startswith("Probe: nobody must get in, 31 s so far, about ")
    assert state.log[-1].text == probe_sentence(probe)


def test_a_recorded_run_ends_with_the_medians_and_verdicts_of_its_report() -> None:
    events = recorded_events()
    builder = ReportBuilder()
    for event in events:
        builder(event)
    report = builder.report()
    state = told(*events)
    assert [one.test for one in report.comparisons] == list(state.tests)
    for comparison in report.comparisons:
        mine = state.tests[comparison.test].comparison
        assert mine is not None
        assert (mine.ratio, mine.ratio_95, mine.verdict, mine.pairs) == (
            comparison.ratio,
            comparison.ratio_95,
            comparison.verdict,
            comparison.pairs,
        )
    for summary in report.summaries:
        assert state.tests[summary.test].median(summary.path) == summary.median


def test_the_log_says_what_the_plain_terminal_says() -> None:
    state = told(*recorded_events())
    assert state.log[-1].text == "The run is complete after 1 min 4 s."
    wrong = [line.text for line in state.log if line.wrong]
    assert wrong[-1] == "Not removed: Namespace cniadvisor-k7m2q: still terminating"
    assert state.log_total == len(state.log)


def test_a_trial_grows_second_by_second_and_then_waits_for_the_next() -> None:
    trial = trial_id()
    state = told(run_started(), measuring(), trial_started(trial, 31.0))
    assert state.running == trial
    state = reduce(advance, [second(trial, 1.0, 8900.0), second(trial, 2.0, 8950.0)], state)
    assert state.series is not None
    assert state.series.points == ((1.0, 8900.0), (2.0, 8950.0))
    assert state.series.last_mbit_per_s == 8950.0
    state = advance(state, trial_finished(trial, 8925.0))
    assert state.running is None
    assert state.series is not None
    assert state.series.ended
    assert len(state.series.points) == 2


def test_what_is_no_number_is_a_gap() -> None:
    trial = trial_id()
    state = told(
        run_started(),
        trial_started(trial, 31.0),
        second(trial, 1.0, 8900.0),
        second(trial, 2.0, math.nan),
        second(trial, math.nan, 1.0),
        second(trial, 3.0, math.inf),
        second(trial, 9.0, 8910.0),
        second(trial, 9.0, 1.0),
    )
    assert state.series is not None
    assert state.series.points == (
        (1.0, 8900.0),
        (2.0, None),
        (3.0, None),
        (6.0, None),
        (9.0, 8910.0),
    )


def test_an_event_with_a_nan_in_it_is_left_out_and_said() -> None:
    state = told(run_started(), trial_finished(trial_id(), math.nan))
    assert state.tests[TestName.TCP].trials == ()
    assert state.log[-1].wrong
    assert state.log[-1].text.startswith("Left out: not a finite number")
    idle = IdleMeasured(
        at_s=math.nan,
        role=Role.CLIENT,
        cpu=node_sample(Role.CLIENT, 1.0).cpu,
        memory_used_mib=1.0,
        window_s=math.inf,
    )
    assert advance(state, idle).at_s == state.at_s


def test_the_verdict_firms_up_with_the_pairs() -> None:
    state = told(run_started(), measuring())
    verdicts: list[Verdict] = []
    for number, (pod, host) in enumerate([(90.0, 100.0), (90.5, 100.1), (89.9, 99.9)], start=1):
        for path, value in ((PathName.HOST, host), (PathName.POD, pod)):
            state = advance(state, trial_finished(trial_id(path=path, number=number), value))
        comparison = state.tests[TestName.TCP].comparison
        assert comparison is not None
        verdicts.append(comparison.verdict)
    assert verdicts == [Verdict.NO_VERDICT, Verdict.NO_VERDICT, Verdict.SLOWER]


def test_a_failed_trial_is_failed_until_its_second_attempt() -> None:
    started = run_started(rounds=1)
    state = told(started, trial_finished(trial_id(), None, failure="the server hung up"))
    so_far = state.tests[TestName.TCP]

    def place(of: LiveState, *, ended: bool = False) -> State:
        return state_of(
            of.tests[TestName.TCP],
            PathName.POD,
            plan=started.plan,
            running=of.running,
            ended=ended,
        )

    assert place(state) is State.FAILED
    assert so_far.median(PathName.POD) is None
    again = trial_id(attempt=2)
    state = advance(state, trial_started(again, 51.0))
    assert place(state) is State.RUNNING
    state = advance(state, trial_finished(again, 9000.0, at_s=52.0))
    assert place(state) is State.DONE
    assert state.tests[TestName.TCP].values(PathName.POD) == (9000.0,)


def test_what_never_ran_is_cut_off_when_the_run_ends() -> None:
    started = run_started()
    end = RunFinished(at_s=60.0, finished_at="", outcome=Outcome.PARTIAL, reason="interrupted")
    state = told(started, measuring(), trial_started(trial_id(), 31.0), end)
    place = state_of(
        state.tests[TestName.TCP], PathName.POD, plan=started.plan, running=None, ended=True
    )
    assert place is State.CUT_OFF
    assert state.running is None


def test_the_baseline_is_the_host_median_where_it_is_of_the_same_kind() -> None:
    host = trial_id(path=PathName.HOST)
    events = (
        run_started(),
        trial_started(host, 31.0),
        second(host, 1.0, 9400.0),
        trial_finished(host, 9410.0),
    )
    assert told(*events).tests[TestName.TCP].baseline_level_mbit_per_s == 9410.0
    wire = told(
        run_started(), trial_started(host, 31.0), second(host, 1.0, 9800.0, on_the_wire=True)
    )
    so_far = advance(wire, trial_finished(host, 9410.0)).tests[TestName.TCP]
    assert so_far.baseline_level_mbit_per_s is None
    assert so_far.baseline is not None
    assert so_far.baseline.points == ((1.0, 9800.0),)


def test_two_nodes_are_two_series_and_one_machine_is_one() -> None:
    samples = [node_sample(role, float(at)) for at in range(3) for role in Role]
    two = told(run_started(), *samples)
    assert [series.machine for series in two.nodes.values()] == [Machine.CLIENT, Machine.SERVER]
    one = told(run_started(one_machine=True), *samples)
    assert [series.machine for series in one.nodes.values()] == [Machine.MACHINE]
    assert len(one.nodes[Role.CLIENT].points) == 3


def test_clean_up_is_told_step_by_step() -> None:
    state = told(
        run_started(),
        trial_started(trial_id(), 31.0),
        PhaseStarted(at_s=40.0, phase=Phase.CLOSE, detail="removing what this run made"),
        CleanupStep(at_s=41.0, what="Job a"),
        CleanupStep(at_s=42.0, what="Job b", error="no answer"),
    )
    assert state.running is None
    assert [step.what for step in state.cleanup] == ["Job a", "Job b"]


def test_a_hundred_thousand_samples_stay_small_and_keep_their_spike() -> None:
    trial = trial_id()
    state = told(run_started(), trial_started(trial, 31.0))
    for number in range(1, 100_001):
        value = 3.0 if number == 54_321 else 9000.0 + number % 5
        state = advance(state, second(trial, float(number), value))
        if number % 50 == 0:
            state = advance(state, node_sample(Role.CLIENT, 30.0 + number))
    assert state.series is not None
    assert len(state.series.points) <= MOST_POINTS
    assert 3.0 in [y for _, y in state.series.points]
    assert state.series.points[-1][0] == 100_000.0
    assert len(state.nodes[Role.CLIENT].points) == MOST_NODE_POINTS


def test_a_long_log_keeps_its_newest_lines() -> None:
    steps = [CleanupStep(at_s=float(at), what=f"Job {at}") for at in range(MOST_LINES * 2)]
    state = told(run_started(), *steps)
    assert len(state.log) == MOST_LINES
    assert state.log_total == 2 * MOST_LINES + 2
    assert len(state.cleanup) <= MOST_LINES


@given(
    numbers=st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        max_size=50,
    )
)
def test_whatever_a_sampler_says_seconds_ascend_and_values_are_numbers(
    numbers: list[tuple[float, float]],
) -> None:
    trial = trial_id()
    state = told(
        run_started(),
        trial_started(trial, 31.0),
        *(second(trial, at, value) for at, value in numbers),
        *(node_sample(Role.CLIENT, at, value, value, value) for at, value in numbers),
    )
    assert state.series is not None
    seconds = [at for at, _ in state.series.points]
    assert seconds == sorted(seconds)
    assert all(value is None or math.isfinite(value) for _, value in state.series.points)
    assert math.isfinite(state.at_s)


@pytest.mark.parametrize("names", [("",), ("flannel-vxlan", "canal")])
def test_a_board_keeps_its_streams_apart_and_knows_the_busy_one(names: tuple[str, ...]) -> None:
    board = board_of(names)
    for event in recorded_events():
        board = advance_board(board, names[-1], event)
    assert tuple(board.streams) == names
    assert board.busy == names[-1]
    assert board.streams[names[-1]].finished is not None
    assert len(names) == 1 or board.streams[names[0]] == LiveState()

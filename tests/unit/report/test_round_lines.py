import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.measurement import PathName, Role, TestName, Trial
from cniadvisor.domain.report import Report
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.frames import (
    Load,
    RoundLine,
    figure_lines,
    load_lines,
    share_lines,
    together,
)

MakeTrial = Callable[..., Trial]
RunOf = Callable[[list[Trial]], list[BenchEvent]]


def built(events: list[BenchEvent]) -> Report:
    builder = ReportBuilder()
    for event in events:
        builder(event)
    return builder.report()


@pytest.fixture
def report(run_events: list[BenchEvent]) -> Report:
    return built(run_events)


@pytest.fixture
def one_machine(one_machine_events: list[BenchEvent]) -> Report:
    return built(one_machine_events)


@pytest.fixture
def of_trials(run_of: RunOf) -> Callable[..., Report]:
    return lambda *trials: built(run_of(list(trials)))


def test_a_figure_has_a_line_for_each_report_and_path(report: Report) -> None:
    lines = figure_lines([report, report], TestName.TCP)

    assert [(line.place, line.path) for line in lines] == [
        (0, PathName.HOST),
        (0, PathName.POD),
        (1, PathName.HOST),
        (1, PathName.POD),
    ]
    assert lines[1] == RoundLine(
        place=0, path=PathName.POD, rounds=(1, 2, 3), values=(8910.5, 8850.0, 8932.75)
    )


def test_shares_are_of_the_same_round(report: Report) -> None:
    (line,) = share_lines([report], TestName.TCP)

    assert line.rounds == (1, 2, 3)
    assert line.values[0] == pytest.approx(100 * 8910.5 / 9410.25)


def test_a_retry_replaces_and_a_failure_leaves_a_gap(
    of_trials: Callable[..., Report], make_trial: MakeTrial
) -> None:
    report = of_trials(
        make_trial(9_000.0, number=1),
        make_trial(None, number=1, attempt=2),
        make_trial(None, number=2),
        make_trial(8_000.0, number=2, attempt=2),
        make_trial(7_000.0, number=3),
    )

    (line,) = figure_lines([report], TestName.TCP)

    assert (line.rounds, line.values) == ((2, 3), (8_000.0, 7_000.0))


def test_what_cannot_be_has_no_share(
    of_trials: Callable[..., Report], make_trial: MakeTrial
) -> None:
    report = of_trials(
        make_trial(9_000.0, number=1),
        make_trial(0.0, number=1, path=PathName.HOST),
        make_trial(9_000.0, number=2),
    )

    assert share_lines([report], TestName.TCP) == ()


def test_the_load_is_that_of_both_nodes_or_of_the_one_machine(
    report: Report, one_machine: Report
) -> None:
    tests = [TestName.TCP, TestName.TCP_MULTI]

    two = load_lines([report], tests, Load.CPU)
    one = load_lines([one_machine], tests, Load.MEMORY)

    assert [(line.path, line.values) for line in two] == [
        (PathName.HOST, (1500.0, 1500.0, 1500.0)),
        (PathName.POD, (2250.0, 2250.0, 2250.0)),
    ]
    assert [line.values for line in one] == [(900.0,) * 3] * 2


def test_a_trial_not_sampled_on_both_nodes_and_a_round_without_a_test_do_not_count(
    report: Report,
) -> None:
    first = next(t for t in report.trials if t.id.path is PathName.POD)
    bare = replace(first, load={Role.CLIENT: first.load[Role.CLIENT]})
    trials = tuple(bare if trial is first else trial for trial in report.trials)

    lines = load_lines(
        [replace(report, trials=trials)], [TestName.TCP, TestName.TCP_MULTI], Load.CPU
    )

    assert {line.path: line.rounds for line in lines} == {
        PathName.HOST: (1, 2, 3),
        PathName.POD: (2, 3),
    }


def test_a_common_baseline_is_the_median_of_the_reports(report: Report) -> None:
    slower = replace(
        report,
        trials=tuple(
            replace(trial, figures={"goodput_mbit_per_s": (trial.value or 0) - 100})
            for trial in report.trials
            if trial.id.round < 3
        ),
    )

    baseline = together(figure_lines([report, slower], TestName.TCP), PathName.HOST)

    assert baseline.place is None
    assert baseline.rounds == (1, 2, 3)
    assert baseline.values == pytest.approx((9360.25, 9345.5, 9402.0))


def test_nothing_in_gives_nothing_out(report: Report) -> None:
    bare = replace(report, trials=())

    for reports in ([], [bare]):
        assert figure_lines(reports, TestName.TCP) == ()
        assert share_lines(reports, TestName.TCP) == ()
        assert load_lines(reports, [TestName.TCP], Load.CPU) == ()
    assert figure_lines([report], TestName.SCP) == ()
    assert together((), PathName.HOST).values == ()


def test_nothing_is_ever_nan(report: Report) -> None:
    lines = [
        *figure_lines([report], TestName.TCP),
        *share_lines([report], TestName.TCP),
        *load_lines([report], [TestName.TCP], Load.CPU),
    ]
    assert all(math.isfinite(value) for line in lines for value in line.values)

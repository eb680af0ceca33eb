"""The two charts of the Live screen: the trial that runs, and this test's rounds so far."""

from cniadvisor.domain.measurement import FIGURES, PathName
from cniadvisor.tui.charts.chart import Across, Level, Line, LineChart
from cniadvisor.tui.live.so_far import TestSoFar
from cniadvisor.tui.live.state import LiveState
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording.live import baseline_name, trial_title
from cniadvisor.wording.words import network, test_name

_MEANINGS = {PathName.POD: Meaning.POD, PathName.HOST: Meaning.HOST}
_MARKS = {PathName.POD: "P", PathName.HOST: "H"}


def trial_chart(state: LiveState) -> LineChart:
    """Return the trial that runs, or the last one, second by second, with the baseline."""
    plan, series = state.plan, state.series
    if plan is None or series is None:
        return LineChart(title="Throughput", unit="Mbit/s", empty="No trial has begun yet.")
    trial = series.trial
    wire = ", on the wire" if series.on_the_wire else ""
    lines = [
        Line(
            name=network(trial.path),
            mark=_MARKS[trial.path],
            meaning=_MEANINGS[trial.path],
            points=series.points,
        )
    ]
    levels: list[Level] = []
    so_far = state.tests.get(trial.test)
    level = so_far.baseline_level_mbit_per_s if so_far is not None else None
    if so_far is not None and level is not None:
        trials = len(so_far.values(PathName.HOST))
        levels.append(
            Level(name=baseline_name(trials), mark="B", meaning=Meaning.HOST, value=level)
        )
    elif so_far is not None and so_far.baseline is not None and trial.path is PathName.POD:
        before = so_far.baseline
        lines.append(
            Line(
                name=f"{network(PathName.HOST)} (baseline), round {before.trial.round}",
                mark="B",
                meaning=Meaning.HOST,
                points=before.points,
            )
        )
    return LineChart(
        title=f"{trial_title(plan, trial)}{wire}",
        unit="Mbit/s",
        lines=tuple(lines),
        levels=tuple(levels),
        across_to=plan.suite.duration_s,
        empty=(
            "This tool tells nothing while it runs."
            if series.ended
            else "Waiting for the first second."
        ),
    )


def rounds_chart(state: LiveState) -> LineChart:
    """Return the figures of the test that runs, or ran last, round by round on both paths."""
    test = state.series.trial.test if state.series is not None else None
    so_far = state.tests.get(test) if test is not None else None
    if so_far is None or state.plan is None:
        return LineChart(title="Rounds", unit="Mbit/s", across=Across.ROUNDS)
    figure = FIGURES[so_far.test]
    return LineChart(
        title=f"{test_name(so_far.test, state.plan.streams)}, round by round: {figure.label}",
        unit=figure.unit,
        across=Across.ROUNDS,
        lines=tuple(
            Line(
                name=network(path),
                mark=_MARKS[path],
                meaning=_MEANINGS[path],
                points=_by_round(so_far, path),
            )
            for path in state.plan.paths
        ),
        empty="No round of this test is over yet.",
    )


def _by_round(so_far: TestSoFar, path: PathName) -> tuple[tuple[float, float | None], ...]:
    of_path = sorted(
        (trial for trial in so_far.trials if trial.id.path is path),
        key=lambda trial: trial.id.round,
    )
    return tuple((float(trial.id.round), trial.value) for trial in of_path)

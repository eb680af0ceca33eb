"""What is known of each test so far, and the verdict as it firms up."""

from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from cniadvisor.domain.measurement import FIGURES, GOODPUT, PathName, TestName, Trial, TrialId
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.report import Comparison
from cniadvisor.stats.comparison import compare
from cniadvisor.stats.pairing import latest_attempts, pairs_of
from cniadvisor.tui.live.series import Points, TrialSeries, thinned


class State(StrEnum):
    """How far a test on a path is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CUT_OFF = "cut off"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The last trial on the host network, second by second."""

    trial: TrialId
    points: Points
    on_the_wire: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSoFar:
    """One test.

    Attributes:
        trials: those that count, without their samples.
        comparison: of the pairs so far, as the report makes it; None without a trial.
        baseline: the last host trial's series; None before there was one.
    """

    __test__ = False

    test: TestName
    trials: tuple[Trial, ...] = ()
    comparison: Comparison | None = None
    baseline: Baseline | None = None

    def values(self, path: PathName) -> tuple[float, ...]:
        """Return the figures of a path, round by round."""
        return tuple(
            trial.value
            for trial in sorted(self.trials, key=lambda trial: trial.id.round)
            if trial.id.path is path and trial.value is not None
        )

    def median(self, path: PathName) -> float | None:
        """Return the median so far."""
        values = self.values(path)
        return median(values) if values else None

    def last(self, path: PathName) -> float | None:
        """Return the newest figure."""
        of_path = [trial for trial in self.trials if trial.id.path is path]
        return max(of_path, key=lambda trial: trial.started_s).value if of_path else None

    @property
    def baseline_level_mbit_per_s(self) -> float | None:
        """The host trials' median, where it is of the same kind as what is told by the second.

        What the wire carries has headers in it, and the search of udp-max tells its steps: there
        the last host trial itself is the baseline.
        """
        told = self.baseline is not None and not self.baseline.on_the_wire
        return self.median(PathName.HOST) if told and FIGURES[self.test] is GOODPUT else None


def with_trial(so_far: TestSoFar, trial: Trial, series: TrialSeries | None) -> TestSoFar:
    """Return a test with one more trial; ``series`` is what was seen of it."""
    trials = latest_attempts((*so_far.trials, replace(trial, samples_mbit_per_s=())))
    pairs, dropped = pairs_of(so_far.test, trials)
    baseline = so_far.baseline
    if trial.id.path is PathName.HOST and series is not None and series.points:
        baseline = Baseline(
            trial=trial.id, points=thinned(series.points), on_the_wire=series.on_the_wire
        )
    return TestSoFar(
        test=so_far.test,
        trials=trials,
        comparison=compare(so_far.test, pairs, dropped=dropped),
        baseline=baseline,
    )


def state_of(
    so_far: TestSoFar, path: PathName, *, plan: Plan, running: TrialId | None, ended: bool
) -> State:
    """Say how far a test on a path is."""
    if running is not None and (running.test, running.path) == (so_far.test, path):
        return State.RUNNING
    of_path = [trial for trial in so_far.trials if trial.id.path is path]
    if of_path and all(trial.value is None for trial in of_path):
        return State.FAILED
    if len(of_path) >= plan.suite.rounds:
        return State.DONE
    return State.CUT_OFF if ended else State.WAITING


def rounds_done(so_far: TestSoFar, path: PathName) -> int:
    """Return in how many rounds a path has a figure."""
    return len(so_far.values(path))

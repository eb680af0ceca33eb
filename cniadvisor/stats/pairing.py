"""Which trials count, and which two of them make a pair."""

from collections.abc import Iterable

from cniadvisor.domain.measurement import PathName, TestName, Trial
from cniadvisor.stats.comparison import Pair


def latest_attempts(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Return the trials that count: of every test, path and round the latest attempt.

    The latest, not the best: whoever may pick among attempts picks the answer.
    """
    latest: dict[tuple[TestName, PathName, int], Trial] = {}
    for trial in trials:
        place = (trial.id.test, trial.id.path, trial.id.round)
        known = latest.get(place)
        if known is None or trial.id.attempt >= known.id.attempt:
            latest[place] = trial
    return tuple(latest.values())


def pairs_of(test: TestName, counting: Iterable[Trial]) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Return the pod/host pairs of a test by round, and why other rounds give none."""
    rounds: dict[int, dict[PathName, Trial]] = {}
    for trial in counting:
        if trial.id.test == test:
            rounds.setdefault(trial.id.round, {})[trial.id.path] = trial
    pairs: list[Pair] = []
    dropped: list[str] = []
    for number, by_path in sorted(rounds.items()):
        missing = [path for path in PathName if path not in by_path]
        failed = [path for path in PathName if path in by_path and by_path[path].value is None]
        if failed:
            unmeasured = all(by_path[path].failure is None for path in failed)
            told = "has no figure" if unmeasured else "failed"
            dropped.append(f"round {number}: the {' and the '.join(failed)} trial {told}")
        elif missing:
            dropped.append(f"round {number}: no {' and no '.join(missing)} trial")
        else:
            pod, host = by_path[PathName.POD].value, by_path[PathName.HOST].value
            assert pod is not None
            assert host is not None
            pairs.append(Pair(round=number, pod=pod, host=host))
    return tuple(pairs), tuple(dropped)

"""The order of trials: pure, and fixed by the seed.

Rounds are interleaved and shuffled so that whatever drifts on the machine meanwhile (heat,
neighbours, a backup) hits every test and both paths alike. Within a test the paths run back to
back in random order; those two trials are a pair.
"""

import random
from collections.abc import Collection

from cniadvisor.domain.measurement import PathName, TestName, Trial, TrialId
from cniadvisor.domain.plan import Suite
from cniadvisor.stats.comparison import paired_ratio
from cniadvisor.stats.pairing import latest_attempts, pairs_of


def round_trials(
    *, seed: int, round_number: int, places: Collection[tuple[TestName, PathName]]
) -> tuple[TrialId, ...]:
    """Return the trials of one round in their order: a test's paths back to back.

    The order depends on the seed and the round alone: a test that stopped early leaves a gap, it
    does not reorder the others.
    """
    order = random.Random(f"{seed}/{round_number}")  # noqa: S311 - a schedule, not a secret
    every_test = list(TestName)
    order.shuffle(every_test)
    trials: list[TrialId] = []
    for test in every_test:
        ways = list(PathName)
        order.shuffle(ways)
        trials += [
            TrialId(test=test, path=path, round=round_number)
            for path in ways
            if (test, path) in places
        ]
    return tuple(trials)


def retries(trials: Collection[Trial]) -> tuple[TrialId, ...]:
    """Return the second attempts that end a round.

    A failed trial is tried again together with the other path's, back to back as before: halves
    of a pair that lie a round apart would not be a pair.
    """
    failed = {trial.id.test for trial in trials if trial.failure is not None}
    return tuple(
        TrialId(test=trial.id.test, path=trial.id.path, round=trial.id.round, attempt=2)
        for trial in trials
        if trial.id.test in failed
    )


def wants_more(suite: Suite, test: TestName, trials: Collection[Trial]) -> bool:
    """Whether a test needs another round after those that always run.

    It looks at the width of the ratio's interval alone, never at the verdict: stopping when the
    answer pleases would make the answer wrong. Without a ratio (no baseline, failed trials) more
    rounds would not help.
    """
    if suite.target_half_width_percent is None:
        return False
    pairs, _ = pairs_of(test, latest_attempts(trials))
    ratio = paired_ratio(pairs)
    return ratio is not None and ratio.half_width_percent > suite.target_half_width_percent

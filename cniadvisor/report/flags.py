"""What stands beside a verdict without changing it."""

from collections.abc import Sequence

from cniadvisor.domain.measurement import PathName, Trial
from cniadvisor.domain.report import Comparison, Flag, Summary, Verdict
from cniadvisor.stats.traffic import saw_other_traffic

CPU_BOUND_PERCENT = 98.0
"""A core this busy over a whole trial has no time left; counters are ticks of 10 ms, so not 100."""


def flags_of(
    comparison: Comparison, summaries: Sequence[Summary], trials: Sequence[Trial]
) -> tuple[Flag, ...]:
    """Return the flags of one test, from its summaries and its trials that have a figure."""
    proofs = [trial.nic for trial in trials if trial.nic is not None]
    raised = {
        Flag.UNSTABLE: any(summary.unstable for summary in summaries),
        Flag.ABOVE_BASELINE: comparison.verdict is Verdict.FASTER,
        Flag.CPU_BOUND: any(_mostly_cpu_bound(trials, path) for path in PathName),
        Flag.NOT_ON_NIC: any(not proof.crossed for proof in proofs),
        Flag.OTHER_TRAFFIC: any(saw_other_traffic(trial) for trial in trials),
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised)


def _mostly_cpu_bound(trials: Sequence[Trial], path: PathName) -> bool:
    of_path = [trial for trial in trials if trial.id.path is path]
    return sum(_cpu_bound(trial) for trial in of_path) * 2 > len(of_path)


def _cpu_bound(trial: Trial) -> bool:
    return any(load.cpu.busiest_core_percent >= CPU_BOUND_PERCENT for load in trial.load.values())

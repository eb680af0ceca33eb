"""What a run under way says of itself at a glance: how far, how long, how it ended."""

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.events import Phase
from cniadvisor.domain.measurement import PathName, TrialId
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.report import Comparison
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.wording.events import PHASES
from cniadvisor.wording.words import duration, ended, network, ratio_percent, ratio_times, test_name

NOTHING = "n/a"

PAUSED = "The view is paused; the run goes on."


def progress_sentence(
    *,
    phase: Phase | None,
    words: str,
    elapsed_s: float,
    finished: int,
    trials: int,
    left_s: float | None,
    at_most: bool,
) -> str:
    """Say how far a run is.

    Args:
        phase: of now; None before the first.
        words: what the phase says of itself.
        elapsed_s: seconds since the run began.
        finished: trials that are over.
        trials: of the rounds that always run.
        left_s: estimate of what is left; None when nobody can tell.
        at_most: the estimate counts rounds that may not be needed.
    """
    if phase is None:
        return "The run begins."
    done = f"{PHASES[phase]}: {_done(phase, words, finished, trials)}, {duration(elapsed_s)} so far"
    if left_s is None:
        return f"{done}."
    return f"{done}, {'at most' if at_most else 'about'} {duration(_rounded(left_s))} left."


def silence_sentence(seconds: float) -> str:
    """Say how long nothing was heard of a run; empty while that is nothing unusual."""
    return f"Nothing new for {duration(seconds)}." if seconds >= _UNUSUAL_S else ""


_UNUSUAL_S = 10.0
"""While trials run the nodes tell something each second."""


def speed_sentence(speed: float) -> str:
    """Say how fast a recording is told; ``speed`` recorded seconds pass in one."""
    return "Told as fast as it happened." if speed == 1 else f"Told {speed:g} times as fast."


def _done(phase: Phase, words: str, finished: int, trials: int) -> str:
    if phase is not Phase.MEASURE:
        return printable(words, limit=200) or "begins"
    if finished <= trials:
        return f"{finished} of {counted(trials, 'trial')} done"
    return f"{counted(finished, 'trial')} done, extra rounds"


def _rounded(seconds: float) -> float:
    """An estimate has no odd seconds."""
    return 10 * round(seconds / 10) if seconds >= 60 else 5 * round(seconds / 5)


def trial_title(plan: Plan, trial: TrialId) -> str:
    """Name a trial as the title of a chart: ``TCP on the pod network, round 1 of 3``."""
    rounds = (
        f"round {trial.round} of {plan.suite.rounds}"
        if trial.round <= plan.suite.rounds
        else f"round {trial.round} of at most {plan.suite.max_rounds}"
    )
    again = ", second attempt" if trial.attempt > 1 else ""
    return f"{test_name(trial.test, plan.streams)} on the {network(trial.path)}, {rounds}{again}"


def baseline_name(trials: int) -> str:
    """Name the level of the host network's trials so far."""
    return f"{network(PathName.HOST)} (baseline), median of {counted(trials, 'trial')}"


def ratio_words(comparison: Comparison | None, *, higher_is_better: bool) -> tuple[str, str]:
    """Return a ratio against the baseline and its 95 % interval; ``n/a`` where there is none."""
    if comparison is None or comparison.ratio is None or comparison.ratio_95 is None:
        return NOTHING, NOTHING
    told = ratio_percent if higher_is_better else ratio_times
    return told(comparison.ratio, comparison.ratio_95)


def cpu_words(busy_millicores: float, softirq_millicores: float | None, cores: int) -> str:
    """Say what a node's CPU does: ``1500 of 4000 m busy, 375 m softirq``."""
    softirq = "" if softirq_millicores is None else f", {softirq_millicores:.0f} m softirq"
    return f"{busy_millicores:.0f} of {cores * 1000} m busy{softirq}"


def memory_words(used_mib: float) -> str:
    """Say how much memory is in use."""
    return f"{used_mib:.0f} MiB"


def removed_words(removed: int, left: int) -> str:
    """Say how far clean-up is: ``3 objects removed, 1 not removed``; empty before the first."""
    told = [f"{counted(removed, 'object')} removed"] if removed else []
    if left:
        told.append(f"{left} not removed")
    return ", ".join(told)


def end_sentences(
    *,
    error: CniAdvisorError | None,
    cancelled: bool,
    reports: tuple[str, ...],
    key: str | None,
) -> list[str]:
    """Say what is to be known of a run that is over: why it stopped, and where its report is.

    Args:
        error: why it did not do what was asked.
        cancelled: somebody asked it to stop.
        reports: the files that were written.
        key: leads to them in the app; None where none does.
    """
    told: list[str] = []
    if cancelled and reports:
        told.append("You cancelled it; what was measured until then is kept.")
    elif cancelled and error is None:
        told.append("You cancelled it before anything was measured, so there is no report.")
    if error is not None:
        told.append(ended(error.message))
        if error.hint:
            told.append(ended(error.hint) if reports else printable(error.hint))
    if reports:
        how = f" (key {key} shows it)" if key else ""
        told.append(f"Report{how}: {', '.join(printable(path) for path in reports)}")
    return told


NO_RUN = (
    "No run yet. Plan one for this cluster, measure this machine in the lab, or watch a recording: "
    "the first two screens offer all three."
)

CANCEL = (
    "Stop this run? What was measured is kept in a report, and everything the run made is removed."
)

LEAVE = (
    "Clean-up is under way. Leave it unfinished? What is left is named, with the command that "
    "removes it."
)

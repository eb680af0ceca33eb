"""Trials whose figure is what a core, or the whole machine, could do, and not what the wire could.

Only transfers are judged, and not scp: its cipher fills a core by design (see tools.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from cniadvisor.diagnose.facts import good_trials, in_order, nic_name
from cniadvisor.domain.measurement import FIGURES, CpuUse, PathName, TestName, Trial
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.words import listed

FULL_CORE_PERCENT = 98.0
"""Counters are ticks of 10 ms, so a core without a moment to spare does not show 100."""

SOFTIRQ_BOUND_MILLICORES = 900.0
SOFTIRQ_BOUND_PERCENT = 90.0
"""Packet work that nearly fills the busiest core: the rest of it are the gaps between bursts."""

IDLE_CORES = 0.5
"""Less than this left over on the whole machine: then no core was idle."""


def cpu_bound(report: Report) -> tuple[Diagnosis, ...]:
    """Say which tests were bound by one core, and which by all of them, in most of their trials."""
    groups: dict[tuple[str, str], list[Trial]] = {}
    for trial in good_trials(report):
        if FIGURES[trial.id.test].unit == "Mbit/s" and trial.id.test is not TestName.SCP:
            groups.setdefault((trial.id.test, trial.id.path), []).append(trial)
    one_core: list[_Bound] = []
    whole_machine: list[_Bound] = []
    for trials in groups.values():
        uses = [use for trial in trials if (use := _full_use(trial)) is not None]
        if 2 * len(uses) <= len(trials):
            continue
        bound = _Bound(trials=trials, uses=uses)
        (one_core if bound.idle_cores >= IDLE_CORES else whole_machine).append(bound)
    found: list[Diagnosis] = []
    if one_core:
        found.append(_one_core(report, one_core))
    if whole_machine:
        found.append(_whole_machine(whole_machine))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """The trials of one test and path, and the CPU use of the node that was at its limit."""

    trials: Sequence[Trial]
    uses: Sequence[CpuUse]

    @property
    def idle_cores(self) -> float:
        return fmean(max(0.0, use.cores - use.busy_millicores / 1000) for use in self.uses)

    @property
    def name(self) -> str:
        path = "pod" if self.trials[0].id.path is PathName.POD else "host"
        return f"{self.trials[0].id.test} ({path} network)"


def _full_use(trial: Trial) -> CpuUse | None:
    """Return the use of the node that had a core at its limit; the busier if both had."""
    full = [load.cpu for load in trial.load.values() if _is_full(load.cpu)]
    return max(full, key=lambda use: use.busiest_core_percent, default=None)


def _is_full(use: CpuUse) -> bool:
    softirq = (
        use.softirq_millicores >= SOFTIRQ_BOUND_MILLICORES
        and use.busiest_core_percent >= SOFTIRQ_BOUND_PERCENT
    )
    return use.busiest_core_percent >= FULL_CORE_PERCENT or softirq


def _one_core(report: Report, bounds: Sequence[_Bound]) -> Diagnosis:
    uses = [use for bound in bounds for use in bound.uses]
    busiest = fmean(use.busiest_core_percent for use in uses)
    softirq = fmean(use.softirq_millicores for use in uses)
    idle = fmean(bound.idle_cores for bound in bounds)
    nic = nic_name(report)
    return Diagnosis(
        code="one-core-bound",
        severity=Severity.WARNING,
        text=f"One core was busy all the time ({busiest:.0f} %) while {idle:.1f} of "
        f"{uses[0].cores} cores were idle, in {_names(bounds)}; {softirq:.0f} millicores were "
        "softirq, the kernel's packet work. The figure is that core's limit, not the network's.",
        advice="One flow stays on one core by design, so read tcp-multi for what the nodes can do. "
        f"With many flows: see that the NIC has several queues (ethtool -l {nic}) and spreads "
        f"tunnelled flows by their UDP ports (ethtool -N {nic} rx-flow-hash udp4 sdfn), or turn on "
        "RPS; larger packets and GRO make less work per byte.",
        source="docs.kernel.org/networking/scaling.html",
        tests=in_order(bound.trials[0].id.test for bound in bounds),
    )


def _whole_machine(bounds: Sequence[_Bound]) -> Diagnosis:
    uses = [use for bound in bounds for use in bound.uses]
    return Diagnosis(
        code="machine-bound",
        severity=Severity.WARNING,
        text=f"All {uses[0].cores} cores of a node were busy in {_names(bounds)} "
        f"({fmean(use.busy_millicores for use in uses):.0f} millicores): the figure is what the "
        "CPU could do, and what the CNI costs shows as lost goodput.",
        advice="Compare CPU per Gbit/s as well as goodput; measure on nodes with more free CPU, or "
        "at a fixed rate below the limit, to see the network itself.",
        source="docs/method.md",
        tests=in_order(bound.trials[0].id.test for bound in bounds),
    )


def _names(bounds: Sequence[_Bound]) -> str:
    return listed([bound.name for bound in bounds])

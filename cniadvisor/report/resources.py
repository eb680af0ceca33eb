"""What a run costs the nodes: means over idle windows and over the trials of a test and path."""

from collections.abc import Sequence
from typing import Protocol

from cniadvisor.domain.events import IdleMeasured
from cniadvisor.domain.measurement import FIGURES, GOODPUT, CpuUse, Role, Trial
from cniadvisor.domain.report import Machine, Resource

_MBIT_PER_GBIT = 1000


class Window(Protocol):
    """CPU and memory over a window of time."""

    @property
    def cpu(self) -> CpuUse:
        """Mean CPU use."""
        ...

    @property
    def memory_used_mib(self) -> float:
        """Mean memory in use."""
        ...

    @property
    def window_s(self) -> float:
        """How long."""
        ...


def idle_resource(machine: Machine, idle: IdleMeasured) -> Resource:
    """Return what a machine does while nothing of ours runs."""
    return Resource(
        role=machine,
        test=None,
        path=None,
        cpu=idle.cpu,
        memory_used_mib=idle.memory_used_mib,
        window_s=idle.window_s,
        millicores_per_gbit_per_s=None,
    )


def load_resource(machine: Machine, role: Role, trials: Sequence[Trial]) -> Resource:
    """Return the mean over the trials of one test and path, each weighted by its window.

    Args:
        machine: whose figures these are called.
        role: whose samples are taken.
        trials: trials with a figure, at least one of them sampled at ``role``.
    """
    sampled = [trial for trial in trials if role in trial.load]
    loads = [trial.load[role] for trial in sampled]
    weights = [load.window_s for load in loads]
    cpu = mean_cpu(loads)
    cost = None
    if FIGURES[trials[0].id.test] is GOODPUT:
        goodput = _mean([trial.value or 0.0 for trial in sampled], weights)
        cost = cpu.busy_millicores / (goodput / _MBIT_PER_GBIT) if goodput > 0 else None
    return Resource(
        role=machine,
        test=trials[0].id.test,
        path=trials[0].id.path,
        cpu=cpu,
        memory_used_mib=_mean([load.memory_used_mib for load in loads], weights),
        window_s=sum(weights),
        millicores_per_gbit_per_s=cost,
    )


def mean_cpu(windows: Sequence[Window]) -> CpuUse:
    """Return the mean CPU use of windows of one machine, each weighted by its length."""
    uses = [window.cpu for window in windows]
    weights = [window.window_s for window in windows]
    return CpuUse(
        busy_millicores=_mean([use.busy_millicores for use in uses], weights),
        softirq_millicores=_mean([use.softirq_millicores for use in uses], weights),
        irq_millicores=_mean([use.irq_millicores for use in uses], weights),
        steal_millicores=_mean([use.steal_millicores for use in uses], weights),
        busiest_core_percent=_mean([use.busiest_core_percent for use in uses], weights),
        cores=uses[0].cores,
    )


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    if total <= 0:
        return sum(values) / len(values)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total

"""What one answer of metrics.k8s.io says about one pod. Pure, and total over JSON from the wild."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cniadvisor.detect import reading
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.quantities import quantity
from cniadvisor.domain.text import printable

_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Mean CPU over a reading's window, and the memory working set at its end."""

    cpu_millicores: float
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PodReading:
    """A pod's containers over the window that ended at ``ended``, by the cluster's clock.

    Source: k8s.io/metrics, pkg/apis/metrics/v1beta1 (PodMetrics): the figures are of the interval
    from timestamp - window to timestamp.
    """

    ended: datetime
    window_s: float
    containers: Mapping[str, Usage] = field(default_factory=dict[str, Usage])

    @property
    def began(self) -> datetime:
        """When the window began."""
        return self.ended - timedelta(seconds=self.window_s)


def pod_reading(body: JsonObject) -> PodReading | None:
    """Read a PodMetrics object; None unless it tells its time, its window and some usage."""
    ended = _instant(reading.text(body, "timestamp"))
    window_s = duration_s(reading.text(body, "window") or "")
    containers: dict[str, Usage] = {}
    for container in reading.objects(body, "containers"):
        name = reading.text(container, "name")
        cpu = quantity(reading.text(container, "usage", "cpu") or "")
        memory = quantity(reading.text(container, "usage", "memory") or "")
        if name is not None and cpu is not None and memory is not None and min(cpu, memory) >= 0:
            containers[printable(name, limit=100)] = Usage(
                cpu_millicores=float(cpu * 1000), memory_mib=float(memory / _MIB)
            )
    if ended is None or not window_s or not containers:
        return None
    return PodReading(ended=ended, window_s=window_s, containers=containers)


def duration_s(text: str) -> float | None:
    """Return the seconds of a Go duration (``15.484s``, ``1m0s``); None when it is none."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text or len(text) > 40:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

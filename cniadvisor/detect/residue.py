"""What former CNIs left behind: traces of products that nothing running accounts for."""

from collections.abc import Iterable, Mapping

from cniadvisor.detect import calico, canal, cilium, flannel, multus, others, traces
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Workload
from cniadvisor.detect.evidence import Evidence, Rank, in_favour, ordered
from cniadvisor.domain.findings import Component, Confidence


def leftovers(cluster: Cluster, active: frozenset[str]) -> Mapping[str, tuple[Evidence, ...]]:
    """Return product -> traces of it, for products without a part in the cluster's network."""
    off = switched_off(cluster.daemon_sets)
    names = dict.fromkeys((*(trace.name for trace in traces.TRACES), *off))
    found = {
        name: ordered((*off.get(name, ()), *traces.traces_of(cluster, name)))
        for name in names
        if name not in active
    }
    return {name: evidence for name, evidence in found.items() if evidence}


def residue(left: Mapping[str, tuple[Evidence, ...]], *, settled: bool) -> tuple[Component, ...]:
    """Return the leftovers as findings.

    ``settled`` says that the primary is known with certainty; otherwise a trace may as well be
    of the primary that was not found.
    """
    return tuple(
        Component(
            name=name,
            confidence=Confidence.HIGH if settled else Confidence.LOW,
            evidence=tuple(item.text for item in evidence),
        )
        for name, evidence in left.items()
    )


def switched_off(workloads: Iterable[Workload]) -> Mapping[str, tuple[Evidence, ...]]:
    """Return product -> workloads of it that are wanted on no node."""
    found: dict[str, tuple[Evidence, ...]] = {}
    for workload in workloads:
        name = product(workload) if workload.switched_off else None
        if name is not None:
            told = in_favour(
                Rank.RESOURCE,
                f"{workload} is there but wanted on no node",
                source="/apis/apps/v1/daemonsets",
            )
            found[name] = (*found.get(name, ()), told)
    return found


def product(workload: Workload) -> str | None:
    """Return which product a workload is of, running or not."""
    for name, is_one in (
        ("canal", canal.is_canal),
        ("flannel", flannel.is_flannel),
        ("calico", calico.is_calico),
        ("cilium", cilium.is_cilium),
        ("multus", multus.is_multus),
    ):
        if is_one(workload):
            return name
    row = others.product_of(workload)
    return row.name if row else None

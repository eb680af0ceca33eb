"""What former CNIs left behind: traces of products that nothing running accounts for."""

from cniadvisor.detect import traces
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.evidence import ordered
from cniadvisor.domain.findings import Component, Confidence


def residue(cluster: Cluster, active: frozenset[str], *, settled: bool) -> tuple[Component, ...]:
    """Return the products with traces but without a part in the cluster's network.

    ``settled`` says that the primary is known with certainty; otherwise a trace may as well be
    of the primary that was not found.
    """
    left: list[Component] = []
    for trace in traces.TRACES:
        if trace.name in active:
            continue
        evidence = traces.traces_of(cluster, trace.name)
        if not evidence:
            continue
        left.append(
            Component(
                name=trace.name,
                confidence=Confidence.HIGH if settled else Confidence.LOW,
                evidence=tuple(item.text for item in ordered(evidence)),
            )
        )
    return tuple(left)

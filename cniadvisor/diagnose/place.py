"""The place where it was measured: one machine, or pods that were given other than they asked."""

from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.words import listed

_IMPOSED = {
    "cpu-limit-imposed": (
        "With a limit the kernel stops a container for the rest of every 100 ms in which it used "
        "its share up: the figure may be the limit's.",
        "Use a namespace whose LimitRange sets no default CPU limit (kubectl get limitrange), "
        "with --namespace.",
        "kubernetes.io/docs/concepts/configuration/manage-resources-containers; "
        "docs.kernel.org/scheduler/sched-bwc.html",
    ),
    "sidecar-injected": (
        "All traffic goes through the sidecar's proxy, and the proxy is what was measured.",
        "Use a namespace that the mesh's injector leaves alone, with --namespace.",
        "istio.io/latest/docs/ops/deployment/performance-and-scalability",
    ),
}
"""Code of a warning -> what it does to the figures, advice, source."""


def one_machine(report: Report) -> tuple[Diagnosis, ...]:
    """Say when both nodes are one machine."""
    pair = report.target.pair
    if not pair.one_machine:
        return ()
    return (
        Diagnosis(
            code="one-machine",
            severity=Severity.NOTE,
            text=f"{pair.client.name} and {pair.server.name} are one machine: the wire between "
            "them is memory, there is no NIC to offload work to, and both ends share the cores.",
            advice="Use it to learn and to compare ratios on this machine; decide about a CNI on "
            "the nodes and NICs it will run on.",
            source="docs/method.md",
        ),
    )


def imposed(report: Report) -> tuple[Diagnosis, ...]:
    """Say what the cluster added to the pods and what that does to the figures."""
    found: list[Diagnosis] = []
    for code, (effect, advice, source) in _IMPOSED.items():
        notices = [notice.text for notice in report.warnings if notice.code == code]
        if notices:
            found.append(
                Diagnosis(
                    code=code,
                    severity=Severity.WARNING,
                    text=f"The cluster changed the pods: {listed(notices)}. {effect}",
                    advice=advice,
                    source=source,
                )
            )
    return tuple(found)

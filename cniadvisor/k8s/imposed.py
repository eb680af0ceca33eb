"""What the cluster added to a pod that we asked for without it; pure."""

from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.measurement import Role
from cniadvisor.domain.report import Notice
from cniadvisor.domain.text import printable
from cniadvisor.k8s.manifests import containers_of
from cniadvisor.k8s.objects import objects, text

__all__ = ["imposed_on"]


def imposed_on(role: Role, pod: JsonObject) -> tuple[Notice, ...]:
    """Return a notice for each thing in ``pod`` that changes what is measured."""
    name = printable(text(pod, "metadata", "name"))
    containers = [*objects(pod, "spec", "containers"), *objects(pod, "spec", "initContainers")]
    own = containers_of(role)
    strangers = [
        printable(text(container, "name"))
        for container in containers
        if text(container, "name") not in own
    ]
    limits = {
        printable(text(container, "name")): limit
        for container in containers
        if text(container, "name") in own
        and (limit := printable(text(container, "resources", "limits", "cpu")))
    }
    notices: list[Notice] = []
    if strangers:
        notices.append(
            Notice(
                code="sidecar-injected",
                text=f"containers were added to pod {name}: {', '.join(strangers)}",
                advice="a service mesh's proxy is measured together with the CNI; use a namespace "
                "that is left alone by the injector",
            )
        )
    if limits:
        shown = ", ".join(f"{container} {limit}" for container, limit in limits.items())
        notices.append(
            Notice(
                code="cpu-limit-imposed",
                text=f"a CPU limit was put on pod {name}: {shown}",
                advice="a LimitRange of the namespace does that; the limit may be what is "
                "measured, so use a namespace without it",
            )
        )
    return tuple(notices)

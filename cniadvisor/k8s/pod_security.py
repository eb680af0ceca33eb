"""Whether a namespace's own rules rule out host-network pods, before any is made."""

from cniadvisor.domain.errors import AccessError, ClusterError, UsageError
from cniadvisor.k8s.api_errors import NotFoundError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.objects import text

__all__ = ["why_no_host_pods"]

_ENFORCED = "pod-security.kubernetes.io/enforce"


async def why_no_host_pods(connection: Connection, namespace: str) -> str | None:
    """Return why the namespace's label rules out host-network pods, or None.

    Raises:
        UsageError: there is no such namespace.
        ClusterError: it is being removed.
    """
    try:
        found = await connection.get(f"/api/v1/namespaces/{namespace}")
    except AccessError:
        return None  # Namespaced rights are enough; admission tells in its own time.
    except NotFoundError:
        raise UsageError(
            f"namespace {namespace} does not exist",
            hint="create it, or leave --namespace out to have one made for the run",
        ) from None
    if text(found, "status", "phase") == "Terminating":
        raise ClusterError(f"namespace {namespace} is being removed", hint="use another one")
    level = text(found, "metadata", "labels", _ENFORCED)
    if level not in ("baseline", "restricted"):
        return None
    return (
        f"namespace {namespace} enforces the pod security level {level}, "
        "which refuses host-network pods"
    )

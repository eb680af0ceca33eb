"""How what a run makes is named and labelled; clean-up finds everything by these labels."""

from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.k8s.objects import text

__all__ = [
    "MANAGED_BY",
    "PATH_LABEL",
    "PRODUCT",
    "ROLE_LABEL",
    "RUN_LABEL",
    "job_name",
    "labels_of",
    "namespace_name",
    "owned_by",
    "secret_name",
    "selector",
]

PRODUCT = "cniadvisor"
MANAGED_BY = "app.kubernetes.io/managed-by"
RUN_LABEL = "cniadvisor.io/run"
ROLE_LABEL = "cniadvisor.io/role"
PATH_LABEL = "cniadvisor.io/path"


def labels_of(run_id: str) -> JsonObject:
    """Return the labels everything of a run carries."""
    return {"app.kubernetes.io/name": PRODUCT, MANAGED_BY: PRODUCT, RUN_LABEL: run_id}


def selector(run_id: str | None = None) -> str:
    """Return the label selector of one run's objects, or of every run's."""
    return f"{MANAGED_BY}={PRODUCT},{RUN_LABEL}" + (f"={run_id}" if run_id else "")


def namespace_name(run_id: str) -> str:
    """Return the name of the namespace a run makes for itself."""
    return f"{PRODUCT}-{run_id}"


def job_name(run_id: str, role: Role, path: PathName) -> str:
    """Return the name of the Job that owns the pod at one end of one path."""
    return f"{PRODUCT}-{run_id}-{role}-{path}"


def secret_name(run_id: str, path: PathName) -> str:
    """Return the name of the Secret with the password that both ends of one path know."""
    return f"{PRODUCT}-{run_id}-{path}"


def owned_by(jobs: tuple[JsonObject, ...]) -> JsonObject:
    """Return the metadata that lets an object go with these Jobs, as they were created."""
    owners: list[JsonValue] = [
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": text(job, "metadata", "name"),
            "uid": text(job, "metadata", "uid"),
        }
        for job in jobs
    ]
    return {"ownerReferences": owners} if owners else {}

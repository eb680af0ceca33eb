"""What the status of a pod says: ready, still on its way, or lost; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.text import printable
from cniadvisor.k8s.objects import condition, mapping, objects, text, value

__all__ = ["PodLoss", "Trouble", "is_ready", "loss_of", "progress_of"]


class Trouble(StrEnum):
    """Why a pod will not become Ready, or stays so no longer."""

    IMAGE = "the image can't be had"
    UNSCHEDULABLE = "the pod can't be scheduled"
    CONTAINER = "a container can't be made"
    ENDED = "a container ended"
    POD = "the pod was ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodLoss:
    """A pod that is lost. ``container`` is empty where it is the whole pod's trouble.

    ``detail`` is what the cluster says, fit to be shown.
    """

    trouble: Trouble
    container: str
    detail: str


_IMAGE = frozenset(
    {
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_CONTAINER = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "PreCreateHookError",
        "PreStartHookError",
        "RunContainerError",
    }
)


def is_ready(pod: JsonObject) -> bool:
    """Whether every container runs and every probe was answered."""
    return (
        text(pod, "status", "phase") == "Running"
        and text(condition(pod, "Ready"), "status") == "True"
        and not text(pod, "metadata", "deletionTimestamp")
    )


def loss_of(pod: JsonObject) -> PodLoss | None:
    """Return why a pod is lost, or None while there is hope."""
    return _gone(pod) or _waiting_in_vain(pod) or _ended(pod) or _unschedulable(pod)


def progress_of(pod: JsonObject) -> str:
    """Return in a few words where a pod that is not Ready stands."""
    scheduled = condition(pod, "PodScheduled")
    if text(scheduled, "status") == "False":
        return _said(text(scheduled, "reason"), text(scheduled, "message"))
    for name, state in _states(pod):
        if text(state, "waiting", "reason") not in ("", "PodInitializing"):
            waiting = mapping(state, "waiting")
            return f"{name}: {_said(text(waiting, 'reason'), text(waiting, 'message'))}"
    for status in objects(pod, "status", "containerStatuses"):
        if status.get("ready") is False and "running" in mapping(status, "state"):
            return f"{printable(text(status, 'name'))}: not ready"
    return printable(text(pod, "status", "phase")) or "Pending"


def _waiting_in_vain(pod: JsonObject) -> PodLoss | None:
    for name, state in _states(pod):
        reason = text(state, "waiting", "reason")
        trouble = (
            Trouble.IMAGE
            if reason in _IMAGE
            else Trouble.CONTAINER
            if reason in _CONTAINER
            else None
        )
        if trouble is not None:
            detail = _said(reason, text(state, "waiting", "message"))
            return PodLoss(trouble=trouble, container=name, detail=detail)
    return None


def _gone(pod: JsonObject) -> PodLoss | None:
    """Evicted, out of its time, refused by the kubelet, being deleted: before its containers."""
    reason = text(pod, "status", "reason")
    said = _said(reason, text(pod, "status", "message"))
    if text(pod, "status", "phase") == "Failed" and reason:
        return PodLoss(trouble=Trouble.POD, container="", detail=said)
    if text(pod, "metadata", "deletionTimestamp"):
        return PodLoss(trouble=Trouble.POD, container="", detail=said or "it is being deleted")
    return None


def _ended(pod: JsonObject) -> PodLoss | None:
    initial = {
        printable(text(status, "name"))
        for status in objects(pod, "status", "initContainerStatuses")
    }
    for name, state in _states(pod):
        ended = mapping(state, "terminated")
        code = value(ended, "exitCode")
        # Init containers are meant to end; all the others are meant to stay.
        if ended and not (name in initial and code == 0):
            status = f"exit status {code}" if isinstance(code, int) else "no exit status"
            said = _said(text(ended, "reason"), text(ended, "message"))
            return PodLoss(
                trouble=Trouble.ENDED,
                container=name,
                detail=f"{status}, {said}" if said else status,
            )
    phase = text(pod, "status", "phase")
    if phase in ("Failed", "Succeeded"):
        return PodLoss(trouble=Trouble.POD, container="", detail=f"phase {phase}")
    return None


def _unschedulable(pod: JsonObject) -> PodLoss | None:
    scheduled = condition(pod, "PodScheduled")
    if text(scheduled, "status") == "False" and text(scheduled, "reason") == "Unschedulable":
        detail = printable(text(scheduled, "message"), limit=500)
        return PodLoss(trouble=Trouble.UNSCHEDULABLE, container="", detail=detail)
    return None


def _states(pod: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for kind in ("initContainerStatuses", "containerStatuses"):
        for status in objects(pod, "status", kind):
            yield printable(text(status, "name")), mapping(status, "state")


def _said(reason: str, message: str) -> str:
    return printable(": ".join(part for part in (reason, message) if part), limit=500)

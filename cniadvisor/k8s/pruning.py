"""What of an API object is dropped at the edge: it is large, and no rule looks at it."""

from cniadvisor.domain.inventory import JsonObject
from cniadvisor.k8s.objects import mapping, objects
from cniadvisor.k8s.redaction import redact, redact_node


def prune(item: JsonObject) -> None:
    """Drop managedFields, copies of the object in annotations and binary data, redact secrets.

    In place.
    """
    _prune_metadata(item)
    item.pop("binaryData", None)
    redact(item)


def prune_node(node: JsonObject) -> None:
    """Do the same for a node, and drop its list of images: 10 KB a node on a big cluster."""
    _prune_metadata(node)
    status = node.get("status")
    if isinstance(status, dict):
        status.pop("images", None)
    redact_node(node)


def prune_workload_pod(pod: JsonObject) -> None:
    """Do as :func:`prune` for somebody's pod, and keep of its containers only name and image.

    Who wired a pod shows in its metadata and status; what its owner runs there is not our matter.
    """
    spec = mapping(pod, "spec")
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        if kind in spec:
            spec[kind] = [
                {key: container[key] for key in ("name", "image") if key in container}
                for container in objects(spec, kind)
            ]
    spec.pop("volumes", None)
    prune(pod)


def prune_chart(chart: JsonObject) -> None:
    """Do as :func:`prune` for a HelmChart without its values: they may hold anything."""
    spec = mapping(chart, "spec")
    for key in ("valuesContent", "set", "chartContent"):
        spec.pop(key, None)
    prune(chart)


def _prune_metadata(item: JsonObject) -> None:
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        return
    metadata.pop("managedFields", None)

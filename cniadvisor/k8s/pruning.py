"""What of an API object is dropped at the edge: it is large, and no rule looks at it."""

from cniadvisor.domain.inventory import JsonObject
from cniadvisor.k8s.redaction import redact, redact_node

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def prune(item: JsonObject) -> None:
    """Drop managedFields and the last-applied annotation, redact secrets; in place."""
    _prune_metadata(item)
    redact(item)


def prune_node(node: JsonObject) -> None:
    """Do the same for a node, and drop its list of images: 10 KB a node on a big cluster."""
    _prune_metadata(node)
    status = node.get("status")
    if isinstance(status, dict):
        status.pop("images", None)
    redact_node(node)


def _prune_metadata(item: JsonObject) -> None:
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        return
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        annotations.pop(_LAST_APPLIED, None)

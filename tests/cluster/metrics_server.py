"""metrics-server, which makes metrics.k8s.io answer."""

from pathlib import Path
from typing import Any

from tests.cluster import manifests
from tests.cluster.api import Api, ApiError
from tests.cluster.binaries import METRICS_SERVER, build, module_directory, module_version
from tests.cluster.images import Image, archive
from tests.cluster.waiting import until

_MODULE = "sigs.k8s.io/metrics-server"
_PORT = 4443  # kubelet has 10250 on the node's network
_LABELS = {"k8s-app": "metrics-server"}


def objects() -> list[dict[str, Any]]:
    """Upstream's base, on the node's network: the API server reaches nodes, not pods."""
    base = module_directory(METRICS_SERVER.folder, _MODULE) / "manifests" / "base"
    names = ("rbac", "service", "deployment", "apiservice")
    found = [item for name in names for item in manifests.read(base / f"{name}.yaml")]
    for item in found:  # as its kustomization does
        item["metadata"]["labels"] = item["metadata"].get("labels", {}) | _LABELS
    manifests.one(found, "Service", "metrics-server")["spec"]["selector"] = _LABELS
    spec = manifests.one(found, "Deployment", "metrics-server")["spec"]
    spec["selector"] = {"matchLabels": _LABELS}
    spec["template"]["metadata"] = {"labels": _LABELS}
    # With the host's network a second one could not start beside the first.
    spec["strategy"] = {"type": "Recreate"}
    pod = spec["template"]["spec"]
    pod["hostNetwork"] = True
    container = pod["containers"][0]
    container["image"] = _reference()
    container["ports"][0]["containerPort"] = _PORT
    container["args"] = [
        f"--secure-port={_PORT}" if a.startswith("--secure-port=") else a for a in container["args"]
    ] + ["--kubelet-insecure-tls"]
    return found


def build_archive() -> Path:
    """Its image, under the name of upstream's release."""
    image = Image(
        _reference(), {"/metrics-server": build(METRICS_SERVER)}, entrypoint=("/metrics-server",)
    )
    return archive("metrics-server", [image])


def wait(api: Api, nodes: int, seconds: float = 120) -> None:
    """Return when there are metrics of this many nodes; about half a minute after the start."""

    def measured() -> bool:
        try:
            return len(api.items("/apis/metrics.k8s.io/v1beta1/nodes")) == nodes
        except ApiError:
            return False

    until(measured, seconds, f"metrics of {nodes} nodes", every=1)


def _reference() -> str:
    version = module_version(METRICS_SERVER.folder, _MODULE)
    return f"registry.k8s.io/metrics-server/metrics-server:{version}"

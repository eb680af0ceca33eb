"""Flannel with upstream's own manifest and image names."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from tests.cluster import manifests
from tests.cluster.api import Api, ApiError
from tests.cluster.binaries import (
    FLANNEL_CNI_PLUGIN,
    FLANNEL_INSTALL_CONF,
    FLANNELD,
    build,
    module_directory,
)
from tests.cluster.cni import Cni, ready_nodes
from tests.cluster.images import Image, archive
from tests.cluster.rootfs import base_rootfs

# The newest plugin that can be built from the module registry knows nothing later.
_CNI_VERSION = "0.3.1"
_DAEMON_SET = "/apis/apps/v1/namespaces/kube-flannel/daemonsets/kube-flannel-ds"


def objects(backend: str = "vxlan") -> list[dict[str, Any]]:
    """Upstream's manifest with this backend, and with a CNI version that the plugin knows."""
    module = module_directory(FLANNELD.folder, FLANNELD.package)
    found = manifests.read(module / "Documentation" / "kube-flannel.yml")
    data = manifests.one(found, "ConfigMap", "kube-flannel-cfg")["data"]
    configuration = json.loads(data["cni-conf.json"]) | {"cniVersion": _CNI_VERSION}
    data["cni-conf.json"] = json.dumps(configuration, indent=2)
    network = json.loads(data["net-conf.json"]) | {"Backend": {"Type": backend}}
    data["net-conf.json"] = json.dumps(network, indent=2)
    return found


def build_archives() -> list[Path]:
    """Both images under the names that the manifest asks for."""
    pod = manifests.one(objects(), "DaemonSet", "kube-flannel-ds")["spec"]["template"]["spec"]
    names = {c["name"]: c["image"] for c in pod["initContainers"] + pod["containers"]}
    base = base_rootfs(["iproute2", "iptables", "nftables"])
    daemon = {
        "/opt/bin/flanneld": build(FLANNELD),
        "/opt/bin/install-conf": build(FLANNEL_INSTALL_CONF),
    }
    plugin = {"/flannel": build(FLANNEL_CNI_PLUGIN)}
    images = [
        Image(names["kube-flannel"], daemon, base, entrypoint=("/opt/bin/flanneld",)),
        Image(names["install-cni-plugin"], plugin, base),
    ]
    return [archive("flannel", images)]


def ready(api: Api, nodes: int) -> bool:
    """Whether all nodes are Ready and the DaemonSet runs on them."""
    try:
        status = api.get(_DAEMON_SET)["status"]
    except ApiError:
        return False
    return status["numberReady"] == nodes == ready_nodes(api)


def _flannel(backend: str) -> Cni:
    return Cni(
        name="flannel",
        mode=backend,
        archives=build_archives,
        objects=partial(objects, backend),
        ready=ready,
    )


FLANNEL_VXLAN = _flannel("vxlan")
FLANNEL_HOST_GW = _flannel("host-gw")

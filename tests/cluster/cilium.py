"""Cilium with upstream's own chart and image names, its eBPF programs compiled on the node."""

from pathlib import Path
from typing import Any

from tests.cluster import cgroups, helm, manifests
from tests.cluster.api import Api, ApiError
from tests.cluster.binaries import (
    CILIUM_AGENT,
    CILIUM_CNI,
    CILIUM_DBG,
    CILIUM_OPERATOR,
    build,
    module_directory,
)
from tests.cluster.cni import Cni, ready_nodes
from tests.cluster.images import PATH, Image, archive
from tests.cluster.node import node_exec
from tests.cluster.rootfs import base_rootfs
from tests.cluster.state import CONTROL_PLANE_ADDRESS, POD_CIDR, Cluster

_NAMESPACE = "kube-system"
_DAEMON_SET = f"/apis/apps/v1/namespaces/{_NAMESPACE}/daemonsets/cilium"
_DEPLOYMENT = f"/apis/apps/v1/namespaces/{_NAMESPACE}/deployments/cilium-operator"
_CGROUP = "/run/cilium/cgroupv2"

# What the machine can't give, and what would need an image that is not there.
_VALUES: dict[str, Any] = {
    "image": {"useDigest": False, "pullPolicy": "IfNotPresent"},
    "operator": {"replicas": 1, "image": {"useDigest": False, "pullPolicy": "IfNotPresent"}},
    "k8sServiceHost": CONTROL_PLANE_ADDRESS,
    "k8sServicePort": 6443,
    "ipam": {"mode": "kubernetes"},
    "envoy": {"enabled": False},
    "l7Proxy": False,
    "hubble": {"enabled": False},
    # A container that asks for SYS_RESOURCE fails; a privileged one takes what there is.
    "securityContext": {"privileged": True},
    # These enter the namespaces of process 1, which are the machine's and not the node's.
    "cgroup": {"autoMount": {"enabled": False}, "hostRoot": _CGROUP},
    "bpf": {"autoMount": {"enabled": False}},
    "sysctlfix": {"enabled": False},
}
_MODES: dict[str, dict[str, Any]] = {
    "vxlan": {
        "routingMode": "tunnel",
        "tunnelProtocol": "vxlan",
        "kubeProxyReplacement": "false",
    },
    "native": {
        "routingMode": "native",
        "autoDirectNodeRoutes": True,
        "ipv4NativeRoutingCIDR": POD_CIDR,
        "kubeProxyReplacement": "true",
    },
}
_PACKAGES = ("clang-19", "iproute2", "ipset", "iptables", "kmod")
# Of the compiler only what turns C into eBPF is needed; the rest is a third of the image.
_WITHOUT = (
    "/usr/include/*",
    "/usr/lib/gcc/*",
    "/usr/lib/*/*.a",
    "/usr/lib/*/lib*san.so*",
    "/usr/lib/*/libclang-19.so*",
)


def _module() -> Path:
    return module_directory(CILIUM_AGENT.folder, CILIUM_AGENT.version_of)


def objects(mode: str) -> list[dict[str, Any]]:
    """Upstream's chart for this mode."""
    chart = _module() / "install" / "kubernetes" / "cilium"
    return helm.render(chart, namespace=_NAMESPACE, values=_VALUES | _MODES[mode])


def build_archives() -> list[Path]:
    """Both images under the names that the chart asks for; they are the same in every mode."""
    found = objects("vxlan")
    agent = _image_of(manifests.one(found, "DaemonSet", "cilium"))
    operator = _image_of(manifests.one(found, "Deployment", "cilium-operator"))
    module = _module()
    plugin = module / "plugins" / "cilium-cni"
    files = {
        "/usr/bin/cilium-agent": build(CILIUM_AGENT),
        "/usr/bin/cilium-dbg": build(CILIUM_DBG),
        "/opt/cni/bin/cilium-cni": build(CILIUM_CNI),
        "/var/lib/cilium/bpf": module / "bpf",
        "/init-container.sh": module / "images" / "cilium" / "init-container.sh",
        "/install-plugin.sh": plugin / "install-plugin.sh",
        "/cni-uninstall.sh": plugin / "cni-uninstall.sh",
    }
    base = base_rootfs(_PACKAGES, without=_WITHOUT)
    images = [
        Image(agent, files, base, environment=(f"PATH=/usr/lib/llvm-19/bin:{PATH}",)),
        Image(operator, {"/usr/bin/cilium-operator-generic": build(CILIUM_OPERATOR)}),
    ]
    return [archive("cilium", images)]


def _image_of(workload: dict[str, Any]) -> str:
    return workload["spec"]["template"]["spec"]["containers"][0]["image"]


def prepare_node(cluster: Cluster, node: str) -> None:
    """Give the agent the cgroup of the node's pods as the root it attaches programs to.

    Attached to the machine's root they would see the connections of everything that runs on it.
    """
    pods = cgroups.of_pods(cluster.name, node)
    node_exec(cluster, node, ["mkdir", "-p", _CGROUP])
    node_exec(cluster, node, ["mount", "--bind", str(pods), _CGROUP])


def ready(api: Api, nodes: int) -> bool:
    """Whether all nodes are Ready, the agent runs on them and the operator somewhere."""
    try:
        agents, operator = api.get(_DAEMON_SET)["status"], api.get(_DEPLOYMENT)["status"]
    except ApiError:
        return False
    return agents["numberReady"] == nodes == ready_nodes(api) and operator.get("readyReplicas") == 1


def _in_mode(mode: str) -> Cni:
    return Cni(
        name="cilium",
        mode=mode,
        archives=build_archives,
        objects=lambda: objects(mode),
        ready=ready,
        prepare_node=prepare_node,
        kube_proxy=_MODES[mode]["kubeProxyReplacement"] == "false",
    )


CILIUM_VXLAN = _in_mode("vxlan")
CILIUM_NATIVE = _in_mode("native")

"""A node: its container runtime, kubelet and kube-proxy in namespaces of its own."""

import json
import shutil
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.cluster import kubeconfig, namespaces, network, processes
from tests.cluster.binaries import HYPERKUBE, build
from tests.cluster.certificates import authority
from tests.cluster.images import PAUSE_REFERENCE
from tests.cluster.prerequisites import CNI_PLUGINS
from tests.cluster.state import POD_CIDR, Cluster
from tests.cluster.waiting import until

_SOCKET = "/run/containerd/containerd.sock"
_LEASE_SECONDS = 20

_CONTAINERD = f"""\
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
  address = "{_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_REFERENCE}"
  # Without CAP_SYS_RESOURCE nobody can lower a score, and every pod would fail.
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
"""


def start_runtime(cluster: Cluster, node: str, archives: Iterable[Path]) -> None:
    """The node's namespaces, its wire and containerd with these images."""
    namespaces.create_node(cluster, node)
    network.connect_node(cluster, node)
    directory = cluster.directory / node
    shutil.copytree(CNI_PLUGINS, directory / "opt/cni/bin", dirs_exist_ok=True)
    configuration = directory / "containerd.toml"
    configuration.write_text(_CONTAINERD)
    _start(cluster, node, "containerd", ["containerd", "--config", str(configuration)])
    until(lambda: _containerd_answers(cluster, node), 30, f"containerd answers on {node}")
    for archive in archives:
        import_image(cluster, node, archive)


def start_kubelet(cluster: Cluster, node: str) -> None:
    """kubelet, which registers the node; the API server must be ready."""
    directory = cluster.directory / node
    resolver = directory / "resolv.conf"
    resolver.write_text("nameserver 10.96.0.10\n")  # where a DNS server would be
    configuration = directory / "kubelet.json"
    configuration.write_text(json.dumps(_kubelet_configuration(cluster, node, resolver)))
    _start(
        cluster,
        node,
        "kubelet",
        [
            str(build(HYPERKUBE)),
            "kubelet",
            f"--config={configuration}",
            f"--kubeconfig={kubeconfig.path(cluster, node)}",
            f"--hostname-override={node}",
            f"--node-ip={cluster.address(node)}",
            "--v=2",
        ],
    )


def start_kube_proxy(cluster: Cluster, node: str) -> None:
    """kube-proxy, for a CNI that does not do its work; the API server must be ready."""
    _start(
        cluster,
        node,
        "kube-proxy",
        [
            str(build(HYPERKUBE)),
            "kube-proxy",
            f"--kubeconfig={kubeconfig.path(cluster, 'kube-proxy')}",
            f"--cluster-cidr={POD_CIDR}",
            f"--hostname-override={node}",
            "--proxy-mode=iptables",
            # The limits of connection tracking are the machine's, no namespace may set them.
            "--conntrack-max-per-core=0",
            "--conntrack-tcp-timeout-established=0",
            "--conntrack-tcp-timeout-close-wait=0",
        ],
    )


def node_exec(cluster: Cluster, node: str, argv: Sequence[str], timeout: float = 120) -> str:
    """Run a command as on the node itself and return what it printed."""
    return processes.run(cluster, namespaces.entering(cluster, node, argv), timeout=timeout)


def import_image(cluster: Cluster, node: str, archive: Path) -> None:
    """Load an OCI or docker archive into one node."""
    load = ["ctr", "--address", _SOCKET, "--namespace", "k8s.io", "images", "import"]
    node_exec(cluster, node, [*load, str(archive)], timeout=600)


def load_image(cluster: Cluster, archive: Path) -> None:
    """Load an OCI or docker archive into every node."""
    for node in cluster.nodes:
        import_image(cluster, node, archive.resolve())


def _kubelet_configuration(cluster: Cluster, node: str, resolver: Path) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(authority(cluster))},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cluster.name}/{node}",
        "clusterDNS": ["10.96.0.10"],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{_SOCKET}",
        "enforceNodeAllocatable": [],
        "evictionHard": {
            "memory.available": "50Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "failCgroupV1": False,
        "failSwapOn": False,
        # An image that is collected can't be had again: nothing is ever pulled here.
        "imageGCHighThresholdPercent": 100,
        "nodeLeaseDurationSeconds": _LEASE_SECONDS,
        "nodeStatusUpdateFrequency": "2s",
        "resolvConf": str(resolver),
        "volumePluginDir": "/var/lib/kubelet/volume-plugins",
    }


def _start(cluster: Cluster, node: str, name: str, argv: list[str]) -> None:
    processes.start(cluster, f"{node}/{name}", namespaces.entering(cluster, node, argv))


def _containerd_answers(cluster: Cluster, node: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        # The way into the node's mounts is through the process that holds them.
        root = f"/proc/{namespaces.holder_pid(cluster, node)}/root"
        try:
            probe.connect(root + _SOCKET)
        except OSError:
            return False
    return True

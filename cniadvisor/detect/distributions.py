"""Which Kubernetes distribution this is: some run their CNI inside a binary and show no workload.

Read from the kubelets' versions, provider ids and labels; with nodes unreadable from the API
server's version and its API groups.
"""

from dataclasses import dataclass

from cniadvisor.detect.cluster import Cluster, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How one distribution shows itself."""

    name: str
    version_part: str = ""
    provider: str = ""
    label_prefix: str = ""
    os_image: str = ""
    group: str = ""


MARKS: tuple[Marks, ...] = (
    Marks(name="k3s", version_part="+k3s"),
    Marks(name="rke2", version_part="+rke2"),
    Marks(name="k0s", version_part="+k0s"),
    Marks(name="openshift", label_prefix="node.openshift.io/", group="config.openshift.io"),
    Marks(name="eks", version_part="-eks-", label_prefix="eks.amazonaws.com/"),
    Marks(name="gke", version_part="-gke.", label_prefix="cloud.google.com/gke-"),
    Marks(name="aks", label_prefix="kubernetes.azure.com/"),
    Marks(name="microk8s", label_prefix="microk8s.io/"),
    Marks(name="minikube", label_prefix="minikube.k8s.io/"),
    Marks(name="kind", provider="kind://"),
    Marks(name="talos", os_image="Talos"),
    Marks(name="oke", label_prefix="oci.oraclecloud.com/oke"),
)
"""In order of precedence: k3s, RKE2 and OpenShift also run on cloud machines."""


def distribution(cluster: Cluster) -> str | None:
    """Return the distribution's name; None when nothing tells it."""
    for marks in MARKS:
        if any(_node_shows(node, marks) for node in cluster.nodes):
            return marks.name
    for marks in MARKS:
        if marks.version_part and marks.version_part in cluster.server_version:
            return marks.name
        if marks.group and marks.group in (cluster.groups or ()):
            return marks.name
    return None


def _node_shows(node: Node, marks: Marks) -> bool:
    return (
        bool(marks.version_part and marks.version_part in node.kubelet_version)
        or bool(marks.provider and node.provider_id.startswith(marks.provider))
        or bool(marks.os_image and node.os_image.startswith(marks.os_image))
        or bool(marks.label_prefix and any(k.startswith(marks.label_prefix) for k in node.labels))
    )

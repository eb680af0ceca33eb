"""Which Kubernetes distribution this is: some run their CNI inside a binary and show no workload.

Read from the kubelets' versions, provider ids and labels; with nodes unreadable from the API
server's version and its API groups.
"""

from dataclasses import dataclass

from cniadvisor.detect.cluster import Cluster


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What all nodes show, each thing once: a cluster of thousands shows few."""

    versions: frozenset[str]
    providers: frozenset[str]
    labels: frozenset[str]
    os_images: frozenset[str]

    def shows(self, marks: Marks) -> bool:
        return (
            bool(marks.version_part and any(marks.version_part in one for one in self.versions))
            or _begins(self.providers, marks.provider)
            or _begins(self.labels, marks.label_prefix)
            or _begins(self.os_images, marks.os_image)
        )


def distribution_of(cluster: Cluster) -> str | None:
    """Return the distribution's name; None when nothing tells it."""
    nodes = cluster.nodes
    seen = _Seen(
        versions=frozenset(node.kubelet_version for node in nodes),
        providers=frozenset(node.provider_id for node in nodes),
        labels=frozenset(label for node in nodes for label in node.labels),
        os_images=frozenset(node.os_image for node in nodes),
    )
    for marks in MARKS:
        if seen.shows(marks):
            return marks.name
    for marks in MARKS:
        if marks.version_part and marks.version_part in cluster.server_version:
            return marks.name
        if marks.group and marks.group in (cluster.groups or ()):
            return marks.name
    return None


def _begins(texts: frozenset[str], prefix: str) -> bool:
    return bool(prefix) and any(text.startswith(prefix) for text in texts)

"""Kubeconfig files: JSON, which is YAML too, with everything embedded."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.cluster import certificates
from tests.cluster.api import admin_api
from tests.cluster.certificates import Certificate
from tests.cluster.state import CONTROL_PLANE_ADDRESS, Cluster

INSIDE = "https://127.0.0.1:6443"
FROM_NODES = f"https://{CONTROL_PLANE_ADDRESS}:6443"


def path(cluster: Cluster, user: str) -> Path:
    """Where a user's kubeconfig lies."""
    return cluster.directory / f"{user}.kubeconfig"


def write(cluster: Cluster, user: str, identity: Certificate, server: str) -> Path:
    """The kubeconfig of a user with this certificate, for an API server at this address."""
    target = path(cluster, user)
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster.name,
                "cluster": {
                    "server": server,
                    "certificate-authority-data": _embedded(certificates.authority(cluster)),
                },
            }
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _embedded(identity.certificate),
                    "client-key-data": _embedded(identity.key),
                },
            }
        ],
        "contexts": [{"name": cluster.name, "context": {"cluster": cluster.name, "user": user}}],
        "current-context": cluster.name,
    }
    target.touch(mode=0o600)
    target.write_text(json.dumps(content, indent=2) + "\n")
    return target


def write_all(cluster: Cluster) -> None:
    """The administrator's, the components' and the nodes' kubeconfigs."""
    servers = {"admin": outside(cluster), "controller-manager": INSIDE, "scheduler": INSIDE}
    servers |= dict.fromkeys(("kube-proxy", *cluster.nodes), FROM_NODES)
    for user, server in servers.items():
        write(cluster, user, certificates.certificate(cluster, user), server)


def outside(cluster: Cluster) -> str:
    """Where the API answers on this machine."""
    return f"https://127.0.0.1:{cluster.port}"


def kubeconfig_for(cluster: Cluster, user: str, rules: Sequence[Mapping[str, Any]]) -> Path:
    """The kubeconfig of a user who may do what these ClusterRole rules say and nothing else."""
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": f"test-{user}"}}
    api = admin_api(cluster)
    api.apply(role | {"kind": "ClusterRole", "rules": list(rules)})
    api.apply(
        role
        | {
            "kind": "ClusterRoleBinding",
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": f"test-{user}",
            },
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        }
    )
    return write(cluster, f"user-{user}", certificates.issue(cluster, user), outside(cluster))


def _embedded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()

"""``python -m tests.perf.big_cluster KUBECONFIG``: 5,000 nodes and 100,000 pods, faked.

Writes a kubeconfig, prints a line when it listens, serves until stdin ends, then prints which lists
were asked for, as JSON.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fakeapi.server import FakeApi, JsonObject

NODES, PODS_PER_NODE = 5000, 20
_NODES, _PODS = "/api/v1/nodes", "/api/v1/pods"
_DAEMON_SETS = "/apis/apps/v1/daemonsets"


class BigCluster(FakeApi):
    """Finds a node's pods without walking through all of them, as a real API server does."""

    by_node: dict[str, list[JsonObject]]

    def selected(
        self, collection: str, namespace: str | None, query: dict[str, str]
    ) -> list[JsonObject]:
        """See :class:`FakeApi`."""
        selector = query.get("fieldSelector", "")
        if collection == _PODS and namespace is None and selector.startswith("spec.nodeName="):
            return self.by_node[selector.partition("=")[2]]
        return super().selected(collection, namespace, query)


def node(index: int) -> JsonObject:
    """A node as large as real ones are: 50 images, managed fields, conditions (17 KB)."""
    name = f"ip-10-{index // 250}-{index % 250}-7.region.compute.internal"
    kinds = ("NetworkUnavailable", "MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
    image = "registry.example.com/platform/some-team/some-service-with-a-name"
    return {
        "metadata": {
            "name": name,
            "uid": f"{index:032x}",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {f"topology.example.com/label-{n}": f"value-{n}" for n in range(20)},
            "annotations": {
                "flannel.alpha.coreos.com/backend-type": "vxlan",
                "flannel.alpha.coreos.com/backend-data": f'{{"VNI":1,"VtepMAC":"{index:012x}"}}',
                "flannel.alpha.coreos.com/public-ip": f"10.{index // 250}.{index % 250}.7",
            },
            "managedFields": [
                {"manager": f"m{n}", "fieldsV1": {f"f:field-{f}": {} for f in range(30)}}
                for n in range(3)
            ],
        },
        "spec": {"podCIDR": f"10.{index // 250}.{index % 250}.0/24", "providerID": f"x://{index}"},
        "status": {
            "conditions": [
                {
                    "type": kind,
                    "status": "True" if kind == "Ready" else "False",
                    "reason": "FlannelIsUp" if kind == "NetworkUnavailable" else "Kubelet",
                    "message": "the kubelet has sufficient whatever it needs",
                    "lastHeartbeatTime": "2026-11-23T00:00:00Z",
                    "lastTransitionTime": "2026-11-01T00:00:00Z",
                }
                for kind in kinds
            ],
            "addresses": [{"type": "InternalIP", "address": f"10.{index // 250}.{index % 250}.7"}],
            "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"},
            "nodeInfo": {"kubeletVersion": "v1.34.4", "kernelVersion": "6.8", "bootID": f"{index}"},
            "images": [
                {"names": [f"{image}-{n}@sha256:{n:064x}", f"{image}-{n}:v1.2.{n}"], "sizeBytes": n}
                for n in range(50)
            ],
        },
    }


def cluster() -> dict[str, Any]:
    """All objects of the cluster: Flannel on every node, and pods of other people."""
    nodes = [node(index) for index in range(NODES)]
    agent = {
        "metadata": {"name": "kube-flannel-ds", "namespace": "kube-flannel"},
        "spec": {
            "selector": {"matchLabels": {"app": "flannel"}},
            "template": {
                "spec": {"containers": [{"name": "kube-flannel", "image": "flannel:v0.28.10"}]}
            },
        },
        "status": {"desiredNumberScheduled": NODES, "numberReady": NODES},
    }
    pods = [
        pod(one["metadata"]["name"], number) for one in nodes for number in range(PODS_PER_NODE)
    ]
    return {
        _NODES: {"kind": "NodeList", "items": nodes},
        _PODS: {"kind": "PodList", "items": pods},
        _DAEMON_SETS: {"kind": "DaemonSetList", "items": [agent]},
        "/apis/apps/v1/deployments": {"kind": "DeploymentList", "items": []},
    }


_SPEC_OF_OTHERS = {
    "containers": [
        {
            "name": f"container-{n}",
            "image": "registry.example.com/team/app:v1",
            "env": [{"name": f"VARIABLE_{v}", "value": "some value"} for v in range(20)],
        }
        for n in range(2)
    ]
}


def pod(node_name: str, number: int) -> JsonObject:
    """The first pod of a node is Flannel's agent."""
    agent = number == 0
    spec = {"containers": [{"name": "kube-flannel", "image": "flannel:v0.28.10"}]}
    return {
        "metadata": {
            "name": f"pod-{number}-{node_name}",
            "namespace": "kube-flannel" if agent else "team",
            "creationTimestamp": f"2026-10-{number + 1:02}T00:00:00Z",
            "ownerReferences": [{"kind": "DaemonSet" if agent else "ReplicaSet"}],
        },
        "spec": {
            "nodeName": node_name,
            "hostNetwork": agent,
            **(spec if agent else _SPEC_OF_OTHERS),
        },
        "status": {"phase": "Running", "podIP": "10.0.0.1"},
    }


async def main() -> None:
    """Serve it."""
    async with BigCluster.serve(cluster()) as api:
        by_node: dict[str, list[JsonObject]] = {}
        for item in api.objects[_PODS]["items"]:
            by_node.setdefault(item["spec"]["nodeName"], []).append(item)
        api.by_node = by_node
        api.write_kubeconfig(Path(sys.argv[1]))
        print("listening", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps(Counter(request.path for request in api.requests)))


if __name__ == "__main__":
    asyncio.run(main())

"""Pods that do nothing, to look at."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tests.cluster.api import Api
from tests.cluster.images import PAUSE_REFERENCE
from tests.cluster.waiting import until


@contextmanager
def pausing_pods(api: Api, nodes: tuple[str, ...]) -> Generator[dict[str, dict[str, Any]]]:
    """A pod on each node that does nothing, by node."""
    paths = {node: f"/api/v1/namespaces/default/pods/pausing-{node}" for node in nodes}
    until(
        lambda: api.answers("/api/v1/namespaces/default/serviceaccounts/default"),
        30,
        "pods may be made",
    )
    for node in nodes:
        api.apply(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"pausing-{node}"},
                "spec": {
                    "nodeName": node,
                    "containers": [{"name": "pause", "image": PAUSE_REFERENCE}],
                },
            }
        )
    try:
        until(
            lambda: all(api.get(p)["status"]["phase"] == "Running" for p in paths.values()),
            60,
            "the pods run",
        )
        yield {node: api.get(path) for node, path in paths.items()}
    finally:
        for path in paths.values():
            try:
                api.delete(path, grace_seconds=0)
            except OSError:
                break  # the cluster went first

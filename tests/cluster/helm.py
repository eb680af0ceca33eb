"""Helm charts, rendered by Helm's own engine as a Go module."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cluster import building
from tests.cluster.binaries import HELM_RENDER, HYPERKUBE, build, module_version


def render(chart: Path, *, namespace: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of a chart for this cluster's Kubernetes, as `helm template` gives them."""
    kubernetes = module_version(HYPERKUBE.folder, "k8s.io/kubernetes")
    command = [str(build(HELM_RENDER)), str(chart), namespace, chart.name, kubernetes]
    return json.loads(building.run(command, text=json.dumps(values)))

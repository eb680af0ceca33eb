"""Clusters that tests share: the one that is up, or one that lives as long as they do."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.cluster import lifecycle, state
from tests.cluster.state import Cluster

NAME = os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME)
KEEP = os.environ.get("CNIADVISOR_KEEP_CLUSTER") == "1"


@contextmanager
def shared_cluster(cni: str, mode: str, name: str) -> Generator[Cluster]:
    """Two nodes; what was not up before goes down again, unless it shall be kept."""
    if os.geteuid() != 0:
        pytest.skip("a cluster needs root")
    existing = state.load(name)
    found_it_up = existing is not None and lifecycle.is_up(existing)
    cluster = lifecycle.up(cni, nodes=2, name=name, mode=mode)
    yield cluster
    if not found_it_up and not KEEP:
        lifecycle.down(name)

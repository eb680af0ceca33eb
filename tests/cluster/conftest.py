"""The cluster that tests share."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cluster import lifecycle, state
from tests.cluster.command_line import CommandLine, ours
from tests.cluster.image import load_bench_image
from tests.cluster.state import Cluster


@pytest.fixture(scope="session")
def flannel_cluster() -> Generator[Cluster]:
    """Two nodes with Flannel: the cluster that is up, or one that lives as long as the session.

    With CNIADVISOR_KEEP_CLUSTER=1 it stays up, and the next session starts at once.
    CNIADVISOR_CLUSTER names another one, for tests that would disturb who else uses the first.
    """
    if os.geteuid() != 0:
        pytest.skip("a cluster needs root")
    name = os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME)
    existing = state.load(name)
    found_it_up = existing is not None and lifecycle.is_up(existing)
    cluster = lifecycle.up("flannel", nodes=2, name=name)
    yield cluster
    if not found_it_up and os.environ.get("CNIADVISOR_KEEP_CLUSTER") != "1":
        lifecycle.down(cluster.name)


@pytest.fixture(scope="session")
def bench_image(flannel_cluster: Cluster) -> str:
    """The reference of the benchmark image, loaded into every node."""
    return load_bench_image(flannel_cluster)


@pytest.fixture
def cniadvisor(flannel_cluster: Cluster, bench_image: str, tmp_path: Path) -> CommandLine:
    """The program, with a home of its own, on a cluster that holds nothing of ours."""
    program = CommandLine(cluster=flannel_cluster, home=tmp_path, image=bench_image)
    if ours(flannel_cluster):  # a test before this one failed, or was interrupted
        program.run("cleanup", "--all")
    return program

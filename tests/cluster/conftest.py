"""The Flannel cluster that most tests share."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cluster.command_line import CommandLine, ours
from tests.cluster.image import load_bench_image
from tests.cluster.sharing import NAME, shared_cluster
from tests.cluster.state import Cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One cluster after the other: Cilium's is taken down at the end of its file."""
    items.sort(key=lambda item: item.path.name != "test_cilium_live.py")


@pytest.fixture(scope="session")
def flannel_cluster() -> Generator[Cluster]:
    """Two nodes with Flannel: the cluster that is up, or one that lives as long as the session.

    With CNIADVISOR_KEEP_CLUSTER=1 it stays up, and the next session starts at once.
    CNIADVISOR_CLUSTER names another one, for tests that would disturb who else uses the first.
    """
    with shared_cluster("flannel", "vxlan", NAME) as cluster:
        yield cluster


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

"""Clusters come and go, and nothing is left of them, however they go."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from tests.cluster import directories, state
from tests.cluster.api import admin_api
from tests.cluster.lifecycle import down, up
from tests.cluster.pausing import pausing_pods
from tests.cluster.traces import assert_nothing_left_since, traces
from tests.cluster.waiting import until

pytestmark = [pytest.mark.cluster, pytest.mark.root, pytest.mark.timeout(400)]

OTHER = "cniadvisor-test-other"


def test_down_leaves_nothing() -> None:
    before = traces(OTHER)
    cluster = up("flannel", nodes=1, name=OTHER)
    seen = {kind for kind, _ in traces(OTHER) - before}
    assert seen >= {"network namespace", "process", "cgroup", "state"}  # it does see a cluster
    with pausing_pods(admin_api(cluster), cluster.nodes):
        down(OTHER)
    assert_nothing_left_since(before, OTHER)


@pytest.mark.parametrize(
    "moment",
    ["pki/ca.crt", "processes/forwarder.json", "node1/opt", "processes/node2/kubelet.json"],
)
def test_nothing_is_left_of_a_killed_up(moment: str) -> None:
    before = traces(OTHER)
    reached = state.run_directory(OTHER) / moment
    with killed_up(lambda: reached.exists()):
        assert state.run_directory(OTHER).exists()
    down(OTHER)
    assert_nothing_left_since(before, OTHER)


def test_a_second_up_follows_a_killed_one() -> None:
    before = traces(OTHER)
    half_made = state.run_directory(OTHER) / "processes" / "node1" / "kubelet.json"
    with killed_up(half_made.exists):
        left = state.load(OTHER)
        assert left is not None
        assert not left.ready
    cluster = up("none", nodes=1, name=OTHER)
    assert cluster.nodes == ("node1",)
    assert len(admin_api(cluster).items("/api/v1/nodes")) == 1
    down(OTHER)
    assert_nothing_left_since(before, OTHER)


@contextmanager
def killed_up(moment: Callable[[], bool]) -> Generator[None]:
    """`up` in a process of its own, killed with -9 as soon as the moment has come."""
    command = [sys.executable, "-m", "tests.cluster", "up", "--name", OTHER]
    root = directories.SOURCES.parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL) as running:
        until(moment, 120, "the moment to kill", every=0.005)
        assert running.poll() is None
        os.kill(running.pid, signal.SIGKILL)
    yield

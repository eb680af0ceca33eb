"""The lab's flannel-vxlan beside a real Flannel on this machine: same network, same cost."""

import secrets
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Interval, Report
from cniadvisor.lab.ground import Ground, open_ground
from cniadvisor.lab.rootfs import prepared_tools
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Place
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.report.toml_file import read
from cniadvisor.stats.comparison import paired_ratio
from cniadvisor.stats.pairing import latest_attempts, pairs_of
from tests.cluster import cgroups, network, pod_processes
from tests.cluster.api import admin_api
from tests.cluster.command_line import SHORT_SUITE, CommandLine
from tests.cluster.dataplane import (
    NODE_COMMANDS,
    POD_COMMANDS,
    Reading,
    Sections,
    names,
    node_sections,
    pod_sections,
)
from tests.cluster.images import PAUSE_REFERENCE
from tests.cluster.node import node_exec
from tests.cluster.state import Cluster
from tests.cluster.waiting import until
from tests.lab.wired import GROUP, best_ratio, measured, wired
from tests.priority import before_others

pytestmark = pytest.mark.cluster

_NAMESPACE = "lab-alike"

# What is TCP's payload of 1514 bytes on the wire: 1448, and 50 less behind VXLAN.
HOST_SHARE, POD_SHARE = 1448 / 1514, 1398 / 1514

RATE_MBIT_PER_S = 100

ROOM = 1.1
"""By this factor ratios may differ beside their intervals."""


@pytest.fixture
def real_pods(flannel_cluster: Cluster) -> Generator[Mapping[str, str]]:
    """A pod on each node; their addresses by node."""
    api = admin_api(flannel_cluster)
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}})
    for node in flannel_cluster.nodes:
        api.apply(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": node, "namespace": _NAMESPACE},
                "spec": {
                    "nodeName": node,
                    "terminationGracePeriodSeconds": 0,
                    "containers": [{"name": "pause", "image": PAUSE_REFERENCE}],
                },
            }
        )

    def addresses() -> dict[str, str]:
        return {
            pod["spec"]["nodeName"]: pod["status"]["podIP"]
            for pod in api.items(f"/api/v1/namespaces/{_NAMESPACE}/pods")
            if pod["status"]["phase"] == "Running" and pod["status"].get("podIP")
        }

    until(lambda: set(addresses()) == set(flannel_cluster.nodes), 60, "both pods run")
    yield addresses()
    api.delete(f"/api/v1/namespaces/{_NAMESPACE}")


async def test_nodes_and_pods_have_what_flannel_gives_them(
    flannel_cluster: Cluster, real_pods: Mapping[str, str]
) -> None:
    node, peer = flannel_cluster.nodes
    real = _sections(
        {key: node_exec(flannel_cluster, node, argv) for key, argv in NODE_COMMANDS.items()},
        _in_pod(flannel_cluster, real_pods[node]),
        peer_address=flannel_cluster.address(peer),
        pod_address=real_pods[node],
    )

    async with (
        prepared_tools(print) as tools,
        open_ground() as ground,
        wired(ground, tools, "flannel-vxlan") as wiring,
    ):
        lab = _sections(
            await _in_lab(ground, Place.NODE1, NODE_COMMANDS),
            await _in_lab(ground, Place.POD1, POD_COMMANDS),
            peer_address=NODES.node2_address,
            pod_address=wiring.pod1_address,
        )

    assert all(real.values()), "nothing was compared with nothing"
    assert lab == real


def _sections(node: Reading, pod: Reading, *, peer_address: str, pod_address: str) -> Sections:
    called = names(node, peer_address=peer_address, pod_address=pod_address)
    told = {f"node: {key}": lines for key, lines in node_sections(node, called).items()}
    return told | {f"pod: {key}": lines for key, lines in pod_sections(pod, called).items()}


def _in_pod(cluster: Cluster, address: str) -> Reading:
    for pid in pod_processes.find(cluster, "/pause"):
        enter = ["nsenter", "--target", str(pid), "--net", "--"]

        def run(argv: Sequence[str], enter: Sequence[str] = enter) -> str:
            return subprocess.run(
                [*enter, *argv], check=True, capture_output=True, text=True
            ).stdout

        reading = {key: run(argv) for key, argv in POD_COMMANDS.items()}
        if address in reading["addresses"]:
            return reading
    raise AssertionError(f"no pod has the address {address}")


async def _in_lab(ground: Ground, place: Place, commands: Mapping[str, Sequence[str]]) -> Reading:
    reading: dict[str, str] = {}
    for key, argv in commands.items():
        done = await ground.run(GROUP, place, argv)
        assert done.status == 0, done.stderr
        reading[key] = done.stdout
    return reading


@contextmanager
def shaped(cluster: Cluster) -> Generator[None]:
    for node in cluster.nodes:
        network.shape(cluster, node, RATE_MBIT_PER_S)
    try:
        yield
    finally:
        for node in cluster.nodes:
            network.shape(cluster, node, None)


async def test_the_headers_cost_the_same(cniadvisor: CommandLine, flannel_cluster: Cluster) -> None:
    """On a wire that is slow enough for a busy machine, what is left of the ratio are headers."""
    headers = pytest.approx(POD_SHARE / HOST_SHARE, rel=0.01)
    real: list[Report] = []
    lab: list[Report] = []
    # What runs in pods comes from the cluster's processes, what runs in the lab from this one.
    with before_others(cgroups.processes(flannel_cluster.name)):
        for _ in range(2):  # a second time only where the machine left no good trial of a path
            if not real or best_ratio(*real) != headers:
                with shaped(flannel_cluster):
                    options = ("--tests", "tcp", "--repeats", "3", "--duration", "2")
                    real.append(in_cluster(cniadvisor, *options))
            if not lab or best_ratio(*lab) != headers:
                lab.append(await shaped_lab())

    assert best_ratio(*real) == headers
    assert best_ratio(*lab) == headers


async def shaped_lab() -> Report:
    wiring = WIRINGS["flannel-vxlan"](NODES)
    wire = Wire(rate_mbit_per_s=RATE_MBIT_PER_S)
    async with prepared_tools(print) as tools, open_ground() as ground:
        return await measured(ground, tools, wiring, tests=(TestName.TCP,), rounds=3, wire=wire)


@pytest.mark.calibration
def test_the_datapath_costs_the_same(cniadvisor: CommandLine, tmp_path: Path) -> None:
    """The real wire has a switch in it and the real nodes have kube-proxy's rules: hence some room.

    Both are in the baseline too, and make the same cost a smaller part of it.
    """
    options = ("--tests", "tcp,latency-tcp", "--repeats", "5", "--duration", "2")
    real = [in_cluster(cniadvisor, *options)]
    lab = [in_lab(cniadvisor, tmp_path, *options)]
    real.append(
        in_cluster(cniadvisor, *options)
    )  # by turns: a machine has better and worse minutes
    lab.append(in_lab(cniadvisor, tmp_path, *options))

    for test in (TestName.TCP, TestName.LATENCY_TCP):
        of_real, of_lab = (pooled_interval(reports, test) for reports in (real, lab))
        assert of_lab.low <= of_real.high * ROOM, (test, of_lab, of_real)
        assert of_real.low <= of_lab.high * ROOM, (test, of_lab, of_real)


def in_cluster(cniadvisor: CommandLine, *options: str) -> Report:
    ended = cniadvisor.bench(*options)
    assert ended.code == 0, ended.stderr
    return read(Path(ended.stdout.strip()))


def in_lab(cniadvisor: CommandLine, folder: Path, *options: str) -> Report:
    suite = folder / "short.toml"
    suite.write_text(SHORT_SUITE)
    out = folder / secrets.token_hex(4)
    ended = cniadvisor.run(
        *("lab", "--headless", "--wiring", "flannel-vxlan", "--suite", str(suite)),
        *("--out", str(out), *options),
        XDG_CACHE_HOME=str(user_cache_path()),  # the tools, once for all tests
    )
    assert ended.code == 0, ended.stderr
    (report,) = out.glob("*.toml")
    return read(report)


def pooled_interval(reports: Sequence[Report], test: TestName) -> Interval:
    """Pod over host from the pairs of several runs."""
    pairs = [
        pair for report in reports for pair in pairs_of(test, latest_attempts(report.trials))[0]
    ]
    found = paired_ratio(pairs)
    assert found is not None
    return found.interval

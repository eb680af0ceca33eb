"""Real Cilium: the cluster is one, cniadvisor recognises it and measures on it.

The mode is vxlan, or native with CNIADVISOR_CILIUM_MODE=native. The cluster lives as long as this
file's tests. They come before the ones on Flannel (the file's name decides), so that on two cores
there is one cluster at a time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cluster import cgroups, lifecycle, metrics_server, pod_processes, processes
from tests.cluster.api import admin_api
from tests.cluster.cni import ready_nodes
from tests.cluster.command_line import CommandLine, ours
from tests.cluster.image import load_bench_image
from tests.cluster.node import node_exec
from tests.cluster.pausing import pausing_pods
from tests.cluster.sharing import KEEP, NAME, shared_cluster
from tests.cluster.state import FIRST_SERVICE_ADDRESS, Cluster
from tests.cluster.traces import Traces, assert_nothing_left_since, traces

pytestmark = [pytest.mark.cluster, pytest.mark.root, pytest.mark.timeout(900)]

MODE = os.environ.get("CNIADVISOR_CILIUM_MODE", "vxlan")
CLUSTER = f"{NAME}-cilium"
ROUTE_MTU = {"vxlan": 1450, "native": 1500}
TOOLS = {"iperf3", "wrk", "h2load", "curl", "scp", "sockperf"}
NOBODY_LISTENS = 9


@pytest.fixture(scope="module")
def before() -> Traces:
    return traces(CLUSTER)


@pytest.fixture(scope="module")
def cluster(before: Traces) -> Generator[Cluster]:
    with shared_cluster("cilium", MODE, CLUSTER) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def image(cluster: Cluster) -> str:
    return load_bench_image(cluster)


@pytest.fixture
def cniadvisor(cluster: Cluster, image: str, tmp_path: Path) -> CommandLine:
    return CommandLine(cluster=cluster, home=tmp_path, image=image)


def test_two_nodes_are_ready_and_run_upstreams_cilium(cluster: Cluster) -> None:
    api = admin_api(cluster)
    assert ready_nodes(api) == 2
    workloads = "/apis/apps/v1/namespaces/kube-system"
    agents = api.get(f"{workloads}/daemonsets/cilium")
    assert agents["status"]["numberReady"] == 2
    (agent,) = agents["spec"]["template"]["spec"]["containers"]
    assert agent["image"] == "quay.io/cilium/cilium:v1.20.2"
    (operator,) = api.get(f"{workloads}/deployments/cilium-operator")["spec"]["template"]["spec"][
        "containers"
    ]
    assert operator["image"] == "quay.io/cilium/operator-generic:v1.20.2"
    proxies = [p.name for p in processes.all_of(cluster) if p.name.endswith("/kube-proxy")]
    assert len(proxies) == (0 if MODE == "native" else 2)
    links = node_exec(cluster, "node1", ["ip", "-br", "link"])
    assert ("cilium_vxlan" in links) == (MODE == "vxlan")


CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()
except ConnectionRefusedError:
    print("refused")
else:
    print("connected")
"""


def test_pods_reach_each_other_and_services(cluster: Cluster) -> None:
    with pausing_pods(admin_api(cluster), cluster.nodes) as pods:
        addresses = [pod["status"]["podIP"] for pod in pods.values()]
        insides = pod_processes.find(cluster, "/pause")
        assert len(insides) >= len(pods)
        for pid in insides:
            # Being refused is an answer that only the pod itself gives.
            for address in addresses:
                assert said_in_pod(pid, address, NOBODY_LISTENS) == "refused"
            # Without kube-proxy this is done by programs that are attached to the pods' cgroup.
            assert said_in_pod(pid, FIRST_SERVICE_ADDRESS, 443) == "connected"
        for node in cluster.nodes:
            for address in addresses:
                answer = node_exec(cluster, node, connect(address, NOBODY_LISTENS))
                assert answer.strip() == "refused"


def test_metrics_answer(cluster: Cluster) -> None:
    """metrics-server is on the node's network and finds the API by its service address."""
    metrics_server.wait(admin_api(cluster), nodes=2)


def test_network_policy_is_enforced(cniadvisor: CommandLine, image: str, cluster: Cluster) -> None:
    ended = cniadvisor.run("probe", "policy", "--yes", "--image", image, "--output", "json")

    assert ended.code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["enforcement"] == "enforced", told
    assert {tried["standing"] for tried in told["parts"]} == {"enforced"}
    assert ours(cluster) == []


def connect(address: str, port: int) -> list[str]:
    return [sys.executable, "-c", CONNECT, address, str(port)]


def said_in_pod(pid: int, address: str, port: int) -> str:
    enter = ["nsenter", "--target", str(pid), "--net", "--", *connect(address, port)]
    done = subprocess.run(cgroups.beside(pid, enter), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_detect_reads_cilium_as_it_is(cniadvisor: CommandLine) -> None:
    ended = cniadvisor.run("detect", "--output", "json")

    assert ended.code == 0, ended.stderr
    found = json.loads(ended.stdout)
    primary = found["primary"]
    assert primary["name"] == "cilium"
    assert primary["version"] == "1.20.2"
    assert primary["mode"] == MODE
    assert primary["mtu"] == ROUTE_MTU[MODE]
    assert primary["encryption"] == "none"
    assert primary["confidence"] == "high"
    assert primary["coverage"] == {"nodes": 2, "of": 2}
    assert found["policy"]["name"] == "cilium"
    assert found["policy"]["version"] == "1.20.2"
    assert (found["kube_proxy_mode"] == "replaced") == (MODE == "native")


def test_a_run_ends_in_a_report_and_leaves_nothing(
    cniadvisor: CommandLine, cluster: Cluster
) -> None:
    # Half as long as a user's: what is looked at are not the figures.
    ended = cniadvisor.bench("--suite", "quick", "--duration", "1", "--probe", "policy")

    assert ended.code == 0, ended.stderr
    report = ended.report()
    assert report["run"]["outcome"] == "complete", "the way is open again after the probe"
    assert {one["standing"] for one in report["policy_probe"]["parts"]} == {"enforced"}
    assert report["findings"]["primary"]["name"] == "cilium"
    assert report["findings"]["primary"]["mode"] == MODE
    assert set(report["tools"]) >= TOOLS
    assert all(report["tools"].values()), "every tool's version is known"
    tests = set(report["plan"]["suite"]["tests"])
    assert {comparison["test"] for comparison in report["comparisons"]} == tests
    for comparison in report["comparisons"]:
        interval = comparison["ratio_95"]
        assert interval["low"] <= comparison["ratio"] <= interval["high"]
        assert comparison["pairs"] == 3
        assert comparison["verdict"] in {"faster", "slower", "no detectable difference"}
    for trial in report["trials"]:
        if "failure" in trial:
            continue  # it was tried again
        nic = trial["nic"]
        assert nic["rx_bytes"] >= nic["payload_bytes"] > 0, f"crossed the NIC: {trial}"
    assert {share["component"] for share in report["agents"]["shares"]} == {"cilium"}
    assert ours(cluster) == []


def test_down_leaves_nothing(cluster: Cluster, before: Traces) -> None:
    """The last one: it takes this file's cluster down."""
    if KEEP or ("state", CLUSTER) in before:
        pytest.skip("the cluster stays up")
    assert {"BPF program", "BPF map"} <= {kind for kind, _ in traces(CLUSTER) - before}
    lifecycle.down(CLUSTER)
    assert_nothing_left_since(before, CLUSTER)

"""The cluster is a real one."""

import ipaddress
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cluster import faults, metrics_server
from tests.cluster.api import ApiError, admin_api, api_of
from tests.cluster.cni import ready_nodes
from tests.cluster.kubeconfig import kubeconfig_for
from tests.cluster.network import shape
from tests.cluster.node import node_exec
from tests.cluster.pausing import pausing_pods
from tests.cluster.state import Cluster
from tests.cluster.waiting import until

pytestmark = [pytest.mark.cluster, pytest.mark.root, pytest.mark.timeout(300)]


def test_two_nodes_are_ready_and_run_upstreams_flannel(flannel_cluster: Cluster) -> None:
    api = admin_api(flannel_cluster)
    assert ready_nodes(api) == 2
    nodes = api.items("/api/v1/nodes")
    assert {n["status"]["nodeInfo"]["kubeletVersion"] for n in nodes} == {"v1.34.4"}
    daemon_set = api.get("/apis/apps/v1/namespaces/kube-flannel/daemonsets/kube-flannel-ds")
    assert daemon_set["status"]["numberReady"] == 2
    container = daemon_set["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "ghcr.io/flannel-io/flannel:v0.28.10"
    assert "flannel.1" in node_exec(flannel_cluster, "node1", ["ip", "-br", "link"])


def test_pods_get_addresses_of_their_nodes_and_reach_each_other(flannel_cluster: Cluster) -> None:
    api = admin_api(flannel_cluster)
    with pausing_pods(api, flannel_cluster.nodes) as pods:
        for node, pod in pods.items():
            cidr = api.get(f"/api/v1/nodes/{node}")["spec"]["podCIDR"]
            assert ipaddress.ip_address(pod["status"]["podIP"]) in ipaddress.ip_network(cidr)
        far = pods["node2"]["status"]["podIP"]
        # Nothing listens in the pod: being refused is an answer that only the pod itself gives.
        probe = f"import socket; socket.create_connection(({far!r}, 9), 5)"
        with pytest.raises(Exception, match="ConnectionRefusedError"):
            node_exec(flannel_cluster, "node1", [sys.executable, "-c", probe])


def test_metrics_answer(flannel_cluster: Cluster) -> None:
    api = admin_api(flannel_cluster)
    metrics_server.wait(api, nodes=2)
    pods = api.items("/apis/metrics.k8s.io/v1beta1/namespaces/kube-flannel/pods")
    assert len(pods) == 2
    assert all(pod["containers"][0]["usage"]["memory"] for pod in pods)


def test_a_user_may_do_what_the_rules_say_and_nothing_else(flannel_cluster: Cluster) -> None:
    rules = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]
    kubeconfig_for(flannel_cluster, "looks-at-nodes", rules)
    api = api_of(flannel_cluster, "user-looks-at-nodes")
    until(lambda: api.answers("/api/v1/nodes"), 10, "the rules are in force")
    with pytest.raises(ApiError) as refused:
        api.items("/api/v1/pods")
    assert refused.value.status == 403


def test_many_connections_at_once_are_answered(flannel_cluster: Cluster) -> None:
    api = admin_api(flannel_cluster)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(api.answers, ["/readyz"] * 200))
    assert all(answers)


def test_the_api_server_can_be_cut_off(flannel_cluster: Cluster) -> None:
    api = admin_api(flannel_cluster)
    assert api.answers("/readyz")
    faults.forwarder_stop(flannel_cluster)
    try:
        with pytest.raises(OSError, match="refused"):
            api.get("/version")
    finally:
        faults.forwarder_start(flannel_cluster)
    until(lambda: api.answers("/readyz"), 10, "the API server is back")


def test_a_shaped_wire_carries_its_rate_and_no_more(flannel_cluster: Cluster) -> None:
    shape(flannel_cluster, "node1", 200)
    try:
        there = megabits_per_second(flannel_cluster, sender="node1", receiver="node2")
        back = megabits_per_second(flannel_cluster, sender="node2", receiver="node1")
    finally:
        shape(flannel_cluster, "node1", None)
    free = megabits_per_second(flannel_cluster, sender="node1", receiver="node2")
    # Of 1514 bytes on the wire 1448 are payload.
    assert there == pytest.approx(200 * 1448 / 1514, rel=0.05)
    assert back == pytest.approx(200 * 1448 / 1514, rel=0.05)
    assert free > 400


SENDER = """
import socket, sys
with socket.create_connection((sys.argv[1], 5999), 10) as s:
    for _ in range(int(sys.argv[2])):
        s.sendall(bytes(1 << 20))
    s.shutdown(socket.SHUT_WR)
    s.recv(1)
"""
RECEIVER = """
import socket, sys, time
with socket.create_server((sys.argv[1], 5999)) as server:
    server.settimeout(20)
    s, _ = server.accept()
    count = len(s.recv(1 << 20))
    began = time.monotonic()
    while piece := s.recv(1 << 20):
        count += len(piece)
    print(count * 8 / 1e6 / (time.monotonic() - began))
    s.close()
"""


def megabits_per_second(cluster: Cluster, sender: str, receiver: str) -> float:
    address = cluster.address(receiver)
    with ThreadPoolExecutor(1) as pool:
        receiving = pool.submit(
            node_exec, cluster, receiver, [sys.executable, "-c", RECEIVER, address], 60
        )
        time.sleep(1)
        node_exec(cluster, sender, [sys.executable, "-c", SENDER, address, "60"], 60)
        return float(receiving.result())

"""Which nodes and pods are looked at: pure rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.k8s.pod_sample import (
    evenly,
    is_agent,
    is_network_workload,
    is_stuck,
    sampled_pods,
)


def pod(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": fields.pop("created", "2026-01-01")}
        | fields.pop("metadata", {}),
        "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "shop:1"}]}
        | fields.pop("spec", {}),
        "status": {"phase": "Running", "podIP": "10.0.0.1"} | fields.pop("status", {}),
    }


STUCK = {"phase": "Pending", "podIP": None}


def names(pods: list[dict[str, Any]]) -> list[str]:
    return [item["metadata"]["name"] for item in pods]


@given(st.lists(st.text(min_size=1), unique=True), st.integers(min_value=0, max_value=20))
def test_evenly_keeps_order_first_and_last(everything: list[str], count: int) -> None:
    chosen = list(evenly(everything, count))
    assert len(chosen) == min(len(everything), count)
    assert [name for name in everything if name in chosen] == chosen
    if count > 1 and everything:
        assert (chosen[0], chosen[-1]) == (everything[0], everything[-1])


def test_of_a_node_the_stuck_the_attached_the_newest_and_the_oldest_come_first() -> None:
    attached = {"annotations": {"k8s.v1.cni.cncf.io/networks": "net-a"}}
    pods = [
        pod("middle", created="2026-01-02"),
        pod("oldest", created="2026-01-01"),
        pod("newest", created="2026-01-03"),
        pod("attached", created="2025-01-01", metadata=attached),
        pod("stuck", created="2026-01-04", status=STUCK),
        pod("stuck-too", created="2026-01-01", status=STUCK),
    ]
    pods[3]["metadata"]["creationTimestamp"] = "2026-01-01T12"
    order = names(sampled_pods([pods], 99))
    assert order == ["stuck", "attached", "newest", "oldest", "middle", "stuck-too"]


@pytest.mark.parametrize(
    "unfit",
    [
        pod("host", spec={"hostNetwork": True}),
        pod("done", status={"phase": "Succeeded"}),
        pod("no-address", status={"podIP": ""}),
        pod("unscheduled", spec={"nodeName": None}, status=STUCK),
        pod("agent", metadata={"ownerReferences": [{"kind": "DaemonSet"}], "name": "kindnet-x"}),
        {},
    ],
)
def test_pods_the_cni_did_not_wire_are_left_out(unfit: dict[str, Any]) -> None:
    assert sampled_pods([[unfit]], 9) == []


def test_the_sample_is_shared_out_over_the_nodes() -> None:
    nodes = [[pod(f"{node}{number}") for number in range(5)] for node in "abc"]
    assert [name[0] for name in names(sampled_pods(nodes, 6))] == list("abcabc")
    assert len(sampled_pods([nodes[0], []], 20)) == 5


def test_stuck_is_on_a_node_without_an_address() -> None:
    assert is_stuck(pod("x", status=STUCK))
    assert not is_stuck(pod("x"))
    assert not is_stuck(pod("x", status=STUCK, spec={"nodeName": ""}))


@pytest.mark.parametrize(
    ("name", "container", "image"),
    [
        ("kube-flannel-ds", "kube-flannel", "ghcr.io/flannel-io/flannel:v0.28.10"),
        ("renamed", "calico-node", "registry.example/mirror/node:v3"),
        ("renamed", "agent", "rancher/hardened-calico:v3"),
        ("anetd", "cilium-agent", "gcr.io/x"),
        ("aws-node", "aws-node", "x"),
        ("azure-cns", "cns-container", "x"),
        ("kindnet", "kindnet-cni", "x"),
        ("kube-multus-ds", "kube-multus", "x"),
        ("ovs-ovn", "openvswitch", "kubeovn/kube-ovn:v1"),
        ("weave-net", "weave", "x"),
        ("netd", "netd", "x"),
        ("kube-proxy", "kube-proxy", "x"),
    ],
)
def test_network_workloads(name: str, container: str, image: str) -> None:
    spec: dict[str, Any] = {"containers": [{"name": container, "image": image}]}
    workload: dict[str, Any] = {"metadata": {"name": name}, "spec": {"template": {"spec": spec}}}
    assert is_network_workload(workload)
    owned: dict[str, Any] = {"name": f"{name}-x", "ownerReferences": [{"kind": "DaemonSet"}]}
    assert is_agent({"metadata": owned, "spec": spec})


def test_a_static_pod_of_kube_proxy_is_an_agent() -> None:
    owner: dict[str, Any] = {"name": "kube-proxy-node1", "ownerReferences": [{"kind": "Node"}]}
    spec: dict[str, Any] = {"containers": [{"name": "kube-proxy", "image": "x"}]}
    assert is_agent({"metadata": owner, "spec": spec})


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("node-exporter", "quay.io/prometheus/node-exporter:v1"),
        ("fluent-bit", "fluent/fluent-bit"),
        ("ebs-csi-node", "x/aws-ebs-csi-driver:v1"),
        ("mynetdata", "netdata/netdata:v1"),
        ("shop", "calico/shop/app:v1"),
    ],
)
def test_other_workloads(name: str, image: str) -> None:
    spec: dict[str, Any] = {"containers": [{"name": "main", "image": image}]}
    workload: dict[str, Any] = {"metadata": {"name": name}, "spec": {"template": {"spec": spec}}}
    assert not is_network_workload(workload)

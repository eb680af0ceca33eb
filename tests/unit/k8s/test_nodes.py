from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.domain.errors import AccessError
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.nodes import node_facts, node_trouble, read_nodes, requested_millicores
from tests.fakeapi.server import FakeApi

NODES, PODS = "/api/v1/nodes", "/api/v1/pods"


def node(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "labels": {
                "topology.kubernetes.io/zone": "eu-1a",
                "node.kubernetes.io/instance-type": "m5.large",
                **changes.pop("labels", {}),
            },
        },
        "spec": changes.pop("spec", {}),
        "status": {
            "addresses": [
                {"type": "Hostname", "address": name},
                {"type": "InternalIP", "address": "10.0.0.7"},
            ],
            "capacity": {"cpu": "4", "memory": "16384Ki"},
            "conditions": [
                {"type": "MemoryPressure", "status": "False"},
                {"type": "Ready", "status": "True"},
            ],
            "nodeInfo": {
                "architecture": "amd64",
                "operatingSystem": "linux",
                "kernelVersion": "6.1.0",
                "osImage": "Debian",
                "kubeletVersion": "v1.34.4",
                "containerRuntimeVersion": "containerd://1.6",
                "bootID": "b",
            },
            **changes,
        },
    }


def pod(on: str, cpu: str, *, phase: str = "Running", name: str = "p") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "x"},
        "spec": {"nodeName": on, "containers": [{"resources": {"requests": {"cpu": cpu}}}]},
        "status": {"phase": phase},
    }


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    async with FakeApi.serve({NODES: {"items": []}, PODS: {"items": []}}) as served:
        yield served


def test_a_node_tells_what_it_is() -> None:
    facts = node_facts(node("n1"))
    assert facts.name == "n1"
    assert facts.internal_ip == "10.0.0.7"
    assert facts.ready
    assert facts.schedulable
    assert not facts.tainted
    assert not facts.control_plane
    assert facts.operating_system == "linux"
    assert facts.cpu_millicores == 4000
    assert facts.memory_mib == 16
    assert facts.zone == "eu-1a"
    assert facts.instance_type == "m5.large"
    assert facts.boot_id == "b"
    assert facts.requested_cpu_millicores is None


def test_a_bare_node_tells_nothing_and_breaks_nothing() -> None:
    facts = node_facts({"metadata": {"name": "n"}, "status": {"addresses": "?"}, "spec": None})
    assert not facts.ready
    assert facts.internal_ip is None
    assert facts.boot_id is None
    assert facts.zone is None
    assert facts.cpu_millicores == 0


def test_taints_cordon_and_role() -> None:
    assert node_facts(node("n", spec={"unschedulable": True})).schedulable is False
    no_schedule = {"taints": [{"key": "k", "effect": "NoSchedule"}]}
    assert node_facts(node("n", spec=no_schedule)).tainted
    preferred = {"taints": [{"key": "k", "effect": "PreferNoSchedule"}]}
    assert not node_facts(node("n", spec=preferred)).tainted
    assert node_facts(node("n", labels={"node-role.kubernetes.io/master": ""})).control_plane


def test_control_characters_go() -> None:
    hostile = node("n\x1b[31m", nodeInfo={"kernelVersion": "6\x07.1", "operatingSystem": "linux"})
    facts = node_facts(hostile)
    assert facts.name == "n[31m"
    assert facts.kernel == "6.1"


def test_trouble_is_told_by_conditions() -> None:
    assert node_trouble(node("n")) is None
    pressed = node("n", conditions=[{"type": "Ready", "status": "True"}, *PRESSED])
    assert node_trouble(pressed) == "node n is under pressure (DiskPressure)"
    away = [{"type": "Ready", "status": "Unknown", "message": "Kubelet stopped\nposting"}]
    assert node_trouble(node("n", conditions=away)) == (
        "node n is not ready: Kubelet stopped posting"
    )
    assert node_trouble(node("n", conditions=[])) == "node n is not ready"


PRESSED = [{"type": "DiskPressure", "status": "True"}]


def test_what_a_pod_requests_counts_sidecars_start_and_overhead() -> None:
    def asks(cpu: str, **more: str) -> dict[str, Any]:
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    spec: dict[str, Any] = {"containers": [asks("100m"), asks("0.2"), {}]}
    assert requested_millicores({"spec": spec}) == 300
    spec["initContainers"] = [asks("50m", restartPolicy="Always"), asks("900m")]
    assert requested_millicores({"spec": spec}) == 950
    spec["initContainers"] = [asks("200m"), asks("50m", restartPolicy="Always")]
    assert requested_millicores({"spec": spec}) == 350
    spec["overhead"] = {"cpu": "250m"}
    assert requested_millicores({"spec": spec}) == 600


async def test_requests_are_summed_on_nodes_a_run_could_use(api: FakeApi, tmp_path: Path) -> None:
    api.add(NODES, node("b"))
    api.add(NODES, node("a"))
    api.add(NODES, node("cordoned", spec={"unschedulable": True}))
    api.add(PODS, pod("a", "100m", name="p1"))
    api.add(PODS, pod("a", "250m", name="p2"))
    api.add(PODS, pod("a", "4", phase="Succeeded", name="p3"))
    async with connect(kubeconfig=str(api.write_kubeconfig(tmp_path / "k"))) as connection:
        nodes = await read_nodes(connection)
    requested = {facts.name: facts.requested_cpu_millicores for facts in nodes}
    assert requested == {"a": 350, "b": 0, "cordoned": None}
    assert [facts.name for facts in nodes] == ["a", "b", "cordoned"]


async def test_without_the_right_to_list_pods_requests_are_unknown(
    api: FakeApi, tmp_path: Path
) -> None:
    api.add(NODES, node("a"))
    api.deny("list pods")
    async with connect(kubeconfig=str(api.write_kubeconfig(tmp_path / "k"))) as connection:
        nodes = await read_nodes(connection)
    assert [facts.requested_cpu_millicores for facts in nodes] == [None]


async def test_without_the_right_to_list_nodes_it_is_named(api: FakeApi, tmp_path: Path) -> None:
    api.deny("list nodes")
    async with connect(kubeconfig=str(api.write_kubeconfig(tmp_path / "k"))) as connection:
        with pytest.raises(AccessError) as refusal:
            await read_nodes(connection)
    assert refusal.value.right == "list nodes"


async def test_pods_of_a_large_cluster_are_not_all_read(api: FakeApi, tmp_path: Path) -> None:
    for number in range(30):
        api.add(NODES, node(f"n{number:02}"))
    async with connect(kubeconfig=str(api.write_kubeconfig(tmp_path / "k"))) as connection:
        nodes = await read_nodes(connection)
    assert len(nodes) == 30
    assert sum(request.path == PODS for request in api.requests) == 12

"""Reading an inventory from a fake API server: what is asked and kept, what each fault does."""

import asyncio
import copy
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.detect.detection import detect
from cniadvisor.detect.paths import CONFIG_MAPS, PATHS
from cniadvisor.domain.errors import AccessError, ClusterError, DeadlineError
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Inventory
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.k8s.inventory_file import load, save
from cniadvisor.k8s.inventory_reads import CONFIG_MAP_HOMES, CUSTOM_LISTS
from tests.fakeapi.server import FakeApi
from tests.fakeapi.snapshots import load_inventory_file

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"
NODES, PODS, EVENTS = "/api/v1/nodes", "/api/v1/pods", "/api/v1/events"
DAEMON_SETS, DEPLOYMENTS = "/apis/apps/v1/daemonsets", "/apis/apps/v1/deployments"
IP_POOLS = "/apis/crd.projectcalico.org/v1/ippools"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for real in test_connection."""

    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr("cniadvisor.k8s.connection._sleep", at_once)


def recorded(name: str) -> dict[str, Any]:
    return load_inventory_file(RECORDED / f"{name}.json")


@asynccontextmanager
async def serving(
    content: dict[str, Any], tmp_path: Path, *, timeout_s: float = 2
) -> AsyncGenerator[tuple[FakeApi, "Reading"]]:
    async with FakeApi.serve(content) as api:
        yield api, Reading(api, tmp_path, timeout_s)


class Reading:
    """Reads the inventory of a fake API server."""

    def __init__(self, api: FakeApi, tmp_path: Path, timeout_s: float) -> None:
        self.api, self.tmp_path, self.timeout_s = api, tmp_path, timeout_s
        self.told: list[str] = []

    async def __call__(self, namespace: str | None = None) -> Inventory:
        path = self.api.write_kubeconfig(self.tmp_path / "config", namespace=namespace)
        async with connect(kubeconfig=str(path), timeout_s=self.timeout_s) as connection:
            return await read_inventory(connection, progress=self.told.append)


def found_names(inventory: Inventory, path: str) -> set[str]:
    return {item["metadata"]["name"] for item in inventory.items(path)}  # pyright: ignore


def config_maps(inventory: Inventory) -> set[str]:
    return {
        path.removeprefix("/api/v1/namespaces/").replace("/configmaps/", "/")
        for path, read in inventory.reads.items()
        if "/configmaps/" in path and isinstance(read, Found)
    }


def pod(name: str, node: str, *, namespace: str = "team", created: str = "", **more: Any) -> Any:
    created = created or "2026-01-01T00:00:00Z"
    base: dict[str, Any] = {
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1"},
    }
    for key, value in more.items():
        base[key] |= value
    return base


def node(name: str, *, ready: bool = True) -> Any:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {"metadata": {"name": name}, "status": {"conditions": conditions}}


def listing(*items: Any) -> dict[str, Any]:
    return {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": list(items)}


@pytest.mark.parametrize(
    ("name", "maps"),
    [
        ("flannel-vxlan-0.28.10", {"kube-flannel/kube-flannel-cfg"}),
        ("calico-vxlan-3.31", {"kube-system/calico-config"}),
        ("canal-3.31", {"kube-system/canal-config"}),
        ("cilium-vxlan-1.20", {"kube-system/cilium-config"}),
        ("multus-on-canal", {"kube-system/canal-config", "kube-system/multus-cni-config"}),
    ],
)
async def test_a_recorded_cluster_gives_what_was_recorded(
    tmp_path: Path, name: str, maps: set[str]
) -> None:
    content = recorded(name)
    async with serving(content, tmp_path) as (_, read):
        inventory = await read()
    for path in ("/version", "/apis"):
        assert inventory.body(path) == content[path]
    for path in (NODES, DAEMON_SETS, *(custom.path for custom in CUSTOM_LISTS)):
        listed = content.get(path, {}).get("items", [])
        assert found_names(inventory, path) == {item["metadata"]["name"] for item in listed}, path
    assert config_maps(inventory) == maps
    # On two nodes there are few pods: all agents and all that the CNI wired are kept.
    agents_and_wired = {
        item["metadata"]["name"]
        for item in content[PODS]["items"]
        if not item["spec"].get("hostNetwork") or "DaemonSet" in json.dumps(item["metadata"])
    }
    assert found_names(inventory, PODS) == agents_and_wired
    assert load(json.dumps(save(inventory))) == inventory


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
async def test_detection_finds_in_what_was_read_what_it_finds_in_the_record(
    tmp_path: Path, path: Path
) -> None:
    content = load_inventory_file(path)
    async with serving(content, tmp_path) as (_, read):
        live = detect(await read())
    record = detect(load(json.dumps(content)))
    assert record.primary is not None
    assert live.primary is not None
    # Evidence names some pods of the sample, which may be others.
    assert replace(live.primary, evidence=()) == replace(record.primary, evidence=())
    for slot in ("policy", "meta", "chained", "embedded", "residue", "distribution"):
        assert getattr(live, slot) == getattr(record, slot), slot


async def test_everything_detection_looks_at_is_read(tmp_path: Path) -> None:
    async with serving(recorded("flannel-broken-cniversion"), tmp_path) as (_, read):
        inventory = await read()
    optional = {
        "host:/etc/cni/net.d",
        "/api/v1/configmaps",  # by name instead
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",  # /apis tells it to everybody
    }
    assert set(PATHS) - optional <= inventory.reads.keys()
    assert set(CONFIG_MAPS) <= CONFIG_MAP_HOMES.keys()


async def test_no_secret_is_asked_for_and_none_is_kept(tmp_path: Path) -> None:
    content = recorded("flannel-vxlan-0.28.10")
    config = next(
        item
        for item in content["/api/v1/configmaps"]["items"]
        if item["metadata"]["name"] == "kube-flannel-cfg"
    )
    config["data"]["net-conf.json"] = '{"Backend":{"Type":"wireguard","PSK":"hunter2"}}'
    container = content[DAEMON_SETS]["items"][0]["spec"]["template"]["spec"]["containers"][0]
    container["env"].append({"name": "ETCD_PASSWORD", "value": "hunter2"})
    content[NODES]["items"][0]["metadata"]["annotations"]["my/token"] = "hunter2"
    content[PODS]["items"][0]["metadata"]["managedFields"] = ["hunter2"]
    async with serving(content, tmp_path) as (api, read):
        inventory = await read()
    assert "hunter2" not in json.dumps(save(inventory))
    assert not [request.path for request in api.requests if "secret" in request.path]


async def test_the_big_lists_are_cut_or_selected(tmp_path: Path) -> None:
    async with serving(recorded("cilium-vxlan-1.20"), tmp_path) as (api, read):
        await read()
    whole = {
        request.path
        for request in api.requests
        if not {"limit", "labelSelector", "fieldSelector"} & request.query.keys()
    }
    assert {path for path in whole if "/configmaps/" not in path} == {"/version", "/apis"}
    pods = [request.query for request in api.requests if request.path == PODS]
    assert {query["fieldSelector"] for query in pods} == {
        "spec.nodeName=node1",
        "spec.nodeName=node2",
    }
    assert {query["resourceVersion"] for query in pods} == {"0"}
    asked = {request.path for request in api.requests}
    assert "/apis/cilium.io/v2/ciliumnodes" in asked
    assert not [path for path in asked if "projectcalico" in path]  # /apis says it isn't served


async def test_deployments_of_all_selectors_are_merged(tmp_path: Path) -> None:
    content = recorded("calico-vxlan-3.31")
    content[DEPLOYMENTS]["items"] += [
        {"metadata": {"name": "op", "namespace": "a", "labels": {"io.cilium/app": "operator"}}},
        {"metadata": {"name": "antrea-controller", "namespace": "a", "labels": {"app": "antrea"}}},
        {"metadata": {"name": "shop", "namespace": "a", "labels": {"app": "shop"}}},
    ]
    async with serving(content, tmp_path) as (_, read):
        inventory = await read()
    assert found_names(inventory, DEPLOYMENTS) == {
        "calico-kube-controllers",
        "op",
        "antrea-controller",
    }


async def test_config_maps_that_agents_mount_are_read_under_any_name(tmp_path: Path) -> None:
    content = recorded("multus-on-canal")
    multus = next(
        item for item in content[DAEMON_SETS]["items"] if "multus" in item["metadata"]["name"]
    )
    spec = multus["spec"]["template"]["spec"]
    spec["volumes"].append({"name": "v", "configMap": {"name": "rke2-multus-4.3-config"}})
    spec["containers"][0]["envFrom"] = [{"configMapRef": {"name": "from-env"}}]
    for name in ("rke2-multus-4.3-config", "from-env", "not-ours"):
        item = {"metadata": {"name": name, "namespace": "kube-system"}, "data": {}}
        content["/api/v1/configmaps"]["items"].append(item)
    async with serving(content, tmp_path) as (_, read):
        inventory = await read()
    assert {"kube-system/rke2-multus-4.3-config", "kube-system/from-env"} <= config_maps(inventory)
    assert "kube-system/not-ours" not in config_maps(inventory)


# --- limited rights ------------------------------------------------------------------------------


async def test_a_refused_read_is_forbidden_with_its_right_never_absent(tmp_path: Path) -> None:
    async with serving(recorded("calico-vxlan-3.31"), tmp_path) as (api, read):
        api.deny("list nodes", "list ippools.crd.projectcalico.org", "get configmaps")
        inventory = await read()
    assert inventory.read(NODES) == Forbidden(right="list nodes")
    assert inventory.read(IP_POOLS) == Forbidden(right="list ippools.crd.projectcalico.org")
    assert inventory.read("/api/v1/namespaces/kube-system/configmaps/calico-config") == Forbidden(
        right="get configmaps in namespace kube-system"
    )
    assert found_names(inventory, DAEMON_SETS) == {"calico-node"}
    # Nodes' names come from the agents' pods then, and the sample is as good as before.
    assert {"cli", "srv"} <= found_names(inventory, PODS)


async def test_what_may_not_be_listed_everywhere_is_listed_in_known_namespaces(
    tmp_path: Path,
) -> None:
    async with serving(recorded("canal-3.31"), tmp_path) as (api, read):
        api.deny(
            *(
                f"list {resource} at the cluster scope"
                for resource in ("daemonsets.apps", "deployments.apps", "pods", "nodes")
            )
        )
        inventory = await read(namespace="default")
    assert inventory.read(DAEMON_SETS) == Forbidden(right="list daemonsets.apps")
    assert inventory.read(PODS) == Forbidden(right="list pods")
    system = "/apis/apps/v1/namespaces/kube-system"
    assert found_names(inventory, f"{system}/daemonsets") == {"canal"}
    assert found_names(inventory, f"{system}/deployments") == {"calico-kube-controllers"}
    pods = found_names(inventory, "/api/v1/namespaces/kube-system/pods")
    assert len([name for name in pods if name.startswith("canal-")]) == 2
    # The user's own namespace is looked at, too: there are the pods that tell who wired them.
    assert {"cli", "srv"} <= found_names(inventory, "/api/v1/namespaces/default/pods")
    assert config_maps(inventory) == {"kube-system/canal-config"}


async def test_a_user_without_any_right_still_gets_an_inventory(tmp_path: Path) -> None:
    content = recorded("flannel-vxlan-0.28.10")
    async with serving(content, tmp_path) as (api, read):
        api.deny(
            *(
                f"{verb} {resource}"
                for verb in ("get", "list")
                for resource in (
                    "nodes", "pods", "configmaps", "daemonsets.apps", "deployments.apps",
                    "networkpolicies.networking.k8s.io",
                )
            )
        )  # fmt: skip
        inventory = await read()
    assert isinstance(inventory.read("/version"), Found)
    assert isinstance(inventory.read("/apis"), Found)
    refused = {path for path, read_ in inventory.reads.items() if isinstance(read_, Forbidden)}
    assert {NODES, PODS, DAEMON_SETS, DEPLOYMENTS} <= refused
    assert all(read_.right for read_ in inventory.reads.values() if isinstance(read_, Forbidden))


async def test_credentials_that_are_not_accepted_are_no_inventory(tmp_path: Path) -> None:
    async with serving(recorded("flannel-vxlan-0.28.10"), tmp_path) as (api, _):
        api.token = "right"
        path = api.write_kubeconfig(tmp_path / "config", user={"token": "wrong"})
        async with connect(kubeconfig=str(path)) as connection:
            with pytest.raises(AccessError, match="expired"):
                await read_inventory(connection)


# --- faults --------------------------------------------------------------------------------------


async def test_where_apis_is_not_readable_everything_is_asked_for(tmp_path: Path) -> None:
    async with serving(recorded("calico-vxlan-3.31"), tmp_path) as (api, read):
        api.fault("/apis", status=403)
        inventory = await read()
    assert inventory.read("/apis") == Forbidden(right="get /apis")
    assert found_names(inventory, IP_POOLS) == {"default-ipv4-ippool"}
    assert inventory.read("/apis/cilium.io/v2/ciliumnodes") == Absent()


async def test_what_fails_is_failed_with_the_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    async with serving(recorded("calico-vxlan-3.31"), tmp_path) as (api, read):
        api.fault(IP_POOLS, status=500, times=99, message="etcd\x1b is sad")
        api.fault(NODES, drop=True, times=99)
        api.fault(DEPLOYMENTS, raw=b"<html>", times=99)
        inventory = await read()
    pools, nodes = inventory.read(IP_POOLS), inventory.read(NODES)
    assert isinstance(pools, Failed)
    assert pools.status == 500
    assert "etcd is sad" in pools.reason
    assert isinstance(nodes, Failed)
    assert "broke" in nodes.reason
    assert isinstance(inventory.read(DEPLOYMENTS), Failed)
    assert found_names(inventory, DAEMON_SETS) == {"calico-node"}


async def test_a_page_that_fails_makes_the_list_failed_not_short(tmp_path: Path) -> None:
    content = recorded("flannel-vxlan-0.28.10")
    content[NODES]["items"] = [node(f"n{index}") for index in range(1200)]
    async with serving(content, tmp_path) as (api, read):
        api.fault(NODES, page=3, status=503, times=99)
        inventory = await read()
    assert isinstance(inventory.read(NODES), Failed)
    # Pods are sampled from the nodes that the agents' pods name.
    assert {"cli", "srv"} <= found_names(inventory, PODS)


@pytest.mark.parametrize(
    "fault",
    [
        {"page": 2, "status": 410},
        {"page": 3, "status": 429, "retry_after": "0"},
        {"page": 2, "status": 503, "times": 2},
        {"page": 2, "drop": True},
        {"page": 3, "drop_in_body": True},
    ],
)
async def test_pages_survive_what_passes(tmp_path: Path, fault: dict[str, Any]) -> None:
    content = recorded("flannel-vxlan-0.28.10")
    content[NODES]["items"] = [node(f"n{index}") for index in range(1200)]
    async with serving(content, tmp_path) as (api, read):
        api.fault(NODES, **fault)
        inventory = await read()
    assert len(inventory.items(NODES)) == 1200
    assert len(found_names(inventory, NODES)) == 1200


async def test_a_node_whose_pods_can_not_be_listed_is_told(tmp_path: Path) -> None:
    async with serving(recorded("flannel-vxlan-0.28.10"), tmp_path) as (api, read):
        selector = "spec.nodeName=node1"
        api.fault(PODS, status=500, where={"fieldSelector": selector}, times=4)
        inventory = await read()
    failed = [path for path, read_ in inventory.reads.items() if isinstance(read_, Failed)]
    assert failed == [f"{PODS}?fieldSelector={selector}"]
    assert {item["spec"]["nodeName"] for item in inventory.items(PODS)} == {"node2"}  # pyright: ignore


async def test_a_server_that_is_not_there_is_no_inventory(tmp_path: Path) -> None:
    async with serving(recorded("flannel-vxlan-0.28.10"), tmp_path) as (api, read):
        api.port = 1
        with pytest.raises(ClusterError, match="connection refused"):
            await read()


async def test_a_server_that_is_no_api_server_is_no_inventory(tmp_path: Path) -> None:
    async with serving(recorded("flannel-vxlan-0.28.10"), tmp_path) as (api, read):
        api.fault("/version", status=404)
        with pytest.raises(ClusterError, match="no Kubernetes API server"):
            await read()


async def test_a_server_that_does_not_answer_is_no_inventory(tmp_path: Path) -> None:
    content = recorded("flannel-vxlan-0.28.10")
    async with serving(content, tmp_path, timeout_s=0.3) as (api, read):
        api.fault("/version", delay_s=2, times=9)
        with pytest.raises(DeadlineError):
            await read()


# --- the sample of pods --------------------------------------------------------------------------


async def test_a_big_cluster_gives_twenty_pods_of_ten_nodes(tmp_path: Path) -> None:
    nodes = [node(f"n{index:03}") for index in range(100)]
    pods = [
        pod(f"p{index}-{number}", f"n{index:03}", created=f"2026-01-{number + 1:02}T00:00:00Z")
        for index in range(100)
        for number in range(9)
    ]
    content = {NODES: listing(*nodes), PODS: listing(*pods), DAEMON_SETS: listing()}
    async with serving(content, tmp_path) as (api, read):
        inventory = await read()
    kept = inventory.items(PODS)
    assert len(kept) == 20
    by_node: dict[str, set[str]] = {}
    for item in kept:
        by_node.setdefault(item["spec"]["nodeName"], set()).add(item["metadata"]["name"])  # pyright: ignore
    # Evenly over the cluster, and of each node the newest and the oldest.
    assert sorted(by_node) == [f"n{index * 11:03}" for index in range(10)]
    assert by_node["n011"] == {"p11-8", "p11-0"}
    assert len([request for request in api.requests if request.path == PODS]) == 10


async def test_nodes_that_do_not_come_up_are_looked_at(tmp_path: Path) -> None:
    nodes = [node(f"n{index:02}") for index in range(30)] + [node("sick", ready=False)]
    content = {NODES: listing(*nodes), PODS: listing(pod("p", "sick"))}
    async with serving(content, tmp_path) as (_, read):
        inventory = await read()
    assert found_names(inventory, PODS) == {"p"}


async def test_stuck_pods_come_first_and_their_events_are_asked_for(tmp_path: Path) -> None:
    content = recorded("flannel-broken-cniversion")
    told = {
        "metadata": {"name": "cli.1", "namespace": "default"},
        "involvedObject": {"kind": "Pod", "name": "cli", "namespace": "default"},
        "reason": "FailedCreatePodSandBox",
        "message": 'plugin type="flannel" failed: incompatible CNI versions',
    }
    other = copy.deepcopy(told) | {"reason": "Scheduled"}
    other["metadata"] = {"name": "cli.2", "namespace": "default"}
    content[EVENTS] = listing(told, other)
    async with serving(content, tmp_path) as (_, read):
        inventory = await read()
    assert {"cli", "srv"} <= found_names(inventory, PODS)
    assert [item["message"] for item in inventory.items(EVENTS)] == [told["message"]]
    assert "default/cli" in " ".join(detect(inventory).warnings)


async def test_events_are_not_asked_for_without_need(tmp_path: Path) -> None:
    async with serving(recorded("flannel-vxlan-0.28.10"), tmp_path) as (api, read):
        inventory = await read()
    assert inventory.read(EVENTS) is None
    assert not [request.path for request in api.requests if request.path.endswith("/events")]


async def test_progress_is_told_in_sentences(tmp_path: Path) -> None:
    async with serving(recorded("flannel-vxlan-0.28.10"), tmp_path) as (_, read):
        await read()
    assert read.told[0] == "read 2 nodes and 1 network DaemonSets"
    assert len(read.told) == 2

"""Which DaemonSets are the agents, from recorded clusters and made ones."""

from pathlib import Path

import pytest

from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.inventory import Forbidden, Found, Inventory, JsonObject
from cniadvisor.k8s.inventory_file import load
from cniadvisor.metrics.agents import Agents, agents_of, label_selector

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"


def recorded(name: str) -> Agents:
    inventory = load((RECORDED / f"{name}.json").read_text())
    return agents_of(inventory, detect(inventory))


def told(agents: Agents) -> list[tuple[str, str, str]]:
    return [(one.component, str(one), one.selector) for one in agents.workloads]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "flannel-vxlan-0.28.10",
            [("flannel", "kube-flannel/kube-flannel-ds", "app=flannel")],
        ),
        ("canal-3.31", [("canal", "kube-system/canal", "k8s-app=canal")]),
        ("cilium-vxlan-1.20", [("cilium", "kube-system/cilium", "k8s-app=cilium")]),
        ("calico-vxlan-3.31", [("calico", "kube-system/calico-node", "k8s-app=calico-node")]),
        (
            "multus-on-canal",
            [
                ("canal", "kube-system/canal", "k8s-app=canal"),
                ("multus", "kube-system/kube-multus-ds", "name=multus"),
            ],
        ),
    ],
)
def test_agents_of_recorded_clusters(name: str, expected: list[tuple[str, str, str]]) -> None:
    agents = recorded(name)
    assert told(agents) == expected
    assert agents.reason == ""


def test_a_former_cni_is_no_agent() -> None:
    assert all(
        one.component != "flannel" for one in recorded("residue-flannel-to-calico").workloads
    )


def test_without_agents_the_reason_is_told() -> None:
    embedded = Findings(primary=Component(name="flannel", variant="embedded"))
    agents = agents_of(Inventory(), embedded)
    assert agents.workloads == ()
    assert "flannel has no agent pods here" in agents.reason
    assert "not found out" in agents_of(Inventory(), Findings()).reason


def test_daemonsets_that_may_not_be_read_are_a_missing_right() -> None:
    inventory = load((RECORDED / "flannel-vxlan-0.28.10.json").read_text())
    path = "/apis/apps/v1/daemonsets"
    hidden = Inventory(reads={**inventory.reads, path: Forbidden(right="list daemonsets.apps")})
    agents = agents_of(hidden, detect(inventory))
    assert agents.workloads == ()
    assert "list daemonsets" in agents.reason
    assert "kube-flannel/kube-flannel-ds" in agents.reason


def test_a_daemonset_that_is_switched_off_is_left_out() -> None:
    inventory = load((RECORDED / "flannel-vxlan-0.28.10.json").read_text())
    path = "/apis/apps/v1/daemonsets"
    read = inventory.reads[path]
    assert isinstance(read, Found)
    for item in inventory.items(path):
        item["status"] = {"desiredNumberScheduled": 0, "numberReady": 0}
    assert agents_of(inventory, Findings(primary=Component(name="flannel"))).workloads == ()


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ({"matchLabels": {"a": "1", "b": "2"}}, "a=1,b=2"),
        (
            {
                "matchLabels": {"a": "1"},
                "matchExpressions": [
                    {"key": "k", "operator": "In", "values": ["x", "y"]},
                    {"key": "n", "operator": "NotIn", "values": ["z"]},
                    {"key": "e", "operator": "Exists"},
                    {"key": "d", "operator": "DoesNotExist"},
                ],
            },
            "a=1,k in (x,y),n notin (z),e,!d",
        ),
        ({"matchExpressions": [{"key": "k", "operator": "Matches"}]}, ""),
        ({}, ""),
    ],
)
def test_selectors_in_the_api_s_words(selector: JsonObject, words: str) -> None:
    assert label_selector(selector) == words

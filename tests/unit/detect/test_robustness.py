"""Whatever stands under the known paths, detection answers and its text is printable."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cniadvisor.detect.detection import detect, explain
from cniadvisor.detect.paths import CONFIG_MAPS, PATHS
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Inventory, Read
from tests.unit.detect.world import DAEMON_SETS, NODES, PODS, World, container, outcome

RECORDED = sorted((Path(__file__).parents[2] / "golden" / "inventories").glob("*.json"))

scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "v3.31.7", "10.244.0.0/16", "300.1.1.1", "node1", "[{", "\x1b[31m", "true"]
    )
    | st.just(10**400)
)


def containers_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)


json_values: st.SearchStrategy[Any] = st.recursive(scalars, containers_of, max_leaves=12)


def found(body: Any) -> Read:
    return Found(body=body)


def listed(items: list[Any]) -> Read:
    return Found(body={"items": items})


def refused(right: str) -> Read:
    return Forbidden(right=right)


def failed(reason: str) -> Read:
    return Failed(reason=reason)


outcomes: st.SearchStrategy[Read] = (
    json_values.map(found)
    | st.lists(json_values, max_size=4).map(listed)
    | st.just(Absent())
    | st.text(max_size=8).map(refused)
    | st.text(max_size=8).map(failed)
)
known_paths = st.sampled_from(
    [
        *PATHS,
        *(f"/api/v1/namespaces/kube-system/configmaps/{name}" for name in CONFIG_MAPS),
        "/apis/apps/v1/namespaces/kube-system/daemonsets",
        "/api/v1/pods?fieldSelector=spec.nodeName=node1",
        "/apis/cilium.io/v2",
        "",
        "/",
        "host:",
    ]
)


def texts(value: Any) -> Iterator[str]:
    """Yield every text inside plain dicts, lists and tuples."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts(list(value.values()))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    elif isinstance(value, (list, tuple)):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from texts(item)


def answers(inventory: Inventory) -> None:
    found, told = detect(inventory), explain(inventory)
    for text in texts([asdict(found), asdict(told)]):
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in text), text
    assert found == detect(inventory), "the same inventory gives the same findings"


@given(st.dictionaries(known_paths, outcomes, max_size=8))
@settings(max_examples=100, deadline=None)
def test_anything_under_known_paths(reads: dict[str, Any]) -> None:
    answers(Inventory(reads=reads))


@st.composite
def damaged(draw: st.DrawFn) -> Inventory:
    """A recorded inventory in which a few values, anywhere, are something else."""
    content: dict[str, Any] = json.loads(draw(st.sampled_from(RECORDED)).read_text())
    for _ in range(draw(st.integers(1, 6))):
        holder: Any = content
        key: Any = draw(st.sampled_from(sorted(content)))
        for _ in range(draw(st.integers(0, 9))):
            inside = holder[key]
            if isinstance(inside, dict) and inside:
                holder, key = inside, draw(st.sampled_from(sorted(inside)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            elif isinstance(inside, list) and inside:
                holder, key = inside, draw(st.integers(0, len(inside) - 1))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            else:
                break
        holder[key] = draw(json_values)
    return Inventory(reads={path: outcome_of(path, body) for path, body in content.items()})


def outcome_of(path: str, body: Any) -> Read:
    """The outcome of a read, of a body that may be anything."""
    return outcome(path, body) if isinstance(body, dict) else Found(body=body)  # pyright: ignore[reportUnknownArgumentType]


@given(damaged())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_real_inventory_with_damage_anywhere(inventory: Inventory) -> None:
    answers(inventory)


def test_control_characters_do_not_get_through(world: World) -> None:
    evil = "\x1b[2J\u202eevil\x07"
    world.node(f"node{evil}", reason=f"Flannel{evil}", unavailable="True")
    world.flannel({"Type": f"vx{evil}lan"}, namespace=f"kube{evil}", image=f"flannel:v1.2{evil}")
    world.pod(
        f"web{evil}", node=f"node{evil}", ip=None, phase="Pending", created="2026-01-01T00:00:00Z"
    )
    world.pod("later", node=f"node{evil}", host_network=True)
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    answers(world.inventory())
    assert any("evil" in text for text in texts(asdict(found)))


def test_huge_and_negative_counts(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan", "MTU": 10**30}, desired=10**40, ready=-5)
    primary = world.primary()
    assert primary.name == "flannel"
    assert primary.mtu == 1450


def test_an_empty_inventory_is_unknown_and_not_none() -> None:
    found = detect(Inventory())
    assert found.primary is None
    assert found.policy is None
    assert len(found.unknown) >= 3
    assert all(item.right for item in found.unknown)


@pytest.mark.parametrize("path", [DAEMON_SETS, NODES, PODS])
def test_lists_without_items(world: World, path: str) -> None:
    world.two_nodes()
    world.workload("calico-node", container("calico-node", "quay.io/calico/node:v3.32.1"))
    world.content[path] = {"items": None}
    answers(world.inventory())

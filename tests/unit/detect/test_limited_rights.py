"""What an ordinary ``view`` user gets: the best answer, and the right that would tell more."""

import pytest

from cniadvisor.detect.detection import detect, explain
from cniadvisor.domain.findings import Confidence, Coverage
from cniadvisor.domain.inventory import Failed, Forbidden, Found, Inventory
from tests.unit.detect.world import (
    CALICO,
    CONFIG_MAPS,
    DAEMON_SETS,
    DEPLOYMENTS,
    FLANNEL_IMAGE,
    NODES,
    PODS,
    World,
    container,
    names,
)


def rights(world: World) -> list[str]:
    return [item.right for item in world.detect().unknown]


def test_without_nodes_flannel_is_still_certain(world: World) -> None:
    world.flannel({"Type": "vxlan"})
    world.status(NODES, 403)
    found = world.detect()
    assert found.primary is not None
    primary = found.primary
    assert (primary.name, primary.mode, primary.mtu) == ("flannel", "vxlan", 1450)
    assert (primary.confidence, primary.coverage) == (Confidence.HIGH, Coverage(nodes=2, of=2))
    assert "list nodes" in rights(world)


def test_without_daemon_sets_the_agents_pods_tell(world: World) -> None:
    world.two_nodes(reason="FlannelIsUp")
    world.flannel({"Type": "vxlan"}, namespace="kube-system")
    world.status(DAEMON_SETS, 403)
    agent = container("kube-flannel", FLANNEL_IMAGE)
    for node in ("node1", "node2"):
        world.pod(
            f"kube-flannel-ds-{node}",
            namespace="kube-system",
            node=node,
            host_network=True,
            owner=("DaemonSet", "kube-flannel-ds"),
            containers=(agent,),
        )
    found = world.detect()
    assert found.primary is not None
    primary = found.primary
    assert (primary.name, primary.version, primary.mode) == ("flannel", "0.28.9", "vxlan")
    assert primary.confidence is Confidence.MEDIUM, "how many there should be is not known"
    assert primary.coverage == Coverage(nodes=2, of=2)
    assert "list daemonsets" in rights(world)
    for pod in world.content[PODS]["items"]:
        pod["status"]["conditions"] = []
    assert world.primary().confidence is Confidence.LOW, "none of them is ready"


def test_with_nodes_alone_a_condition_is_a_guess(world: World) -> None:
    world.two_nodes(reason="FlannelIsUp")
    for path in (DAEMON_SETS, DEPLOYMENTS, PODS, CONFIG_MAPS):
        world.status(path, 403)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, found.primary.confidence) == ("flannel", Confidence.LOW)
    assert {"list daemonsets", "list pods"} <= set(rights(world))


def test_conditions_that_disagree_are_no_guess(world: World) -> None:
    world.node("node1", reason="FlannelIsUp")
    world.node("node2", reason="CalicoIsUp")
    world.status(DAEMON_SETS, 403)
    assert world.detect().primary is None


def test_flannels_condition_and_calicos_marks_together_are_canal(world: World) -> None:
    world.two_nodes(reason="FlannelIsUp")
    world.pod("web", annotations={"cni.projectcalico.org/podIP": "10.244.0.5/32"})
    world.status(DAEMON_SETS, 403)
    primary = world.primary()
    assert (primary.name, primary.confidence) == ("canal", Confidence.LOW)


def test_annotations_and_groups_alone_are_not_even_a_guess(world: World) -> None:
    world.two_nodes(annotations={"flannel.alpha.coreos.com/backend-type": "vxlan"})
    world.group("cilium.io")
    world.config_map("calico-config", {"calico_backend": "bird"})
    world.status(DAEMON_SETS, 403)
    found = world.detect()
    assert found.primary is None
    assert sorted(names(found.residue)) == ["calico", "cilium", "flannel"]
    assert all(one.confidence is Confidence.LOW for one in found.residue)


def test_with_discovery_alone_everything_is_unknown() -> None:
    reads = {
        "/version": Found(body={"gitVersion": "v1.34.4"}),
        "/apis": Found(body={"groups": [{"name": "cilium.io"}]}),
        **{path: Forbidden(right=f"list {path}") for path in (NODES, PODS, DAEMON_SETS)},
    }
    found = detect(Inventory(reads=reads))
    assert found.primary is None
    assert found.policy is None
    assert names(found.residue) == ["cilium"]
    assert {f"list {path}" for path in (NODES, PODS, DAEMON_SETS)} <= {
        item.right for item in found.unknown
    }


@pytest.mark.parametrize("resource", ["ippools", "felixconfigurations"])
def test_a_resource_of_calico_that_is_refused_is_named_with_its_right(
    world: World, resource: str
) -> None:
    world.two_nodes()
    world.calico(pools=False)
    world.status(CALICO + "ippools", 404)
    world.status(CALICO + "felixconfigurations", 404)
    assert not [right for right in rights(world) if resource in right]
    world.status(CALICO + resource, 403)
    assert f"list {resource}" in rights(world)


def test_a_refusal_of_a_group_that_is_not_served_is_absence(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.status("/apis/projectcalico.org/v3/ippools", 403)
    assert not [right for right in rights(world) if "ippools" in right]


def test_a_list_that_broke_is_unknown_and_asks_for_a_second_try(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    reads = dict(world.inventory().reads)
    reads[PODS] = Failed(reason="HTTP 500", status=500)
    found = detect(Inventory(reads=reads))
    told = [item for item in found.unknown if "pods" in item.what]
    assert "read failed: HTTP 500" in told[0].what
    assert told[0].right == "list pods, and a second try"


def test_a_part_that_broke_is_told_too(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    reads = dict(world.inventory().reads)
    reads[PODS + "?fieldSelector=spec.nodeName=node2"] = Failed(reason="timed out")
    found = detect(Inventory(reads=reads))
    assert any("part of pods (read failed: timed out)" in item.what for item in found.unknown)


def test_namespaced_lists_do_not_make_the_whole_known(world: World) -> None:
    world.two_nodes(ready=False, message="cni plugin not initialized")
    world.content["/apis/apps/v1/namespaces/kube-system/daemonsets"] = {"items": []}
    world.status(DAEMON_SETS, 403)
    assert world.detect().primary is None


def test_explain_names_what_would_settle_it(world: World) -> None:
    world.two_nodes(reason="FlannelIsUp")
    world.status(DAEMON_SETS, 403)
    told = explain(world.inventory())
    assert [(one.name, one.slot, one.confidence) for one in told.considered] == [
        ("flannel", "primary", Confidence.LOW)
    ]
    assert any(text.startswith("list daemonsets:") for text in told.settle)
    assert any("/etc/cni/net.d" in text for text in told.settle)

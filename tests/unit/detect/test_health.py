"""Warnings: what is wrong although everything looks Ready."""

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import (
    AFTER,
    BEFORE,
    EVENTS,
    POLICIES,
    World,
    container,
    names,
    said,
)

LATER = "2026-03-01T00:00:20Z"
MUCH_LATER = "2026-03-01T00:05:00Z"


def stuck_world(*, latest: str = LATER) -> World:
    world = World()
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.pod("stuck", ip=None, phase="Pending", created=AFTER)
    world.pod("other", node="node2", ip="10.244.1.9", created=latest)
    return world


def event(world: World, message: str, reason: str = "FailedCreatePodSandBox") -> None:
    involved = {"namespace": "default", "name": "stuck"}
    world.put(EVENTS, {"reason": reason, "message": message, "involvedObject": involved})


def test_a_pod_that_is_only_young_is_not_stuck() -> None:
    assert not said(stuck_world().detect(), "stuck")
    assert said(stuck_world(latest=MUCH_LATER).detect(), "1 pod on 1 node stuck", "default/stuck")


def test_a_host_network_pod_of_the_same_age_that_runs_shows_that_the_network_is_missing() -> None:
    world = stuck_world()
    world.pod("host", node="node1", ip="10.0.0.1", host_network=True, created=AFTER)
    assert said(world.detect(), "stuck")


def test_a_pod_that_waits_for_something_else_is_not_stuck() -> None:
    world = stuck_world(latest=MUCH_LATER)
    world.pod("newer", node="node1", ip="10.244.0.9", created=LATER)
    assert not said(world.detect(), "stuck"), "the node does wire newer pods"
    unscheduled = stuck_world(latest=MUCH_LATER)
    unscheduled.content["/api/v1/pods"]["items"][0]["spec"]["nodeName"] = ""
    assert not said(unscheduled.detect(), "stuck")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'plugin type="flannel" failed (add): incompatible CNI versions; config is "1.0.0",'
            ' plugin supports ["0.1.0" "0.2.0" "0.3.1" "0.4.0"]',
            ("older than the cniVersion of its configuration", '"0.4.0"'),
        ),
        ('failed to find plugin "flannel" in path [/opt/cni/bin]', ("plugin flannel is not on",)),
        ("open /run/flannel/subnet.env: no such file", ("container runtime says", "subnet.env")),
    ],
)
def test_events_tell_why(message: str, words: tuple[str, ...]) -> None:
    world = stuck_world()
    event(world, message)
    assert said(world.detect(), "stuck", *words)


def test_other_events_do_not_count() -> None:
    world = stuck_world()
    event(world, "volume is not there", reason="FailedMount")
    assert not said(world.detect(), "stuck")


def test_without_events_a_former_cnis_file_is_suspected() -> None:
    world = stuck_world(latest=MUCH_LATER)
    world.group("cilium.io")
    assert said(world.detect(), "stuck", "05-cilium.conflist", "sorts first")


def test_why_pods_are_stuck_needs_the_right_to_read_events() -> None:
    world = stuck_world(latest=MUCH_LATER)
    world.status(EVENTS, 403)
    assert any(item.right == "list events" for item in world.detect().unknown)


def test_a_former_cnis_file_that_sorts_first() -> None:
    world = World()
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    for node in ("node1", "node2"):
        world.file(node, "10-calico.conflist", "calico", "portmap")
        world.file(node, "10-flannel.conflist", "flannel", "portmap")
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert said(found, "10-calico.conflist on 2 nodes", "sorts first", "before flannel's own")
    assert names(found.residue) == ["calico"]


def test_a_file_of_multus_that_was_left_behind_sorts_first_too() -> None:
    world = World()
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.file("node1", "00-multus.conf", "multus")
    world.file("node1", "10-flannel.conflist", "flannel", "portmap")
    found = world.detect()
    assert said(found, "00-multus.conf on 1 node", "sorts first")
    assert names(found.residue) == ["multus"]
    world.multus()
    found = world.detect()
    assert not said(found, "sorts first")
    assert names(found.residue) == []


def test_a_former_cnis_file_that_sorts_last_is_residue_only() -> None:
    world = World()
    world.two_nodes()
    world.calico()
    for node in ("node1", "node2"):
        world.file(node, "10-calico.conflist", "calico", "portmap")
        world.file(node, "10-flannel.conflist", "flannel", "portmap")
    found = world.detect()
    assert not said(found, "sorts first")
    assert names(found.residue) == ["flannel"]


def test_a_file_switched_off_by_cilium_does_not_count() -> None:
    world = World()
    world.two_nodes()
    world.cilium({"routing-mode": "tunnel"})
    world.file("node1", "01-calico.conflist.cilium_bak", "calico")
    world.file("node1", "05-cilium.conflist", "cilium-cni")
    found = world.detect()
    assert not said(found, "sorts first")
    assert names(found.residue) == []


def test_a_file_of_an_unknown_plugin_is_not_called_a_former_cnis() -> None:
    world = World()
    world.two_nodes()
    world.workload("terway", container("terway", "registry.aliyuncs.com/acs/terway:v1.9.0"))
    world.file("node1", "10-terway.conf", "terway")
    found = world.detect()
    assert found.warnings == ()
    assert found.primary is not None
    assert found.primary.confidence is Confidence.HIGH


def test_canals_file_is_its_own_although_its_plugin_is_calicos() -> None:
    world = World()
    world.two_nodes()
    world.canal()
    world.file("node1", "10-canal.conflist", "calico", "portmap")
    assert not said(world.detect(), "sorts first")


def test_a_former_cni_whose_agents_cannot_start_is_residue() -> None:
    world = World()
    world.two_nodes()
    world.calico()
    world.flannel({"Type": "vxlan"}, ready=0)
    found = world.detect()
    assert found.primary is not None
    assert (found.primary.name, names(found.chained)) == ("calico", [])
    assert names(found.residue) == ["flannel"]
    assert said(found, "flannel: agents not ready, 0 of 2")
    assert not said(found, "More than one primary")


def test_nodes_that_say_their_network_is_unavailable() -> None:
    world = World()
    world.node("node1", reason="CalicoIsDown", unavailable="True", heartbeat=BEFORE)
    world.node("node2", reason="FlannelIsUp")
    world.flannel({"Type": "vxlan"})
    found = world.detect()
    assert said(found, "NetworkUnavailable=True", "CalicoIsDown", "node1")
    assert not said(found, "FlannelIsUp")


def test_ready_nodes_without_an_agent() -> None:
    world = World()
    world.two_nodes()
    world.node("node3")
    world.flannel({"Type": "vxlan"}, desired=2, ready=2)
    assert said(world.detect(), "1 Ready node without an agent of flannel")
    world.content["/api/v1/nodes"]["items"].pop()
    assert not said(world.detect(), "without an agent")


def test_policies_without_an_engine() -> None:
    world = World()
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    assert not said(world.detect(), "NetworkPolicy")
    world.put(POLICIES, {"metadata": {"name": "deny"}}, {"metadata": {"name": "allow"}})
    assert said(world.detect(), "2 NetworkPolicy objects without effect")
    world.calico(backend="none")
    assert not said(world.detect(), "without effect")


def test_two_engines_get_in_each_others_way() -> None:
    world = World()
    world.two_nodes()
    world.calico()
    world.cilium({"cni-chaining-mode": "generic-veth"})
    found = world.detect()
    assert found.primary is not None
    assert found.primary.name == "calico"
    assert said(found, "More than one engine enforces NetworkPolicy", "cilium", "calico")


def test_a_healthy_cluster_has_no_warnings() -> None:
    world = World()
    world.two_nodes(reason="CalicoIsUp")
    world.calico()
    world.pod("web", annotations={"cni.projectcalico.org/podIP": "10.244.0.5/32"})
    assert world.detect().warnings == ()

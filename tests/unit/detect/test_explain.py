"""``explain``: the evidence for and against every candidate, strongest first."""

from cniadvisor.detect.detection import detect, explain
from cniadvisor.detect.evidence import Rank, against, in_favour, ordered
from cniadvisor.domain.findings import Confidence, Stance
from tests.unit.detect.world import AFTER, World, container


def conflict() -> World:
    world = World()
    world.two_nodes(reason="CalicoIsUp", heartbeat=AFTER)
    world.flannel({"Type": "vxlan"})
    world.multus()
    world.workload("aws-node", container("aws-node", "amazon-k8s-cni:v1"), desired=0, ready=0)
    return world


def test_every_candidate_has_its_slot_and_evidence() -> None:
    told = explain(conflict().inventory())
    slots = {one.name: one.slot for one in told.considered}
    assert slots == {
        "flannel": "primary",
        "multus": "meta",
        "calico": "residue",
        "aws-vpc-cni": "residue",
    }
    flannel = told.considered[0]
    assert flannel.confidence is Confidence.MEDIUM
    ranks = [item.rank for item in flannel.evidence]
    assert ranks == sorted(ranks)
    assert ranks[0] == Rank.AGENT
    opposed = [item for item in flannel.evidence if item.stance is Stance.AGAINST]
    assert [item.rank for item in opposed] == [Rank.CONDITION]
    assert opposed[0].source == "/api/v1/nodes"


def test_what_speaks_against_is_in_the_findings_as_well() -> None:
    primary = detect(conflict().inventory()).primary
    assert primary is not None
    assert any(text.startswith("But: ") for text in primary.evidence)


def test_a_certain_answer_needs_nothing_more() -> None:
    world = World()
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    assert explain(world.inventory()).settle == ()


def test_agents_that_are_behind_would_settle_it() -> None:
    world = World()
    world.two_nodes()
    world.flannel({"Type": "vxlan"}, ready=1)
    assert "all agents of flannel ready" in explain(world.inventory()).settle
    world.content["/apis/apps/v1/daemonsets"]["items"][0]["status"]["numberReady"] = 0
    settle = explain(world.inventory()).settle
    assert any("flannel has no ready agent" in text for text in settle)


def test_evidence_is_ordered_and_said_once() -> None:
    weak, strong = in_favour(Rank.API_GROUP, "group"), in_favour(Rank.AGENT, "agent")
    other = against(Rank.POD, "group")
    assert ordered((weak, other, strong, weak)) == (strong, other, weak)

"""What a lab says of itself: never that a CNI runs."""

import pytest

from cniadvisor.lab.findings import lab_findings, wired_label
from cniadvisor.lab.machine import machine_pair
from cniadvisor.lab.target import lab_facts
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.wording.report import component_line


@pytest.mark.parametrize("name", WIRINGS)
def test_a_wiring_is_never_shown_as_the_cni(name: str) -> None:
    wiring = WIRINGS[name](NODES)
    primary = lab_findings(wiring).primary
    assert primary is not None
    assert primary.name == wired_label(wiring) == f"kernel dataplane wired as {wiring.wired_as}"
    assert component_line(primary).startswith("kernel dataplane wired as ")
    assert any("no CNI runs here" in sentence for sentence in primary.evidence)
    assert any(wiring.source in sentence for sentence in primary.evidence)
    assert dict(primary.details)["wired_like"] == wiring.cni


def test_both_nodes_are_this_machine() -> None:
    pair = machine_pair(Wire(rate_mbit_per_s=1000))
    assert pair.one_machine
    assert (pair.client.name, pair.server.name) == ("node1", "node2")
    assert pair.client.internal_ip == NODES.node1_address
    assert pair.client.cpu_millicores >= 1000
    assert pair.client.memory_mib > 0
    assert pair.reason.endswith("the wire between them is shaped to 1000 Mbit/s")


def test_the_facts_say_lab_and_what_is_made() -> None:
    wiring = WIRINGS["flannel-vxlan"](NODES)
    facts = lab_facts(wiring, Wire(), image="tools of Debian trixie, 0123456789ab")
    assert facts.kind == "lab"
    assert facts.context == "lab: kernel dataplane wired as Flannel, VXLAN"
    assert facts.server == "this machine"
    assert [item.name for item in facts.creates] == ["node1", "node2", "pod1", "pod2"]

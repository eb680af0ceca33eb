"""The inventories recorded from real clusters, with every slot asserted."""

from collections.abc import Callable

from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Confidence, Coverage
from cniadvisor.domain.inventory import Inventory


def test_flannel_vxlan(recorded: Callable[[str], Inventory]) -> None:
    found = detect(recorded("flannel-vxlan-0.28.10"))
    primary = found.primary
    assert primary is not None
    assert (primary.name, primary.variant, primary.version) == ("flannel", "manifest", "0.28.10")
    assert (primary.mode, primary.cross_subnet, primary.mtu) == ("vxlan", False, 1450)
    assert primary.encryption == "none"
    assert primary.confidence is Confidence.HIGH
    assert primary.coverage == Coverage(nodes=2, of=2)
    assert primary.evidence[0].startswith("DaemonSet kube-flannel/kube-flannel-ds: 2 of 2 agents")
    assert [plugin.name for plugin in found.chained] == ["portmap"]
    assert (found.meta, found.embedded, found.residue) == ((), (), ())
    assert found.policy is None


def test_flannel_with_a_plugin_older_than_its_configuration(
    recorded: Callable[[str], Inventory],
) -> None:
    found = detect(recorded("flannel-broken-cniversion"))
    assert found.primary is not None
    assert found.primary.name == "flannel"
    assert found.primary.version == "0.28.10"
    stuck = [text for text in found.warnings if "stuck" in text]
    assert len(stuck) == 1
    assert "default/cli, default/srv" in stuck[0]
    assert "older than the cniVersion" in stuck[0]
    assert found.residue == ()

"""5,000 nodes are detected in well under a second."""

from time import process_time

import pytest

from cniadvisor.domain.findings import Coverage
from tests.unit.detect.world import World


@pytest.mark.parametrize("cni", ["flannel", "calico", "cilium"])
def test_five_thousand_nodes(world: World, cni: str) -> None:
    nodes = 5000
    for number in range(nodes):
        world.node(
            f"node{number}",
            reason={"flannel": "FlannelIsUp", "calico": "CalicoIsUp"}.get(cni, "CiliumIsUp"),
            pod_cidr=f"10.{number // 250}.{number % 250}.0/24",
            labels={f"example.com/label{label}": "x" for label in range(20)},
            annotations={"flannel.alpha.coreos.com/backend-type": "vxlan"},
        )
    for number in range(400):
        owner = ("DaemonSet", "agents")
        world.pod(f"agent-{number}", node=f"node{number}", host_network=True, owner=owner)
    world.pod("web", ip="10.0.0.7")
    match cni:
        case "flannel":
            world.flannel({"Type": "vxlan"}, desired=nodes, ready=nodes)
        case "calico":
            world.calico(desired=nodes, ready=nodes)
        case _:
            world.cilium({"routing-mode": "tunnel"}, desired=nodes, ready=nodes)
    inventory = world.inventory()
    begun = process_time()
    world.detect()
    took_s = process_time() - begun
    primary = world.primary()
    assert inventory.items("/api/v1/nodes")
    assert (primary.name, primary.coverage) == (cni, Coverage(nodes=nodes, of=nodes))
    assert took_s < 1, f"{took_s:.2f} s"

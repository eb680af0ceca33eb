"""Multus: thin, thick, distributions' builds; attachments that never came."""

import json

import pytest

from cniadvisor.domain.findings import Confidence
from tests.unit.detect.world import AFTER, PODS, World, container, names, said

NETWORKS = "k8s.v1.cni.cncf.io/networks"
STATUS = "k8s.v1.cni.cncf.io/network-status"
DEFINITIONS = "/apis/k8s.cni.cncf.io/v1/network-attachment-definitions"


def status(*attached: str, default: str = "cbr0") -> str:
    entries = [{"name": default, "default": True}, *({"name": name} for name in attached)]
    return json.dumps(entries)


def defined(world: World, *found: str) -> None:
    for name in found:
        world.put(DEFINITIONS, {"metadata": {"name": name, "namespace": "default"}})


@pytest.mark.parametrize(("thick", "variant"), [(False, "thin"), (True, "thick")])
def test_thin_and_thick(world: World, thick: bool, variant: str) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.multus(thick=thick)
    found = world.detect()
    assert names(found.meta) == ["multus"]
    assert (found.meta[0].variant, found.meta[0].version) == (variant, None)
    assert found.meta[0].confidence is Confidence.HIGH


@pytest.mark.parametrize(
    ("name", "image", "command", "variant", "version"),
    [
        (
            "kube-rke2-multus",
            "rancher/hardened-multus-cni:v4.3.0-build20260601",
            "/thin_entrypoint",
            "thin",
            "4.3.0",
        ),
        (
            "kube-multus",
            "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:00ff",
            "exec /usr/src/multus-cni/bin/multus-daemon",
            "thick",
            None,
        ),
        ("kube-multus", "nfvpe/multus:v3.4", "/entrypoint.sh", "thin", "3.4"),
    ],
)
def test_builds_of_distributions(
    world: World, name: str, image: str, command: str, variant: str, version: str | None
) -> None:
    world.two_nodes()
    world.workload("multus", container(name, image, command=(command,)))
    found = world.detect()
    assert [(one.variant, one.version) for one in found.meta] == [(variant, version)]


def test_the_default_network_tells_the_primary(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.multus()
    world.pod("web", ip="10.244.0.9", annotations={STATUS: status(default="cbr0")})
    assert world.primary().confidence is Confidence.HIGH

    world.content[PODS]["items"] = []
    world.pod("web", ip="10.244.0.9", annotations={STATUS: status(default="cilium")})
    assert world.primary().confidence is Confidence.MEDIUM

    world.content[PODS]["items"] = []
    world.pod("web", ip="10.244.0.9", annotations={STATUS: status(default="")})
    assert world.primary().confidence is Confidence.HIGH, "an empty name says nothing"


@pytest.mark.parametrize(
    ("asked", "given", "missing"),
    [
        ("macvlan-eth0", ("default/macvlan-eth0",), ""),
        ("macvlan-eth0@net7, default/bridge", ("default/macvlan-eth0", "default/bridge"), ""),
        ("macvlan-eth0, bridge", ("default/macvlan-eth0",), "default/bridge"),
        ("net-a, net-a", ("default/net-a",), "default/net-a"),
        ('[{"name": "macvlan-eth0", "ips": ["192.168.77.11/24"]}]', (), "default/macvlan-eth0"),
        ('[{"name": "b", "namespace": "infra"}]', ("infra/b",), ""),
        ('[{"name": "b", "namespace": "infra"}]', ("default/b",), "infra/b"),
        ("", (), ""),
        ("[not json", (), ""),
    ],
)
def test_attachments_that_never_came(
    world: World, asked: str, given: tuple[str, ...], missing: str
) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.multus()
    world.pod("web", ip="10.244.0.9", annotations={NETWORKS: asked, STATUS: status(*given)})
    told = said(world.detect(), "never came")
    assert bool(told) is bool(missing)
    assert not missing or f"default/web ({missing})" in told[0]


def test_why_attachments_never_came(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.pod("web", ip="10.244.0.9", annotations={NETWORKS: "bridge"}, created=AFTER)
    assert said(world.detect(), "never came", "Multus does not run here")
    world.multus()
    assert said(world.detect(), "never came", "Check that the network-attachment-definitions")
    defined(world, "other")
    assert said(world.detect(), "never came", "no network-attachment-definition default/bridge")
    defined(world, "bridge")
    assert said(world.detect(), "never came", "older than Multus")


def test_policy_does_not_see_further_interfaces(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.multus()
    assert not said(world.detect(), "further interfaces")
    world.pod("web", ip="10.244.0.9", annotations={STATUS: status("default/bridge")})
    assert said(world.detect(), "NetworkPolicy does not apply to the further interfaces")


def test_a_definition_without_multus_is_residue(world: World) -> None:
    world.two_nodes()
    world.flannel({"Type": "vxlan"})
    world.group("k8s.cni.cncf.io")
    assert names(world.detect().residue) == ["multus"]

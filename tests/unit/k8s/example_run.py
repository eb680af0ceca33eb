"""A run as small as can be, for the tests of this folder."""

from typing import Any

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import NodeFacts, NodePair, Plan, Suite

IMAGE = "registry.example/bench@sha256:0123"


def node_facts(name: str, address: str | None) -> NodeFacts:
    return NodeFacts(
        name=name,
        internal_ip=address,
        ready=True,
        schedulable=True,
        tainted=False,
        control_plane=False,
        operating_system="linux",
        architecture="amd64",
        kernel="6.1",
        os_image="Debian",
        kubelet_version="v1.34.4",
        container_runtime="containerd://1.6",
        cpu_millicores=4000,
        memory_mib=8000,
        requested_cpu_millicores=None,
        zone=None,
        instance_type=None,
        boot_id=None,
    )


PAIR = NodePair(
    client=node_facts("node1", "10.0.0.1"), server=node_facts("node2", "10.0.0.2"), reason="two"
)

SUITE = Suite(
    name="quick",
    tests=(TestName.TCP,),
    rounds=3,
    max_rounds=3,
    target_half_width_percent=None,
    duration_s=2.0,
    warm_up_s=1.0,
    idle_s=1.0,
    streams=8,
)

RUN = "r1"


def plan(*paths: PathName) -> Plan:
    return Plan(run_id=RUN, suite=SUITE, paths=paths or tuple(PathName), seed=1, streams=2)


def api_node(name: str, address: str, *, ready: str = "True", **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }

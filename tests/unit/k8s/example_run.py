"""A run as small as can be, for the tests of this folder."""

from typing import Any

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import NodePair, Plan, Suite
from tests.unit.example_nodes import example_node

IMAGE = "registry.example/bench@sha256:0123"


PAIR = NodePair(
    client=example_node("node1", internal_ip="10.0.0.1"),
    server=example_node("node2", internal_ip="10.0.0.2"),
    reason="two",
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

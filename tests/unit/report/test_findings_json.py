import json
import tomllib
from typing import cast

from cniadvisor.domain.findings import (
    Component,
    Confidence,
    Considered,
    Coverage,
    Evidence,
    Explanation,
    Findings,
    Stance,
    Unknown,
)
from cniadvisor.report.findings_json import findings_json, findings_object, findings_toml

CANAL = Component(
    name="canal",
    variant="manifest",
    version="3.31.0",
    mode="vxlan",
    cross_subnet=True,
    mtu=1450,
    encryption="none",
    confidence=Confidence.HIGH,
    coverage=Coverage(nodes=2, of=3),
    evidence=("DaemonSet kube-system/canal is ready on 2 of 3 nodes",),
    details=(("flannel_version", "0.26.7"),),
)
FINDINGS = Findings(
    primary=CANAL,
    policy=Component(name="calico", version="3.31.0"),
    meta=(Component(name="multus", variant="thin"),),
    residue=(Component(name="weave"),),
    unknown=(Unknown(what="the NetworkPolicy engine", right="list pods"),),
    warnings=("one node has no agent",),
    distribution="rke2",
)
EXPLANATION = Explanation(
    considered=(
        Considered(
            name="weave",
            slot="residue",
            confidence=Confidence.LOW,
            evidence=(Evidence(rank=7, text="an old annotation", stance=Stance.AGAINST),),
        ),
    ),
    settle=("list pods",),
)


def test_the_shape_scripts_rely_on() -> None:
    told = json.loads(findings_json(FINDINGS))
    assert told["primary"] == {
        "name": "canal",
        "variant": "manifest",
        "version": "3.31.0",
        "mode": "vxlan",
        "cross_subnet": True,
        "mtu": 1450,
        "encryption": "none",
        "confidence": "high",
        "coverage": {"nodes": 2, "of": 3},
        "evidence": ["DaemonSet kube-system/canal is ready on 2 of 3 nodes"],
        "details": {"flannel_version": "0.26.7"},
    }
    # The same shape everywhere, null where nobody knows.
    assert told["policy"].keys() == told["primary"].keys() == told["residue"][0].keys()
    assert told["policy"]["mode"] is None
    assert told["policy"]["coverage"] is None
    assert [one["name"] for one in told["meta"]] == ["multus"]
    assert told["chained"] == told["embedded"] == []
    assert told["unknown"] == [{"what": "the NetworkPolicy engine", "right": "list pods"}]
    assert told["warnings"] == ["one node has no agent"]
    assert told["distribution"] == "rke2"
    assert told["kube_proxy_mode"] is None
    assert "explanation" not in told


def test_nothing_found_out_is_null() -> None:
    told = findings_object(Findings())
    assert told["primary"] is None
    assert told["policy"] is None
    assert set(told) == set(findings_object(FINDINGS))


def test_the_explanation_comes_on_request() -> None:
    told = json.loads(findings_json(FINDINGS, EXPLANATION))
    assert told["explanation"] == {
        "considered": [
            {
                "name": "weave",
                "slot": "residue",
                "confidence": "low",
                "evidence": [
                    {"rank": 7, "stance": "against", "text": "an old annotation", "source": ""}
                ],
            }
        ],
        "settle": ["list pods"],
    }
    assert tomllib.loads(findings_toml(FINDINGS, EXPLANATION))["explanation"]["settle"]


def without_nothing(value: object) -> object:
    """Drop nulls and what is empty: what TOML leaves out."""
    if isinstance(value, dict):
        inner = {k: without_nothing(v) for k, v in cast("dict[str, object]", value).items()}
        return {k: v for k, v in inner.items() if v not in (None, {}, [])}
    if isinstance(value, list):
        return [without_nothing(v) for v in cast("list[object]", value)]
    return value


def test_toml_tells_the_same_and_leaves_out_what_is_not_known() -> None:
    read = tomllib.loads(findings_toml(FINDINGS))
    assert read == without_nothing(findings_object(FINDINGS))
    assert findings_toml(Findings()) == ""

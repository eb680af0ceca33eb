"""What a probe found is remembered for its cluster, and only while the same CNI runs there."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.commands.saved.probe import load_probe, save_probe
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing

FINDINGS = Findings(primary=Component(name="flannel", version="0.28.10"))
PROBE = PolicyProbe(
    probed_at="2026-11-23T09:00:00+00:00",
    parts=(
        PartTried(
            part=PolicyPart.DENY_INGRESS, standing=Standing.ENFORCED, took_s=1.5, detail="kept out"
        ),
        PartTried(
            part=PolicyPart.LABEL, standing=Standing.UNTOLD, took_s=None, detail="can't show"
        ),
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_probe(PROBE, FINDINGS, cluster_id="a1", folder=tmp_path / "probes")
    return tmp_path / "probes"


def test_it_comes_back_as_it_was(folder: Path) -> None:
    assert load_probe(FINDINGS, cluster_id="a1", folder=folder) == PROBE
    assert load_probe(FINDINGS, cluster_id="b2", folder=folder) is None
    assert [file.name for file in folder.iterdir()] == ["a1.json"]


def test_the_last_one_counts(folder: Path) -> None:
    later = replace(PROBE, probed_at="2026-11-24T09:00:00+00:00")
    save_probe(later, FINDINGS, cluster_id="a1", folder=folder)
    assert load_probe(FINDINGS, cluster_id="a1", folder=folder) == later


def test_it_says_nothing_about_another_cni_or_policy_engine(folder: Path) -> None:
    upgraded = replace(FINDINGS, primary=Component(name="flannel", version="0.29.0"))
    assert load_probe(upgraded, cluster_id="a1", folder=folder) == PROBE
    for other in (
        replace(FINDINGS, primary=Component(name="cilium")),
        replace(FINDINGS, primary=None),
        replace(FINDINGS, policy=Component(name="kube-network-policies")),
    ):
        assert load_probe(other, cluster_id="a1", folder=folder) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"probed_at": "yesterday"},
        {"probed_at": "2026-11-23T09:00:00"},
        {"parts": [{"part": "deny-all", "standing": "enforced", "took_s": 1, "detail": ""}]},
        {"parts": [{"part": "label", "standing": "enforced", "took_s": -1, "detail": ""}]},
        {"parts": "label"},
        {"reason": 7},
    ],
    ids=str,
)
def test_what_somebody_changed_is_not_believed(folder: Path, wrong: dict[str, Any]) -> None:
    file = folder / "a1.json"
    told = json.loads(file.read_text())
    told["probe"] |= wrong
    file.write_text(json.dumps(told))
    assert load_probe(FINDINGS, cluster_id="a1", folder=folder) is None


@pytest.mark.parametrize("text", ["", "[]", "null", '{"version": 1}', "[" * 9999])
def test_garbage_is_nothing(folder: Path, text: str) -> None:
    (folder / "a1.json").write_text(text)
    assert load_probe(FINDINGS, cluster_id="a1", folder=folder) is None


def test_control_characters_do_not_come_back(folder: Path) -> None:
    file = folder / "a1.json"
    file.write_text(file.read_text().replace("kept out", "kept\\u001b[31m out"))
    loaded = load_probe(FINDINGS, cluster_id="a1", folder=folder)
    assert loaded is not None
    assert loaded.parts[0].detail == "kept[31m out"

"""The advisor about a real Flannel: app, prompts and command are told the same by the cluster."""

from pathlib import Path

import pytest

from tests.cluster.state import Cluster
from tests.tui.faces import homeless, told_alike

pytestmark = [pytest.mark.cluster, pytest.mark.root, pytest.mark.timeout(900)]


async def test_three_faces_recommend_the_same(
    flannel_cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kubeconfig = flannel_cluster.kubeconfig  # found by the state folder, which changes now
    homeless(tmp_path, monkeypatch)
    told = await told_alike(kubeconfig, tmp_path, capsys)
    assert told.move is not None
    assert told.move.origin == "flannel"
    evidence = {one.question.name: one.evidence for one in told.answers}
    assert "flannel" in evidence["current"]
    assert "kernel" in evidence["kernel"]
    assert "nodes" in evidence["windows"]

"""``cniadvisor detect`` on a cluster: findings of now on stdout, what was probed before beside."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cniadvisor.cli import run
from cniadvisor.commands.saved.probe import probes_folder, save_probe
from cniadvisor.detect.detection import detect
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.inventory import read_inventory
from tests.fakeapi.server import FakeApi
from tests.fakeapi.snapshots import load_inventory_file

INVENTORY = Path(__file__).parents[2] / "golden" / "inventories" / "flannel-vxlan-0.28.10.json"


@pytest.fixture
async def probed_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[str]:
    """The kubeconfig of a cluster that was probed two days ago: nothing is enforced there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    tried = PartTried(
        part=PolicyPart.DENY_INGRESS, standing=Standing.NOT_ENFORCED, took_s=None, detail="got in"
    )
    then = datetime.now(UTC) - timedelta(days=2, hours=1)
    probe = PolicyProbe(probed_at=then.isoformat(timespec="seconds"), parts=(tried,))
    async with FakeApi.serve(load_inventory_file(INVENTORY)) as api:
        kubeconfig = str(api.write_kubeconfig(tmp_path / "config"))
        async with connect(kubeconfig=kubeconfig) as connection:
            findings = detect(await read_inventory(connection))
        cluster_id = connection.cluster_id
        save_probe(probe, findings, cluster_id=cluster_id, folder=probes_folder())
        yield kubeconfig


async def test_what_was_probed_is_told_beside_the_findings(
    probed_cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(run, ["detect", "--kubeconfig", probed_cluster]) == 0
    live = capsys.readouterr()
    assert live.err == "NetworkPolicy: not enforced (probed 2 days ago)\n"
    assert "probed" not in live.out, "findings are of now"
    assert run(["detect", "--inventory", str(INVENTORY)]) == 0
    assert capsys.readouterr().err == "", "a file is no cluster that was probed"


async def test_quiet_tells_the_findings_only(
    probed_cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(run, ["detect", "-q", "--kubeconfig", probed_cluster]) == 0
    assert capsys.readouterr().err == ""

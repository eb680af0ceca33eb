"""The same answers about the same cluster give the same words in the app, plain and headless."""

from datetime import date
from pathlib import Path

import pytest

from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.commands.saved.probe import probes_folder, save_probe
from cniadvisor.detect.detection import detect
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.domain.settings import Settings
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.wording.advice_markdown import advice_markdown
from tests.fakeapi.server import FakeApi
from tests.fakeapi.snapshots import load_inventory_file
from tests.tui.faces import homeless, told_alike

INVENTORIES = Path(__file__).parents[1] / "golden" / "inventories"
CANAL = INVENTORIES / "canal-3.31.json"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homeless(tmp_path, monkeypatch)


async def test_three_faces_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a Canal; of a real Flannel it is tests/cluster/test_faces_live.py."""
    async with FakeApi.serve(load_inventory_file(CANAL)) as api:
        kubeconfig = api.write_kubeconfig(tmp_path / "config")
        told = await told_alike(kubeconfig, tmp_path, capsys)
    assert told.move is not None
    assert told.move.origin == "canal"


async def test_three_faces_say_the_same_of_what_was_probed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe = PolicyProbe(
        probed_at="2026-11-21T10:00:00+00:00",
        parts=(
            PartTried(
                part=PolicyPart.DENY_INGRESS,
                standing=Standing.NOT_ENFORCED,
                took_s=None,
                detail="connections still got in",
            ),
        ),
    )
    async with FakeApi.serve(load_inventory_file(CANAL)) as api:
        kubeconfig = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(kubeconfig)) as connection:
            findings = detect(await read_inventory(connection))
            cluster_id = connection.cluster_id
        save_probe(probe, findings, cluster_id=cluster_id, folder=probes_folder())
        told = await told_alike(kubeconfig, tmp_path, capsys)
    assert [one.probe for one in told.own.probes] == [probe]
    record = advice_markdown(told, today=date(2026, 11, 23))
    assert "Probed on the cluster in use: NetworkPolicy is not enforced here" in record


async def test_the_cluster_is_read_once_for_overview_and_advisor(tmp_path: Path) -> None:
    async with FakeApi.serve(load_inventory_file(CANAL)) as api:
        core = AppCore(Settings(kubeconfig=str(api.write_kubeconfig(tmp_path / "config"))))
        catalogue = await core.catalogue()
        await core.look()
        before = len(api.requests)
        found = await core.prefilled(catalogue)
        assert len(api.requests) == before
        assert found["current"].value == "canal"
        core.use(context=None, namespace=None)
        assert await core.prefilled(catalogue) == found
        assert len(api.requests) > before

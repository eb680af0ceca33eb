"""The same answers about the same cluster give the same words in the app, plain and headless."""

from pathlib import Path

import pytest

from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.domain.settings import Settings
from tests.fakeapi.server import FakeApi
from tests.fakeapi.snapshots import load_inventory_file
from tests.tui.faces import homeless, told_alike

INVENTORIES = Path(__file__).parents[1] / "golden" / "inventories"
CANAL = INVENTORIES / "canal-3.31.json"
FLANNEL = INVENTORIES / "flannel-vxlan-0.28.10.json"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homeless(tmp_path, monkeypatch)


@pytest.mark.parametrize(("inventory", "cni"), [(CANAL, "canal"), (FLANNEL, "flannel")])
async def test_three_faces_say_the_same(
    inventory: Path, cni: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeApi.serve(load_inventory_file(inventory)) as api:
        kubeconfig = api.write_kubeconfig(tmp_path / "config")
        told = await told_alike(kubeconfig, tmp_path, capsys)
    assert told.move is not None
    assert told.move.origin == cni


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

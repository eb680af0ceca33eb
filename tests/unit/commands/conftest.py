import io
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.cli import run
from cniadvisor.config_file import FILE_VARIABLE, KEYS
from tests.fakeapi.server import FakeApi, with_service_account
from tests.fakeapi.snapshots import load_inventory_file
from tests.unit.commands.program import Program, Ran

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(autouse=True)
def nobody_s_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file and no variable of whoever runs the tests counts; return where a file would be."""
    for name in (FILE_VARIABLE, *(key.variable for key in KEYS)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "cniadvisor" / "config.toml"


@pytest.fixture
def nobody_s_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cluster, no image, no reports and no terminal: nothing was done here yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """Run commands in this process: a process of its own takes a second."""

    def call(*arguments: object) -> Ran:
        words = [str(argument) for argument in arguments]
        monkeypatch.setattr("sys.argv", ["cniadvisor", *words])
        code = run(words)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    """A cluster with Flannel on which runs can be begun; nobody plays the controllers."""
    inventory = load_inventory_file(GOLDEN / "inventories" / "flannel-vxlan-0.28.10.json")
    empty: dict[str, Any] = {
        path: {"items": []}
        for path in ("/apis/batch/v1/jobs", "/api/v1/serviceaccounts", "/api/v1/events")
    }
    async with FakeApi.serve(inventory | empty) as served:
        served.on_create.append(with_service_account)
        yield served

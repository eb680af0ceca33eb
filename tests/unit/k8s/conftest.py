import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cniadvisor.k8s.connection import Connection, connect
from tests.fakeapi.server import FakeApi


async def _a_tenth(pause_s: float) -> None:
    await asyncio.sleep(pause_s / 10)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again after a tenth of the time."""
    monkeypatch.setattr("cniadvisor.k8s.connection._sleep", _a_tenth)
    monkeypatch.setattr("cniadvisor.k8s.retrying._FIRST_PAUSE_S", 0.025)


@pytest.fixture
async def connection(api: FakeApi, tmp_path: Path) -> AsyncGenerator[Connection]:
    """A connection to the fake API that the test's file makes."""
    path = str(api.write_kubeconfig(tmp_path / "config"))
    async with connect(kubeconfig=path, timeout_s=2) as connected:
        yield connected

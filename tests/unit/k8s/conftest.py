import asyncio

import pytest


async def _a_tenth(pause_s: float) -> None:
    await asyncio.sleep(pause_s / 10)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again after a tenth of the time."""
    monkeypatch.setattr("cniadvisor.k8s.connection._sleep", _a_tenth)
    monkeypatch.setattr("cniadvisor.k8s.retrying._FIRST_PAUSE_S", 0.025)

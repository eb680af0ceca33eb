from pathlib import Path

import pytest

from tests.tui.idleness import wait_for_nothing_else

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(autouse=True)
def no_wait_for_less_work(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_nothing_else(monkeypatch)


@pytest.fixture(autouse=True)
def still_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No animation, and nothing of this terminal's settings."""
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    for name in ("NO_COLOR", "TERM", "TEXTUAL_THEME", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def recording() -> Path:
    """A small recorded run: tcp and tcp-multi, three rounds, two nodes."""
    return GOLDEN / "recording-v1.jsonl"

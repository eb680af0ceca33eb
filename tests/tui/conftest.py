from functools import cache
from pathlib import Path
from typing import Any

import pytest
from textual.css.parse import parse

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


@pytest.fixture(autouse=True)
def rules_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each app reads the same style sheets anew, a tenth of these tests' time."""
    monkeypatch.setattr("textual.css.stylesheet.parse", _rules)


def _rules(scope: str, css: str, read_from: Any, *, variable_tokens: Any, **how: Any) -> Any:
    variables = tuple((name, tuple(tokens)) for name, tokens in variable_tokens.items())
    return _rules_of(scope, css, read_from, variables, tuple(how.items()))


@cache
def _rules_of(scope: str, css: str, read_from: Any, variables: Any, how: Any) -> list[Any]:
    tokens = {name: list(given) for name, given in variables}
    return list(parse(scope, css, read_from, variable_tokens=tokens, **dict(how)))


@pytest.fixture
def recording() -> Path:
    """A small recorded run: tcp and tcp-multi, three rounds, two nodes."""
    return GOLDEN / "recording-v1.jsonl"

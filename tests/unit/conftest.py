import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cniadvisor.domain.report import Report
from cniadvisor.report.toml_file import read

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def report() -> Report:
    """A complete run of two nodes: slower with one stream, no difference with several."""
    return read(GOLDEN / "report-v1.toml")


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Hold a text against the one kept; CNIADVISOR_UPDATE_GOLDEN=1 keeps the new one."""

    def check(name: str, text: str) -> None:
        place = GOLDEN / "text" / f"{name}.txt"
        if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
            place.write_text(text + "\n")
        assert text + "\n" == place.read_text()
        assert all(len(line) <= 80 for line in text.splitlines())
        assert not any(line != line.rstrip() for line in text.splitlines())

    return check


@pytest.fixture
def golden_file() -> Callable[[str, str], None]:
    """Hold a text of any width against the file of that name; updated like ``golden``."""

    def check(name: str, text: str) -> None:
        place = GOLDEN / "text" / name
        if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
            place.write_text(text + "\n")
        assert text + "\n" == place.read_text()

    return check

from pathlib import Path

import pytest

from cniadvisor.domain.report import Report
from cniadvisor.report.toml_file import read

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def report() -> Report:
    """A complete run of two nodes: slower with one stream, no difference with several."""
    return read(GOLDEN / "report-v1.toml")

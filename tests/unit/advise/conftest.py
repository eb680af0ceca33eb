"""Fixtures for the tests of the advisor."""

import pytest

from cniadvisor.advise.catalogue import Catalogue
from tests.unit.advise.shipped import shipped


@pytest.fixture
def catalogue() -> Catalogue:
    """What ships."""
    return shipped()

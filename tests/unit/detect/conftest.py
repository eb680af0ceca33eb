"""Fixtures for the tests of detection."""

import pytest

from tests.unit.detect.world import World


@pytest.fixture
def world() -> World:
    """A cluster without nodes, in which everything can be read."""
    return World()

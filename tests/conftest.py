import gc
import os

import pytest

# Screens are many small objects that know each other: to look for garbage after each 700 new
# ones took a sixth of these tests' time.
gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: an app that is tested waits now and then."""
    return (os.cpu_count() or 1) * 3 // 2

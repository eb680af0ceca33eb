"""Where built things and running clusters are kept: outside the tree, in the XDG places."""

import os
from pathlib import Path

SOURCES = Path(__file__).resolve().parent


def cache_directory() -> Path:
    """Binaries, root file systems and image archives: $CNIADVISOR_CACHE or the XDG cache."""
    own = os.environ.get("CNIADVISOR_CACHE")
    if own:
        return Path(own).resolve() / "cluster"
    xdg = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(xdg) / "cniadvisor" / "cluster"


def state_directory() -> Path:
    """One folder for each cluster that exists; `down` removes it."""
    xdg = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(xdg) / "cniadvisor" / "clusters"

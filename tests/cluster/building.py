"""Running compilers and the like: what they start ends with us, whatever ends us."""

import os
import shlex
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.prerequisites import without_urls

_END_WITH_US = ("setpriv", "--pdeathsig", "KILL")
# As root also what they start in turn: the first process of a pid namespace takes the rest along,
# and the mounts are gone with their namespace.
_END_WITH_CHILDREN = ("unshare", "--fork", "--pid", "--kill-child", "--mount-proc")


def run(
    argv: Sequence[str],
    *,
    directory: Path | None = None,
    scratch: Path | None = None,
    environment: Mapping[str, str] | None = None,
    text: str = "",
) -> str:
    """Run a program to its end with `text` as its input; what it printed, or an error."""
    temporary = {"TMPDIR": str(scratch)} if scratch else {}
    enclosed = [*_END_WITH_US, *(_END_WITH_CHILDREN if os.geteuid() == 0 else ()), *argv]
    done = subprocess.run(
        enclosed,
        cwd=directory,
        env=os.environ | temporary | dict(environment or {}),
        input=text,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise ClusterError(f"{shlex.join(argv[:3])} failed: {without_urls(done.stderr)[-2000:]}")
    return done.stdout


@contextmanager
def told(what: str) -> Generator[None]:
    """Say what is being built, and how long it took."""
    print(f"building {what}", flush=True)
    began = time.monotonic()
    yield
    print(f"built {what} in {time.monotonic() - began:.0f} s", flush=True)

"""What the commands that measure on a cluster share: a cluster, cniadvisor on it, being stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.cluster import lifecycle, state
from tests.cluster.cni import Cni
from tests.cluster.errors import ClusterError
from tests.cluster.state import Cluster

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818 - no error: somebody's wish
    """Somebody asked us to end: ctrl+c, SIGTERM, SIGHUP."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = signal.Signals(number)


def raise_when_stopped() -> None:
    """From now on ctrl+c, SIGTERM and SIGHUP raise :class:`Stopped`."""
    for number in _STOPPING:
        signal.signal(number, _stop)


@contextmanager
def cluster_for(cni: Cni, name: str, *, keep: bool = False) -> Generator[Cluster]:
    """The cluster of this name; one that was not up goes down again unless ``keep``.

    Raises:
        ClusterError: it did not come up; then it stays, for its logs tell why.
    """
    existing = state.load(name)
    found_it_up = existing is not None and lifecycle.is_up(existing)
    keep = keep or found_it_up
    if not found_it_up:
        say(
            f"== A Kubernetes of two nodes with {cni.name} {cni.mode}: a minute; the first time it "
            "is built from source, about 20 minutes on two cores"
        )
    try:
        try:
            cluster = lifecycle.up(cni.name, nodes=2, name=name, mode=cni.mode)
        except ClusterError:
            keep = True
            raise
        yield cluster
    finally:
        if keep:
            say(f"\nThe cluster {name} stays as it is. This removes it:")
            say(f"  {sys.executable} -m tests.cluster down --name {name}")
        else:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)
            say(f"\nTaking the cluster {name} down")
            lifecycle.down(name)
            raise_when_stopped()


def cniadvisor(*arguments: str, kubeconfig: Path | None = None) -> tuple[int, str]:
    """Run cniadvisor with none of the user's own settings; its exit code and standard output."""
    # The user's own settings are for the user's clusters.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CNIADVISOR_")}
    environment |= {"KUBECONFIG": str(kubeconfig or os.devnull), "CNIADVISOR_CONFIG": os.devnull}
    process = subprocess.Popen(
        [sys.executable, "-m", "cniadvisor", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,  # a ctrl+c reaches it once, through us
    )
    while True:
        try:
            output, _ = process.communicate()
        except Stopped as stopped:  # it cleans up and writes what it has; a second one: at once
            process.send_signal(stopped.number)
        else:
            return process.returncode, output.strip()


def say(text: str) -> None:
    """Tell the person who watches; standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)

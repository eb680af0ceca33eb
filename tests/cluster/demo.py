"""`make run-cluster`: the main job on a real two-node Kubernetes with a real CNI, on this machine.

Uses the cluster that is up, or makes one and takes it down again. Said as variables, such as
`make run-cluster SUITE=standard TESTS=tcp,http KEEP=1`:

CNI    flannel (default) or cilium
MODE   of Cilium: vxlan (default) or native, which does kube-proxy's work, too
SUITE  quick (default), standard, thorough or a file
TESTS  only these tests of the suite
KEEP   1: leave the cluster up; the next run then starts at once
CNIADVISOR_CLUSTER  the cluster's name
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.cluster import lifecycle, prerequisites, state
from tests.cluster.cni import Cni
from tests.cluster.errors import ClusterError
from tests.cluster.image import load_bench_image
from tests.cluster.state import Cluster

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

WITHOUT_A_CLUSTER = """\
Without it you can look at a saved cluster:
  .venv/bin/cniadvisor detect --inventory tests/golden/inventories/canal-3.31.json
or at one of your own (your kubeconfig's; this only reads):
  .venv/bin/cniadvisor detect"""


class Stopped(Exception):  # noqa: N818 - no error: somebody's wish
    """Somebody asked us to end: ctrl+c, SIGTERM, SIGHUP."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = signal.Signals(number)


def main() -> int:
    """Run the demonstration; 2 where this machine can't, 128 and the signal's number if stopped."""
    for number in _STOPPING:
        signal.signal(number, _stop)
    try:
        return _demonstrate(os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME))
    except ClusterError as error:
        _say(f"make run-cluster: {error}")
        return 1
    except Stopped as stopped:
        _say(f"make run-cluster: stopped by {stopped}")
        return 128 + stopped.number


def _demonstrate(name: str) -> int:
    try:
        cni = lifecycle.cni_of(os.environ.get("CNI") or "flannel", os.environ.get("MODE") or None)
        prerequisites.require_root()
        prerequisites.require_go()
        prerequisites.install_missing_packages()
    except ClusterError as error:
        _say(f"make run-cluster: {error}\n{WITHOUT_A_CLUSTER}")
        return 2
    with _cluster(cni, name) as cluster:
        _say("\n== The image the pods run")
        image = load_bench_image(cluster)
        _say("\n== cniadvisor detect")
        code, findings = _cniadvisor(cluster, "detect")
        print(findings, flush=True)
        if code != 0:
            return code
        arguments = ["--headless", "--yes", "--suite", os.environ.get("SUITE") or "quick"]
        if tests := os.environ.get("TESTS"):
            arguments += ["--tests", tests]
        _say(f"\n== cniadvisor bench {' '.join(arguments)} --image {image}")
        code, report = _cniadvisor(cluster, "bench", *arguments, "--image", image)
        if report:
            _say(f"\nThe report: {report}")
            _say(f"Read it again: .venv/bin/cniadvisor show {report}")
        return code


@contextmanager
def _cluster(cni: Cni, name: str) -> Generator[Cluster]:
    """The cluster of this name; one that was not up goes down again."""
    existing = state.load(name)
    found_it_up = existing is not None and lifecycle.is_up(existing)
    keep = found_it_up or os.environ.get("KEEP") == "1"
    if not found_it_up:
        _say(
            f"== A Kubernetes of two nodes with {cni.name}: a minute; the first time it is built "
            "from source, about 20 minutes on two cores"
        )
    try:
        try:
            cluster = lifecycle.up(cni.name, nodes=2, name=name, mode=cni.mode)
        except ClusterError:
            keep = True  # its logs tell why
            raise
        yield cluster
    finally:
        if keep:
            _say(f"\nThe cluster {name} stays as it is. This removes it:")
            _say(f"  {sys.executable} -m tests.cluster down --name {name}")
        else:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)
            _say(f"\nTaking the cluster {name} down")
            lifecycle.down(name)


def _cniadvisor(cluster: Cluster, *arguments: str) -> tuple[int, str]:
    """Run cniadvisor on the cluster; its exit code and its standard output."""
    # The user's own settings are for the user's clusters.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CNIADVISOR_")}
    environment |= {"KUBECONFIG": str(cluster.kubeconfig), "CNIADVISOR_CONFIG": os.devnull}
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


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

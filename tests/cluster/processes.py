"""The cluster's long-lived processes: started into its cgroups, recorded, found again."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.cluster import cgroups
from tests.cluster.errors import ClusterError
from tests.cluster.state import Cluster
from tests.cluster.waiting import until


@dataclass(frozen=True)
class Process:
    """A process, told apart from a later one with the same number by its start time."""

    name: str
    pid: int
    started: int

    @property
    def running(self) -> bool:
        """Whether this very process is there and not just waiting to be collected."""
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        state = _state_and_start(self.pid)
        return state is not None and state[0] not in "ZX" and state[1] == self.started

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it is still this process."""
        with contextlib.suppress(ProcessLookupError):
            held = os.pidfd_open(self.pid)
            try:
                if self.running:
                    signal.pidfd_send_signal(held, number)
            finally:
                os.close(held)

    def end(self) -> None:
        """End it and wait until it has ended."""
        self.send(signal.SIGKILL)
        until(lambda: not self.running, 10, f"{self.name} ends", every=0.02)


def start(cluster: Cluster, name: str, argv: Sequence[str], keep: Sequence[int] = ()) -> Process:
    """Start a process that belongs to the cluster and outlives us; `keep`: descriptors it gets."""
    log = cluster.log(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            cgroups.joining(cluster.name, argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=keep,
        )
    child.returncode = 0  # it is the cluster's, not ours: no warning when we end before it
    state = _state_and_start(child.pid)
    if state is None:
        raise ClusterError(f"{name} ended at once, see {log}")
    process = Process(name, child.pid, state[1])
    record = _record(cluster, name)
    record.parent.mkdir(parents=True, exist_ok=True)
    unfinished = record.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(process)))
    unfinished.rename(record)
    return process


def find(cluster: Cluster, name: str) -> Process:
    """The process that was started under this name."""
    try:
        return Process(**json.loads(_record(cluster, name).read_text()))
    except FileNotFoundError:
        raise ClusterError(f"{cluster.name} has no process {name}") from None


def all_of(cluster: Cluster) -> list[Process]:
    """Every recorded process."""
    records = sorted((cluster.directory / "processes").rglob("*.json"))
    return [Process(**json.loads(record.read_text())) for record in records]


def run(
    cluster: Cluster, argv: Sequence[str], *, text: str = "", timeout: float | None = None
) -> str:
    """Run a command inside the cluster's cgroups; its standard output, or an error."""
    try:
        done = subprocess.run(
            cgroups.joining(cluster.name, argv),
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{_short(argv)} did not end within {timeout} s") from None
    if done.returncode != 0:
        raise ClusterError(f"{_short(argv)} failed: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def _short(argv: Sequence[str]) -> str:
    return " ".join(argv)[:200]


def _record(cluster: Cluster, name: str) -> Path:
    return cluster.directory / "processes" / f"{name}.json"


def _state_and_start(pid: int) -> tuple[str, int] | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name in parentheses may hold anything
    return fields[0], int(fields[19])

"""The cluster's control groups: they hold every process it has, so that `down` finds all.

Containers outlive their shims and daemons fork, but nothing leaves its cgroup. Version 1 and
the hybrid layout are what this was tried on; version 2 follows the documentation, untried.
"""

import contextlib
import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.waiting import until

_PROCESSES = "system"  # where our own processes are; the nodes' pods are beside it
_KILL_SECONDS = 20


def create(cluster_name: str, nodes: tuple[str, ...]) -> None:
    """A cgroup for the processes and one for each node's pods, in every hierarchy."""
    for root in _hierarchies():
        top = root / cluster_name
        for directory in (top, top / _PROCESSES, *(top / node for node in nodes)):
            directory.mkdir(exist_ok=True)
            _fill_cpuset(directory)
            if directory == top:
                _delegate_controllers(root, top)


def exists(cluster_name: str) -> bool:
    """Whether any hierarchy has cgroups of this name."""
    return any((root / cluster_name).exists() for root in _hierarchies())


def joining(cluster_name: str, argv: list[str]) -> list[str]:
    """The command that enters the cluster's cgroups first and then becomes `argv`."""
    files = [root / cluster_name / _PROCESSES / "cgroup.procs" for root in _hierarchies()]
    enter = "".join(f"echo $$ > {shlex.quote(str(file))} && " for file in files)
    return ["/bin/sh", "-c", f'{enter}exec "$@"', "sh", *argv]


def processes(cluster_name: str) -> set[int]:
    """Every process of the cluster, containers' too."""
    return {
        int(pid)
        for root in _hierarchies()
        for file in (root / cluster_name).rglob("cgroup.procs")
        for pid in _read(file).split()
    }


def kill_all(cluster_name: str) -> None:
    """End every process of the cluster."""

    def all_ended() -> bool:
        remaining = processes(cluster_name)
        for pid in remaining:
            _kill(cluster_name, pid)
        return not remaining

    until(all_ended, _KILL_SECONDS, f"the processes of {cluster_name} end", every=0.05)


def remove(cluster_name: str) -> None:
    """Remove the cluster's cgroups, children first."""
    for root in _hierarchies():
        until(lambda top=root / cluster_name: _remove_tree(top), 10, f"{root} lets go", every=0.05)


def _hierarchies() -> list[Path]:
    """Where cgroup file systems are mounted: one for version 2, one for each set in version 1."""
    found: list[Path] = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, point, kind, *_ = line.split()
        if kind in {"cgroup", "cgroup2"}:
            found.append(Path(point))
    if not found:
        raise ClusterError("no cgroup file system is mounted")
    return found


def _fill_cpuset(directory: Path) -> None:
    """A new version 1 cpuset is empty, and nothing can enter it: take the parent's."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        own, parents = directory / name, directory.parent / name
        if parents.exists() and own.exists() and not own.read_text().strip():
            own.write_text(parents.read_text())


def _delegate_controllers(root: Path, top: Path) -> None:
    """Version 2: children have the controllers that their parents name. Untried."""
    for directory in (root, top):
        available = directory / "cgroup.controllers"
        for controller in available.read_text().split() if available.exists() else []:
            with contextlib.suppress(OSError):  # in the hybrid layout they may be in use
                (directory / "cgroup.subtree_control").write_text(f"+{controller}")


def _kill(cluster_name: str, pid: int) -> None:
    """End this process, unless it ended and its number went to another meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        held = os.pidfd_open(pid)
        try:
            if any(
                path.split("/")[1:2] == [cluster_name]
                for path in (line.split(":", 2)[2] for line in _memberships(pid))
            ):
                signal.pidfd_send_signal(held, signal.SIGKILL)
        finally:
            os.close(held)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # only ours to collect when this process started it


def _memberships(pid: int) -> list[str]:
    return _read(Path(f"/proc/{pid}/cgroup")).splitlines()


def _remove_tree(top: Path) -> bool:
    for directory in [*_depth_first(top), top]:
        with contextlib.suppress(OSError):  # busy for a moment after its last process
            directory.rmdir()
    return not top.exists()


def _depth_first(top: Path) -> Iterator[Path]:
    for directory, _, _ in os.walk(top, topdown=False):
        yield Path(directory)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError, OSError):
        return ""  # gone between listing and reading

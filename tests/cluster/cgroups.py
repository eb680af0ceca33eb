"""The cluster's control groups: they hold every process it has, so that `down` finds all.

Containers outlive their shims and daemons fork, but nothing leaves its cgroup. Version 1 and
the hybrid layout are what this was tried on; version 2 follows the documentation, untried.
"""

import contextlib
import os
import shlex
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.waiting import until

_PROCESSES = "system"  # where our own processes are; the nodes' pods are beside it
_SECONDS = 30


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


def of_pods(cluster_name: str, node: str) -> Path:
    """The cgroup of a node's pods in the hierarchy of version 2, to attach programs to."""
    return _version_2() / cluster_name / node


def beside(pid: int, argv: Sequence[str]) -> list[str]:
    """The command that enters a process's cgroup of version 2 first and then becomes `argv`."""
    lines = _read(Path(f"/proc/{pid}/cgroup")).splitlines()
    own = next(line.removeprefix("0::/") for line in lines if line.startswith("0::"))
    file = _version_2() / own / "cgroup.procs"
    return ["/bin/sh", "-c", f'echo $$ > {shlex.quote(str(file))} && exec "$@"', "sh", *argv]


def joining(cluster_name: str, argv: Sequence[str]) -> list[str]:
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


def destroy(cluster_name: str) -> None:
    """End every process of the cluster and remove its cgroups."""

    def gone() -> bool:
        for pid in processes(cluster_name):
            _kill(cluster_name, pid)
        for root in _hierarchies():
            _remove_tree(root / cluster_name)
        return not exists(cluster_name)

    until(gone, _SECONDS, f"the processes and cgroups of {cluster_name} are gone", every=0.05)


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


def _version_2() -> Path:
    for root in _hierarchies():
        if (root / "cgroup.controllers").exists():
            return root
    raise ClusterError(
        "no cgroup file system of version 2 is mounted, which Cilium needs: "
        "mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified"
    )


def _fill_cpuset(directory: Path) -> None:
    """A new version 1 cpuset is empty, and nothing can enter it: take the parent's."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        own, parents = directory / name, directory.parent / name
        if parents.exists() and own.exists() and not own.read_text().strip():
            own.write_text(parents.read_text())


def _delegate_controllers(root: Path, top: Path) -> None:
    """Version 2: children have the controllers that their parents name. Untried.

    In the hybrid layout version 1 has them, and the root's are left as they are.
    """
    if _hierarchies() != [root] or not (root / "cgroup.controllers").exists():
        return
    for directory in (root, top):
        available = (directory / "cgroup.controllers").read_text().split()
        for controller in available:
            with contextlib.suppress(OSError):  # not every controller can be delegated
                (directory / "cgroup.subtree_control").write_text(f"+{controller}")


def _kill(cluster_name: str, pid: int) -> None:
    """End this process, unless it ended and its number went to another meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        held = os.pidfd_open(pid)
        try:
            if _belongs(cluster_name, pid):
                signal.pidfd_send_signal(held, signal.SIGKILL)
        finally:
            os.close(held)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # only ours to collect when this process started it


def _belongs(cluster_name: str, pid: int) -> bool:
    memberships = _read(Path(f"/proc/{pid}/cgroup")).splitlines()
    return any(f"{line}/".split(":", 2)[2].startswith(f"/{cluster_name}/") for line in memberships)


def _remove_tree(top: Path) -> None:
    """Children first; one that is busy for a moment after its last process is left."""
    for directory, _, _ in os.walk(top, topdown=False):
        with contextlib.suppress(OSError):
            Path(directory).rmdir()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""  # gone between listing and reading

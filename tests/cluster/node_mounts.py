"""Run inside a node's new namespaces: makes its mounts, then holds the namespaces open.

node_mounts.py NODE DIRECTORY READY_FILE

Nothing is written to the machine's own file system: /etc, /opt and /var are overlays whose
upper side is memory, and what is large or worth reading is bound from DIRECTORY.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

OVERLAID = ("etc", "opt", "var")
BOUND = (
    "etc/cni/net.d",
    "opt/cni/bin",
    "var/lib/cni",
    "var/lib/containerd",
    "var/lib/kubelet",
    "var/log",
)


def main(node: str, directory: Path, ready: Path) -> None:
    """Make the mounts, say so, and sleep."""
    socket.sethostname(node)
    _mount("-t", "tmpfs", "tmpfs", "/run")
    _sysfs_of_this_network()
    for name in OVERLAID:
        upper, work = Path(f"/run/overlay/{name}/upper"), Path(f"/run/overlay/{name}/work")
        upper.mkdir(parents=True)
        work.mkdir()
        layers = f"lowerdir=/{name},upperdir={upper},workdir={work}"
        _mount("-t", "overlay", "-o", layers, "overlay", f"/{name}")
    for path in BOUND:
        source, target = directory / path, Path("/") / path
        source.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        _mount("--bind", str(source), str(target))
    # Only now: mounts with propagation need shared parents, but moving needs private ones.
    _mount("--make-rshared", "/")
    ready.touch()
    os.execvp("sleep", ["sleep", "infinity"])


def _sysfs_of_this_network() -> None:
    """/sys/class/net shows the network namespace of its mount; a new /sys hides the cgroups."""
    aside = Path("/run/cgroup")
    aside.mkdir()
    _mount("--rbind", "/sys/fs/cgroup", str(aside))
    _mount("-t", "sysfs", "sysfs", "/sys")
    _mount("--move", str(aside), "/sys/fs/cgroup")
    aside.rmdir()
    if "\tbpf" in Path("/proc/filesystems").read_text():
        _mount("-t", "bpf", "bpf", "/sys/fs/bpf")


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

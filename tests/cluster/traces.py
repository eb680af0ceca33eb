"""What a cluster could leave on the machine: for tests that it leaves nothing."""

import ctypes
import platform
import time
from pathlib import Path

from tests.cluster import cgroups, directories
from tests.owners import is_anothers

Traces = set[tuple[str, str]]

_BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}
# The commands of bpf(2) that tell the next number of a kind, from linux/bpf.h.
_NEXT_NUMBER = {"BPF program": 11, "BPF map": 12, "BPF link": 31}
_SECONDS = 60


def traces(cluster_name: str) -> Traces:
    """What there is on the machine just now, as far as it is not another cluster's or program's.

    Processes, cgroups and state count if they have the cluster's name, the rest in any case.
    """
    others = {
        pid
        for directory in directories.state_directory().glob("*/state.json")
        if directory.parent.name != cluster_name
        for pid in cgroups.processes(directory.parent.name)
    }
    processes = [p for p in Path("/proc").glob("[0-9]*") if int(p.name) not in others]
    cgroup_names = ("/sys/fs/cgroup", f"{cluster_name}*"), ("/sys/fs/cgroup", f"*/{cluster_name}*")
    seen = {
        "mount": Path("/proc/self/mountinfo").read_text().splitlines(),
        "route": Path("/proc/net/route").read_text().splitlines(),
        "interface": _names("/sys/class/net", "*"),
        "named namespace": _names("/run/netns", "*"),
        "network namespace": [_network_namespace(process) for process in processes],
        "process": [text for p in processes if cluster_name in (text := _command_line(p))],
        "cgroup": [name for where in cgroup_names for name in _names(*where)],
        "state": _names(str(directories.state_directory()), f"{cluster_name}*"),
    }
    seen |= {kind: _bpf_numbers(command) for kind, command in _NEXT_NUMBER.items()}
    return {(kind, trace) for kind, found in seen.items() for trace in found if trace}


def assert_nothing_left_since(before: Traces, cluster_name: str) -> None:
    """Other programs come and go meanwhile; what stays is ours."""
    deadline = time.monotonic() + _SECONDS
    while traces(cluster_name) - before and time.monotonic() < deadline:
        time.sleep(0.5)
    assert traces(cluster_name) - before == set()


def _bpf_numbers(command: int) -> list[str]:
    """The numbers of all loaded programs, maps or links, of all namespaces."""
    found: list[str] = []
    call = ctypes.CDLL(None, use_errno=True).syscall
    numbers = (ctypes.c_uint32 * 3)()  # start, next, flags
    while call(_BPF_SYSCALL[platform.machine()], command, ctypes.byref(numbers), 12) == 0:
        numbers[0] = numbers[1]
        found.append(str(numbers[1]))
    return found


def _names(directory: str, pattern: str) -> list[str]:
    return [path.name for path in Path(directory).glob(pattern)]


def _network_namespace(process: Path) -> str:
    """Nothing for the one that all are in, and for what another program, a lab, has under it."""
    try:
        if not _is_apart(process) or is_anothers(process, within=_is_apart):
            return ""
        return str((process / "ns/net").readlink())
    except OSError:
        return ""  # it has ended


def _is_apart(process: Path) -> bool:
    return (process / "ns/net").readlink() != Path("/proc/self/ns/net").readlink()


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""

"""What runs in the pods' own networks, as this machine sees it: for faults that tests make."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.cluster import cgroups
from tests.cluster.namespaces import holder_pid
from tests.cluster.state import Cluster
from tests.cluster.waiting import until

_RUBBISH = Path(__file__).with_name("rubbish_server.py")


def find(cluster: Cluster, begin: str) -> list[int]:
    """The processes in pods' own networks whose command line begins so; host-network pods' do not
    count.
    """
    nodes = {_network(holder_pid(cluster, node)) for node in cluster.nodes}
    found: list[int] = []
    for pid in sorted(cgroups.processes(cluster.name)):
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            if line.startswith(begin.encode()) and _network(pid) not in nodes:
                found.append(pid)
    return found


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Signal all of them; those that are gone already are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def frozen(pids: Sequence[int]) -> Generator[None]:
    """They do nothing while the context lasts; their sockets stay open."""
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)


@contextmanager
def rubbish_instead(pid: int) -> Generator[None]:
    """Whoever connects to the pod of this process gets random bytes, whatever the port.

    The servers themselves live on: a container that ends would end the pod, and so the run.
    """
    enter = ["nsenter", "--target", str(pid), "--net", "--"]
    server = subprocess.Popen([*enter, sys.executable, str(_RUBBISH)], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        rules = (
            "table ip rubbish { chain inward { type nat hook prerouting priority -100;\n"
            f"meta l4proto {{ tcp, udp }} redirect to :{port}\n}}\n}}\n"
        )
        subprocess.run([*enter, "nft", "-f", "-"], input=rules.encode(), check=True)
        yield
        if Path(f"/proc/{pid}").exists():
            subprocess.run([*enter, "nft", "delete", "table", "ip", "rubbish"], check=True)
    finally:
        server.kill()
        server.communicate()
        until(lambda: server.poll() is not None, 5, "the rubbish server ends")


def _network(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())

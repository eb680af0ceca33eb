"""The image run as a restricted pod runs it, without Kubernetes: for its scripts and their tools.

Read-only root, uid 10001, no capabilities, no_new_privs, /scratch and /data of its own in memory,
/credentials readable by the group. Everything ends with the process that made it.
"""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SETUP = """
set -e
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o mode=1777 tmpfs "$1/scratch"
mount -t tmpfs -o mode=1777,size=16m tmpfs "$1/data"
mount -t tmpfs -o mode=0750,gid=10001 tmpfs "$1/credentials"
printf %s "$2" >"$1/credentials/ftp-password"
chown 0:10001 "$1/credentials/ftp-password"
chmod 0440 "$1/credentials/ftp-password"
mount -o remount,ro,bind "$1"
ip link set lo up
exec chroot "$1" sh -c 'echo ready; while read -r _; do :; done'
"""
_AS_IN_A_POD = (
    *("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--no-new-privs"),
    *("--bounding-set=-all", "--inh-caps=-all"),
    *("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    *("HOME=/scratch", "TMPDIR=/scratch"),
)


@dataclass(frozen=True, kw_only=True)
class ImagePod:
    """A running one; ``init`` is its first process."""

    init: int
    started: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    def command(self, *argv: str, **environment: str) -> list[str]:
        """What runs ``argv`` inside."""
        inside = ("nsenter", f"--target={self.init}", "--mount", "--net", "--pid", "--root", "--wd")
        variables = (f"{name}={value}" for name, value in environment.items())
        return [*inside, *_AS_IN_A_POD, *variables, *argv]

    def run(self, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            self.command(*argv, **environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self, *argv: str, log: Path, **environment: str) -> None:
        """Start a program that ends with the pod; its words go to ``log``."""
        with log.open("w") as said:
            self.started.append(
                subprocess.Popen(
                    self.command(*argv, **environment),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                )
            )


@contextmanager
def image_pod(
    root: Path, *, password: str, network_of: ImagePod | None = None
) -> Generator[ImagePod]:
    """Run the file system ``root``, in a network of its own or in another's."""
    join = [] if network_of is None else ["nsenter", f"--target={network_of.init}", "--net"]
    network = ["--net"] if network_of is None else []
    shell = subprocess.Popen(
        [
            *("setpriv", "--pdeathsig", "KILL", *join, "unshare", *network),
            *("--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"),
            *("sh", "-c", _SETUP, "sh", str(root), password),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
    )
    with shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "ready\n", "the image's pod did not start"
        children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()
        pod = ImagePod(init=int(children[0]))
        try:
            yield pod
        finally:
            shell.kill()
            for program in pod.started:
                program.wait()

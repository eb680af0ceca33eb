"""What the machine must bring: root, some Debian packages and a Go toolchain."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.cluster.directories import cache_directory
from tests.cluster.errors import ClusterError
from tests.cluster.locks import exclusive

GO_NEEDED = (1, 26, 4)
GO_THAT_FETCHES_ANOTHER = (1, 21)
CNI_PLUGINS = Path("/usr/lib/cni")
DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

_PACKAGE_OF_PROGRAM = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "mmdebstrap": "mmdebstrap",
    "buildah": "buildah",
    "openssl": "openssl",
    "gcc": "gcc",
    "ip": "iproute2",
    "tc": "iproute2",
    "iptables": "iptables",
    "nft": "nftables",
    "conntrack": "conntrack",
    "ethtool": "ethtool",
    "nsenter": "util-linux",
    "mount": "mount",
}
_PACKAGE_OF_FILE = {
    CNI_PLUGINS / "bridge": "containernetworking-plugins",
    DEBIAN_KEYRING: "debian-archive-keyring",
    Path("/usr/include/stdlib.h"): "libc6-dev",
}


def require_root() -> None:
    """Namespaces, mounts and cgroups are root's."""
    if os.geteuid() != 0:
        raise ClusterError("the test cluster needs root on Linux: namespaces, mounts and cgroups")


def install_missing_packages() -> None:
    """Install what is missing with apt-get, or name it where that is not possible."""
    missing = _missing_packages()
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ClusterError(
            f"missing: {' '.join(missing)} (the names of Debian packages); "
            "as root on Debian or Ubuntu they would be installed with apt-get"
        )
    with exclusive(cache_directory() / "apt.lock"):  # apt refuses who comes second
        if missing := _missing_packages():
            _install(missing)


def _install(packages: list[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-q", *arguments], env=environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise ClusterError(f"apt-get {' '.join(arguments)} failed: {without_urls(done.stderr)}")


def _missing_packages() -> list[str]:
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    programs = {
        package
        for program, package in _PACKAGE_OF_PROGRAM.items()
        if not shutil.which(program, path=search)
    }
    files = {package for file, package in _PACKAGE_OF_FILE.items() if not file.exists()}
    return sorted(programs | files)


def require_go() -> None:
    """Say which Go is needed and which is there, if that one will not do."""
    needed = ".".join(map(str, GO_NEEDED))
    if not shutil.which("go"):
        raise ClusterError(f"missing: Go {needed} or later (https://go.dev/dl), program `go`")
    answer = subprocess.run(
        ["go", "env", "-json", "GOVERSION", "GOTOOLCHAIN"],
        capture_output=True,
        text=True,
        check=True,
    )
    go: dict[str, str] = json.loads(answer.stdout)
    version = tuple(map(int, re.findall(r"\d+", go["GOVERSION"])[:3]))
    fetches = go["GOTOOLCHAIN"] != "local" and version >= GO_THAT_FETCHES_ANOTHER
    if version < GO_NEEDED and not fetches:
        raise ClusterError(
            f"Go {needed} or later is needed, this is {go['GOVERSION']} "
            f"(or 1.21 and later with GOTOOLCHAIN=auto, here it is {go['GOTOOLCHAIN']})"
        )


def without_urls(text: str) -> str:
    """A program's words without the addresses of the machine's mirrors."""
    return re.sub(r"\b[\w+]+://\S+", "<address>", text).strip()

"""The cluster's programs, built from their Go modules with versions pinned in go.mod."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import building
from tests.cluster.cache import cached, key_of
from tests.cluster.directories import SOURCES
from tests.cluster.errors import ClusterError


@dataclass(frozen=True)
class GoBinary:
    """A program of a module in go/<folder>; `version_variables` get its upstream version."""

    name: str
    folder: str
    package: str
    version_of: str = ""
    version_variables: tuple[str, ...] = ()
    linker_flags: str = "-s -w"
    cgo: bool = False

    @property
    def directory(self) -> Path:
        """Where the module's go.mod lies."""
        return SOURCES / "go" / self.folder


HYPERKUBE = GoBinary(
    "hyperkube",
    "kubernetes",
    ".",
    version_of="k8s.io/kubernetes",
    version_variables=("k8s.io/component-base/version.gitVersion",),
)
ETCD = GoBinary("etcd", "etcd", "go.etcd.io/etcd/server/v3")
FLANNELD = GoBinary(
    "flanneld",
    "flannel",
    "github.com/flannel-io/flannel",
    version_of="github.com/flannel-io/flannel",
    version_variables=("github.com/flannel-io/flannel/pkg/version.Version",),
    linker_flags="-s -w -linkmode external -extldflags -static",
    cgo=True,  # its UDP backend is C; static, for the image brings no matching libc
)
FLANNEL_INSTALL_CONF = GoBinary(
    "install-conf", "flannel", "github.com/flannel-io/flannel/cmd/install_conf"
)
FLANNEL_CNI_PLUGIN = GoBinary(
    "flannel", "flannel-cni-plugin", "github.com/containernetworking/plugins/plugins/meta/flannel"
)
METRICS_SERVER = GoBinary(
    "metrics-server",
    "metrics-server",
    "sigs.k8s.io/metrics-server/cmd/metrics-server",
    version_of="sigs.k8s.io/metrics-server",
    version_variables=("sigs.k8s.io/metrics-server/pkg/version.gitVersion",),
)


def build(binary: GoBinary) -> Path:
    """The program's file, built if the cache has none for these sources and flags."""
    flags = _flags(binary)
    key = key_of(binary.directory, binary.package, shlex.join(flags), f"cgo={binary.cgo}")
    return cached("bin", binary.name, key, lambda target: _compile(binary, flags, target))


def build_pause() -> Path:
    """The pause program, which holds a pod's namespaces."""
    source = SOURCES / "pause" / "pause.c"

    def compile_it(target: Path) -> None:
        gcc = ["gcc", "-Os", "-static", "-s", "-o", str(target), str(source)]
        building.run(gcc, scratch=target.parent)

    return cached("bin", "pause", key_of(source), compile_it)


def module_version(folder: str, module: str) -> str:
    """The version that go/<folder>/go.mod pins, such as v0.28.10."""
    text = (SOURCES / "go" / folder / "go.mod").read_text()
    found = re.search(rf"^(?:require)?\s*{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if not found:
        raise ClusterError(f"{folder}/go.mod does not name {module}")
    return found[1]


def module_directory(folder: str, module: str) -> Path:
    """Where the module's own files lie: manifests are read there, not copied."""
    command = ["go", "mod", "download", "-json", module]
    answer = building.run(command, directory=SOURCES / "go" / folder)
    return Path(json.loads(answer)["Dir"])


def _flags(binary: GoBinary) -> list[str]:
    linker = binary.linker_flags
    if binary.version_of:
        version = module_version(binary.folder, binary.version_of)
        linker += "".join(f" -X {name}={version}" for name in binary.version_variables)
        if binary is HYPERKUBE:
            major, minor = version[1:].split(".")[:2]
            package = "k8s.io/component-base/version"
            linker += f" -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
    return ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", linker]


def _compile(binary: GoBinary, flags: list[str], target: Path) -> None:
    print(f"building {binary.name}: minutes the first time", flush=True)
    building.run(
        ["go", "build", *flags, "-o", str(target), binary.package],
        directory=binary.directory,
        scratch=target.parent,
        environment={"CGO_ENABLED": "1" if binary.cgo else "0", "GOFLAGS": ""},
    )

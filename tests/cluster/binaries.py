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
    version_prefix: str = "v"
    tags: tuple[str, ...] = ()
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
_CILIUM = "github.com/cilium/cilium"


def _of_cilium(name: str, package: str, tags: tuple[str, ...] = ()) -> GoBinary:
    return GoBinary(
        name,
        "cilium",
        f"{_CILIUM}/{package}",
        version_of=_CILIUM,
        version_variables=(f"{_CILIUM}/pkg/version.ciliumVersion",),
        version_prefix="",
        tags=tags,
    )


CILIUM_AGENT = _of_cilium("cilium-agent", "daemon")
CILIUM_DBG = _of_cilium("cilium-dbg", "cilium-dbg")
CILIUM_CNI = _of_cilium("cilium-cni", "plugins/cilium-cni")
CILIUM_OPERATOR = _of_cilium("cilium-operator-generic", "operator", ("ipam_provider_operator",))
HELM_RENDER = GoBinary("helm-render", "helm", ".")
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
        told = binary.version_prefix + version.removeprefix("v")
        linker += "".join(f" -X {name}={told}" for name in binary.version_variables)
        if binary is HYPERKUBE:
            major, minor = version[1:].split(".")[:2]
            package = "k8s.io/component-base/version"
            linker += f" -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
    tags = ["-tags", ",".join(binary.tags)] if binary.tags else []
    return ["-trimpath", "-buildvcs=false", "-mod=readonly", *tags, "-ldflags", linker]


def _compile(binary: GoBinary, flags: list[str], target: Path) -> None:
    with building.told(f"{binary.name} (minutes the first time)"):
        building.run(
            ["go", "build", *flags, "-o", str(target), binary.package],
            directory=binary.directory,
            scratch=target.parent,
            environment={"CGO_ENABLED": "1" if binary.cgo else "0", "GOFLAGS": ""},
        )

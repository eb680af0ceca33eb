"""The benchmark image for the tests: built from the shipped Containerfile by the shipped code.

What differs from a user's build lies outside both: the base image is made by mmdebstrap instead of
pulled, and files that buildah reads from the environment tell it to use the machine's network,
apt sources, proxy and certificates while RUN steps run. None of that gets into the image.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from cniadvisor import __version__
from cniadvisor.image.build import build
from cniadvisor.image.load import save
from cniadvisor.image.record import context_hash
from cniadvisor.image.tools import ContainerTool
from cniadvisor.resources import benchmarks
from tests.cluster import building
from tests.cluster.cache import cached, key_of
from tests.cluster.node import load_image
from tests.cluster.prerequisites import DEBIAN_KEYRING, install_missing_packages
from tests.cluster.rootfs import SUITE, base_rootfs, debian_mirror
from tests.cluster.state import Cluster

_BASE = "localhost/cniadvisor-test-base:latest"
_APT = Path("/etc/apt")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def bench_archive() -> Path:
    """A docker archive of the image; a new one when the Containerfile, a script or the base is."""
    base = base_rootfs()
    key = key_of(context_hash(benchmarks()), __version__, str(base))
    return cached("images", "cniadvisor-bench.tar", key, lambda target: _build(base, target))


def reference_in(archive: Path) -> str:
    """The name under which an archive's image is loaded: what pods name."""
    with tarfile.open(archive) as members:
        manifest = members.extractfile("manifest.json")
        assert manifest is not None
        return json.load(manifest)[0]["RepoTags"][0]


def unpack(archive: Path, folder: Path) -> None:
    """Lay an archive's file system out in a folder, as root: owners and modes are the image's."""
    with tarfile.open(archive) as members:
        manifest = members.extractfile("manifest.json")
        assert manifest is not None
        for name in json.load(manifest)[0]["Layers"]:
            layer = members.extractfile(name)
            assert layer is not None
            with tarfile.open(fileobj=layer) as files:
                files.extractall(folder, numeric_owner=True, filter="fully_trusted")
    for mark in folder.rglob(".wh.*"):  # what an upper layer deleted of a lower one
        gone = mark.with_name(mark.name.removeprefix(".wh."))
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink(missing_ok=True)
        mark.unlink()


def load_bench_image(cluster: Cluster) -> str:
    """Load the image into every node and return its reference."""
    archive = bench_archive()
    load_image(cluster, archive)
    return reference_in(archive)


def _build(base: Path, target: Path) -> None:
    install_missing_packages()
    print("building the benchmark image: half a minute", flush=True)
    scratch = target.parent
    apt = scratch / "apt"
    _write_apt_configuration(apt)
    containers = scratch / "containers.conf"
    containers.write_text(f'[containers]\nnetns = "host"\nvolumes = ["{apt}:{_APT}:ro"]\n')
    storage = scratch / "storage.conf"  # not the machine's: nothing may be left in that
    storage.write_text(
        "[storage]\n"
        'driver = "vfs"\n'
        f'graphroot = "{scratch}/storage"\n'
        f'runroot = "{scratch}/storage-run"\n'
    )
    building.run(
        [sys.executable, "-m", __name__, str(base), str(target)],
        directory=Path(__file__).parents[2],
        scratch=scratch,
        environment={
            "BUILDAH_ISOLATION": "chroot",  # an engine's isolation asks for more than CI grants
            "CONTAINERS_CONF": str(containers),
            "CONTAINERS_STORAGE_CONF": str(storage),
        },
    )


def _write_apt_configuration(folder: Path) -> None:
    """What stands at /etc/apt during RUN steps: this machine's ways to Debian."""
    for part in ("apt.conf.d", "auth.conf.d", "preferences.d", "trusted.gpg.d"):
        (folder / part).mkdir(parents=True)
    if mirror := debian_mirror():
        source = f"deb [signed-by={DEBIAN_KEYRING}] {mirror} {SUITE} main\n"
        (folder / "sources.list").write_text(source)
    for secret in (_APT / "auth.conf", *sorted(_APT.glob("auth.conf.d/*"))):
        if secret.is_file():
            shutil.copy(secret, folder / secret.relative_to(_APT))
    dumped = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    wanted = re.findall(r"^Acquire::(?!Changelogs).*$", dumped.stdout, re.MULTILINE)
    if _CERTIFICATES.exists():
        shutil.copy(_CERTIFICATES, folder / "ca.crt")
        wanted.append(f'Acquire::https::CAInfo "{_APT}/ca.crt";')
    (folder / "apt.conf.d" / "machine").write_text("".join(f"{line}\n" for line in wanted))


def _import_base(tar: Path) -> None:
    container = _buildah("from", "scratch").strip()
    _buildah("add", "--quiet", container, str(tar), "/")
    _buildah("commit", "--quiet", "--format", "docker", container, _BASE)
    _buildah("rm", container)


def _buildah(*arguments: str) -> str:
    done = subprocess.run(["buildah", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def main() -> None:
    """Build from a base (first argument) and save (second); a process of its own, see _build."""
    base, target = map(Path, sys.argv[1:])
    _import_base(base)
    record = build(
        tool=ContainerTool.BUILDAH, base=_BASE, say=lambda line: print(line, file=sys.stderr)
    )
    save(record, target, say=lambda line: print(line, file=sys.stderr))


if __name__ == "__main__":
    os.umask(0o022)
    main()

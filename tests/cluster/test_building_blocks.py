"""What clusters are built of, without building one."""

import json
import os
import tarfile
import time
from pathlib import Path

import pytest

from tests.cluster.cache import cached, prune
from tests.cluster.errors import ClusterError
from tests.cluster.images import Image, archive
from tests.cluster.lifecycle import CNIS, cni_of

pytestmark = pytest.mark.cluster


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNIADVISOR_CACHE", str(tmp_path))
    return tmp_path / "cluster"


def write(target: Path) -> None:
    target.write_text("built")


def test_of_each_file_the_versions_used_last_are_kept(cache: Path) -> None:
    for age in range(9):
        os.utime(cached("bin", "program", f"key{age}", write).parent, (1000 - age, 1000 - age))
    os.utime(cached("bin", "other", "old", write).parent, (1, 1))
    cached("bin", "program", "key8", write)  # the oldest is used again

    prune()

    kept = {folder.name for folder in (cache / "bin").iterdir()}
    assert kept == {"key8", "key0", "key1", "key2", "key3", "key4", "old"}


def test_builds_that_were_killed_long_ago_are_removed_and_those_under_way_are_not(
    cache: Path,
) -> None:
    for name, age_s in {"killed": 2 * 24 * 3600, "under-way": 60}.items():
        scratch = cache / "bin" / f"{name}.unfinished"
        scratch.mkdir(parents=True)
        (scratch / "program").touch()
        then = time.time() - age_s
        os.utime(scratch, (then, then))

    prune()

    assert [folder.name for folder in (cache / "bin").iterdir()] == ["under-way.unfinished"]


def test_an_image_has_its_files_and_folders_and_shares_its_base(
    cache: Path, tmp_path: Path
) -> None:
    program, sources, base = tmp_path / "program", tmp_path / "sources", tmp_path / "base.tar"
    program.write_text("#!/bin/sh\n")
    (sources / "include").mkdir(parents=True)
    (sources / "main.c").write_text("int main;")
    (sources / "include" / "main.h").touch()
    with tarfile.open(base, "w") as rootfs:
        rootfs.add(program, "etc/motd")
    files = {"/usr/bin/program": program, "/var/lib/sources": sources}
    images = [Image("example.org/a:1", files, base), Image("example.org/b:1", {}, base)]

    with tarfile.open(archive("both", images)) as members:
        assert len([name for name in members.getnames() if name.endswith("layer.tar")]) == 3
        told = members.extractfile("manifest.json")
        assert told is not None
        first, second = json.load(told)
        assert first["Layers"][0] == second["Layers"][0]
        layer = members.extractfile(first["Layers"][1])
        with tarfile.open(fileobj=layer) as inside:
            modes = {entry.name: entry.mode for entry in inside.getmembers()}
    assert modes == {
        "usr/bin/program": 0o755,
        "var/lib/sources/include/main.h": 0o644,
        "var/lib/sources/main.c": 0o644,
    }


def test_a_cni_has_a_usual_mode_and_what_there_is_not_is_named() -> None:
    assert cni_of("flannel").mode == "vxlan"
    assert cni_of("cilium").mode == "vxlan"
    assert cni_of("cilium", "native").kube_proxy is False
    assert all(cni_of(cni.name, cni.mode) is cni for cni in CNIS)
    with pytest.raises(ClusterError, match="no CNI calico, known: flannel, cilium, none"):
        cni_of("calico")
    with pytest.raises(ClusterError, match="cilium has no mode bgp, known: vxlan, native"):
        cni_of("cilium", "bgp")

"""What clusters are built of, without building one."""

import json
import os
import shutil
import tarfile
import time
import tomllib
from pathlib import Path

import pytest

from cniadvisor.catalogue.campaign_file import parse_campaign
from cniadvisor.commands.profiles import result_of
from cniadvisor.resources import profiles
from tests.cluster import campaign
from tests.cluster.cache import cached, prune
from tests.cluster.errors import ClusterError
from tests.cluster.images import Image, archive
from tests.cluster.lifecycle import CNIS, cni_of

pytestmark = pytest.mark.cluster

GOLDEN = Path(__file__).parents[1] / "golden"


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


def test_a_campaign_tells_of_its_reports_what_holds_for_them_once() -> None:
    report = tomllib.loads((GOLDEN / "report-v1.toml").read_text())
    told = campaign.conditions([report, report])
    assert told == list(dict.fromkeys(told))
    suite = report["plan"]["suite"]
    assert any(
        f"{suite['rounds']} rounds, {suite['duration_s']:g} s a trial" in one for one in told
    )
    kernel = report["target"]["pair"]["client"]["kernel"]
    assert any(f"kernel {kernel}" in one for one in told)
    assert sum(one.startswith("Kubernetes 1.") for one in told) == 1

    of_lab = profiles() / "reference/2026-11-cniadvisor-lab/flannel-vxlan.toml"
    told = campaign.conditions([tomllib.loads(of_lab.read_text())])
    assert not [one for one in told if "Kubernetes" in one], "a lab has a kernel, no Kubernetes"


def test_a_campaign_that_was_stopped_measures_only_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "profiles", lambda: tmp_path)
    monkeypatch.setenv("CAUTION", "Another program ran beside it.")
    one = campaign.Campaign(name="one", title="One", ground="here", cautions=("Small.",))
    one.folder.mkdir(parents=True)
    shutil.copy(GOLDEN / "report-v1.toml", one.folder / "canal.toml")
    assert one.missing(["flannel-vxlan", "canal"]) == ["flannel-vxlan"]

    one.write()

    file = tmp_path / "reference" / "one.toml"
    known = parse_campaign(
        file.read_text(), name="one", source=str(file), folder=file.parent, result_of=result_of
    )
    assert known.conditions[0] == "here"
    assert known.cautions == ("Small.", "Another program ran beside it.")
    assert known.reports == (one.folder / "canal.toml",)

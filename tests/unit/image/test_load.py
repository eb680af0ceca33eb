"""Loading: into this machine only if it is a node; for all others the exact commands."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cniadvisor.domain.errors import BenchmarkError, UsageError
from cniadvisor.image.load import load_here, save, ways_to_load, why_not_here
from cniadvisor.image.record import ImageRecord
from cniadvisor.image.tools import ContainerTool

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.image.conftest import Tools

REFERENCE = "localhost/cniadvisor-bench:0.1.0-abababababab"
RECORD = ImageRecord(
    reference=REFERENCE,
    image_id="sha256:" + "ab" * 32,
    tool=ContainerTool.DOCKER,
    base="docker.io/library/debian:trixie-slim",
    version="0.1.0",
    context="sha256:" + "cd" * 32,
    built_at=datetime(2026, 1, 2, tzinfo=UTC),
)
CTR = '#!/bin/sh\necho "ctr $*" >>"{log}"\n[ "$1" = namespaces ] && echo "{namespaces}"\nexit 0\n'


def made_by(tool: ContainerTool) -> ImageRecord:
    return dataclasses.replace(RECORD, tool=tool)


def quiet(line: str) -> None:
    assert line


@pytest.mark.parametrize("tool", list(ContainerTool))
def test_an_archive_is_written_whole_over_an_older_one(
    tools: Tools, tmp_path: Path, tool: ContainerTool
) -> None:
    tools.install(tool)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "bench.tar").write_text("old")
    save(made_by(tool), folder / "bench.tar", say=quiet)
    assert (folder / "bench.tar").read_text() == "archive\n"
    assert [path.name for path in folder.iterdir()] == ["bench.tar"]
    assert REFERENCE in tools.calls()[0]


def test_a_failed_save_leaves_what_was_there(tools: Tools, tmp_path: Path) -> None:
    tools.script("docker", "#!/bin/sh\necho 'No such image' >&2\nexit 1\n")
    (tmp_path / "bench.tar").write_text("old")
    with pytest.raises(BenchmarkError, match="No such image"):
        save(RECORD, tmp_path / "bench.tar", say=quiet)
    assert (tmp_path / "bench.tar").read_text() == "old"


def test_a_folder_that_is_not_there_is_said(tools: Tools, tmp_path: Path) -> None:
    tools.install("docker")
    with pytest.raises(UsageError, match="cannot write"):
        save(RECORD, tmp_path / "nowhere" / "bench.tar", say=quiet)


def test_a_node_loads_into_the_namespace_of_kubelet(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tools.install("docker")
    tools.script("ctr", CTR.format(log=tools.log, namespaces="default\nk8s.io"))
    assert why_not_here() is None
    load_here(RECORD, say=quiet)
    *_, saved, imported = tools.calls()
    assert saved.startswith("docker save ")
    assert imported.startswith("ctr --namespace k8s.io images import /")


@pytest.mark.parametrize(
    ("uid", "ctr", "reason"),
    [
        (0, None, "ctr is not installed"),
        (1000, CTR, "only root"),
        (0, "#!/bin/sh\necho 'dial unix: connection refused' >&2; exit 1\n", "connection refused"),
        (0, CTR, "does not belong to a Kubernetes node"),  # docker's own containerd
    ],
)
def test_what_is_no_node_is_left_alone(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, uid: int, ctr: str | None, reason: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    tools.install("docker")
    if ctr is not None:
        tools.script("ctr", ctr.replace("{log}", str(tools.log)).replace("{namespaces}", "moby"))
    with pytest.raises(UsageError, match=reason):
        load_here(RECORD, say=quiet)
    assert not any("import" in call or "save" in call for call in tools.calls())


def commands(record: ImageRecord, cluster: str) -> tuple[str, ...]:
    (found,) = (way for way in ways_to_load(record) if way.cluster.startswith(cluster))
    return found.commands


def test_the_commands_are_those_of_each_kind_of_cluster() -> None:
    saved = f"docker save --output cniadvisor-bench.tar {REFERENCE}"
    assert commands(RECORD, "kind") == (f"kind load docker-image {REFERENCE}",)
    assert commands(RECORD, "minikube") == (saved, "minikube image load cniadvisor-bench.tar")
    assert commands(RECORD, "k3s") == (saved, "k3s ctr images import cniadvisor-bench.tar")
    assert commands(RECORD, "plain containerd") == (
        saved,
        "ctr --namespace k8s.io images import cniadvisor-bench.tar",
    )
    assert commands(RECORD, "any, through a registry") == (
        f"docker tag {REFERENCE} REGISTRY/cniadvisor-bench:0.1.0-abababababab",
        "docker push REGISTRY/cniadvisor-bench:0.1.0-abababababab",
        "cniadvisor bench --headless --image REGISTRY/cniadvisor-bench@DIGEST",
    )


def test_other_tools_reach_kind_by_an_archive() -> None:
    assert commands(made_by(ContainerTool.PODMAN), "kind") == (
        f"podman save --format docker-archive -o cniadvisor-bench.tar {REFERENCE}",
        "kind load image-archive cniadvisor-bench.tar",
    )
    assert commands(made_by(ContainerTool.BUILDAH), "kind")[0] == (
        f"buildah push {REFERENCE} docker-archive:cniadvisor-bench.tar:{REFERENCE}"
    )


def test_an_archive_elsewhere_is_quoted() -> None:
    (way, *_) = ways_to_load(made_by(ContainerTool.PODMAN), archive="/tmp/my images/b.tar")
    assert way.commands[1] == "kind load image-archive '/tmp/my images/b.tar'"

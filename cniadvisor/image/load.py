"""Bringing the image to the nodes: here if this is one, otherwise by commands for the user."""

import os
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable
from cniadvisor.image.programs import Say, ask, run
from cniadvisor.image.record import ImageRecord
from cniadvisor.image.tools import ContainerTool, push_commands, save_command

ARCHIVE = "cniadvisor-bench.tar"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayToLoad:
    """How the image gets into one kind of cluster: commands to type, top to bottom."""

    cluster: str
    commands: tuple[str, ...]


def save(record: ImageRecord, path: Path, *, say: Say) -> None:
    """Write the image as a docker archive, which every loader takes; ``path`` is replaced.

    Raises:
        UsageError: the file cannot be written.
        BenchmarkError: the tool failed, because it no longer has the image for one.
    """
    try:
        # A folder of its own: podman refuses to write over a file, and nobody sees half a one.
        with tempfile.TemporaryDirectory(prefix=".cniadvisor-", dir=path.parent) as directory:
            unfinished = Path(directory) / ARCHIVE
            run(save_command(record.tool, reference=record.reference, path=unfinished), say=say)
            unfinished.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {printable(str(path))}: {error.strerror}") from error


def why_not_here() -> str | None:
    """Return None if this machine is a node whose containerd we may load into, else why not.

    A containerd alone is no sign of a node (docker runs one too): the namespace ``k8s.io`` is.
    """
    if shutil.which("ctr") is None:
        return "ctr is not installed, so this machine is no node with plain containerd"
    if os.geteuid() != 0:
        return "containerd lets only root load images"
    namespaces = ask(["ctr", "namespaces", "list", "--quiet"])
    if namespaces.trouble is not None:
        return f"containerd does not answer: {namespaces.trouble}"
    if "k8s.io" not in namespaces.output.split():
        return "the containerd here does not belong to a Kubernetes node"
    return None


def load_here(record: ImageRecord, *, say: Say) -> None:
    """Load the image into this machine's containerd, under ``k8s.io`` where kubelet looks.

    Raises:
        UsageError: this is no node (:func:`why_not_here`).
        BenchmarkError: saving or importing failed.
    """
    reason = why_not_here()
    if reason is not None:
        raise UsageError(f"cannot load the image here: {reason}")
    with tempfile.TemporaryDirectory(prefix="cniadvisor-") as directory:
        archive = Path(directory) / ARCHIVE
        save(record, archive, say=say)
        run(["ctr", "--namespace", "k8s.io", "images", "import", str(archive)], say=say)


def ways_to_load(
    record: ImageRecord, *, archive: str = ARCHIVE, saved: bool = False
) -> tuple[WayToLoad, ...]:
    """Return the commands for each kind of cluster.

    ``archive`` is the file they go through; ``saved``: :func:`save` has written it already.
    """
    reference = record.reference
    target = f"REGISTRY/{reference.rpartition('/')[2]}"
    command = shlex.join(save_command(record.tool, reference=reference, path=Path(archive)))
    save_it = () if saved else (command,)
    file = shlex.quote(archive)
    if record.tool is ContainerTool.DOCKER:
        kind = (f"kind load docker-image {reference}",)
    else:
        kind = (*save_it, f"kind load image-archive {file}")
    return (
        WayToLoad(cluster="kind", commands=kind),
        WayToLoad(cluster="minikube", commands=(*save_it, f"minikube image load {file}")),
        WayToLoad(
            cluster="k3s (on both nodes, as root)",
            commands=(*save_it, f"k3s ctr images import {file}"),
        ),
        WayToLoad(
            cluster="plain containerd (on both nodes, as root)",
            commands=(*save_it, f"ctr --namespace k8s.io images import {file}"),
        ),
        WayToLoad(
            cluster="any, through a registry (DIGEST: as the push tells)",
            commands=(
                *push_commands(record.tool, reference=reference, target=target),
                "cniadvisor bench --headless --image REGISTRY/cniadvisor-bench@DIGEST",
            ),
        ),
    )

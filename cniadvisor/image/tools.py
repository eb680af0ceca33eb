"""Which container tool builds the image: the first that works of docker, podman and buildah."""

import shutil
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.image.programs import ask


class ContainerTool(StrEnum):
    """The tools that can build the image, in the order they are preferred."""

    DOCKER = "docker"
    PODMAN = "podman"
    BUILDAH = "buildah"


# Commands that succeed only if the tool can work: docker's asks the engine.
_PROBES: Mapping[ContainerTool, Sequence[str]] = {
    ContainerTool.DOCKER: ("docker", "version", "--format", "{{.Server.Version}}"),
    ContainerTool.PODMAN: ("podman", "info"),
    ContainerTool.BUILDAH: ("buildah", "info"),
}


def find_tool(choice: ContainerTool | None = None) -> ContainerTool:
    """Return the first tool that works, or ``choice`` if that one does.

    Raises:
        UsageError: none works; the message says for each why not.
    """
    reasons: list[str] = []
    for tool in ContainerTool if choice is None else (choice,):
        if shutil.which(tool) is None:
            reasons.append(f"{tool}: not installed")
            continue
        trouble = ask(_PROBES[tool]).trouble
        if trouble is None:
            return tool
        reasons.append(f"{tool}: {trouble}")
    what = "no container tool works here" if choice is None else f"{choice} does not work here"
    raise UsageError(
        f"{what} ({'; '.join(reasons)})",
        hint="install docker, podman or buildah, or build the image elsewhere and give it with "
        "cniadvisor bench --image",
    )


def build_command(
    tool: ContainerTool, *, folder: Path, build_args: Mapping[str, str], id_file: Path
) -> list[str]:
    """Return the command that builds ``folder`` and writes the image's id to ``id_file``.

    podman and buildah would write OCI images, whose configuration (and with it the id) changes
    when they are saved as a docker archive, which is what every loader takes: so docker format.
    """
    head = {
        ContainerTool.DOCKER: ["docker", "build"],
        ContainerTool.PODMAN: ["podman", "build", "--format", "docker"],
        ContainerTool.BUILDAH: ["buildah", "bud", "--format", "docker"],
    }[tool]
    arguments = [
        part for name, value in build_args.items() for part in ("--build-arg", f"{name}={value}")
    ]
    containerfile = str(folder / "Containerfile")
    return [*head, "--iidfile", str(id_file), "--file", containerfile, *arguments, str(folder)]


def tag_command(tool: ContainerTool, *, image_id: str, reference: str) -> list[str]:
    """Return the command that gives an image a name."""
    return [tool, "tag", image_id, reference]


def save_command(tool: ContainerTool, *, reference: str, path: Path) -> list[str]:
    """Return the command that writes an image as a docker archive to a new file."""
    match tool:
        case ContainerTool.DOCKER:
            return ["docker", "save", "--output", str(path), reference]
        case ContainerTool.PODMAN:
            return ["podman", "save", "--format", "docker-archive", "-o", str(path), reference]
        case ContainerTool.BUILDAH:
            return ["buildah", "push", reference, f"docker-archive:{path}:{reference}"]


def push_commands(tool: ContainerTool, *, reference: str, target: str) -> tuple[str, ...]:
    """Return the commands, as typed, that bring an image to a registry."""
    match tool:
        case ContainerTool.DOCKER:
            return (f"docker tag {reference} {target}", f"docker push {target}")
        case ContainerTool.PODMAN:
            return (f"podman push {reference} {target}",)
        case ContainerTool.BUILDAH:
            return (f"buildah push {reference} docker://{target}",)

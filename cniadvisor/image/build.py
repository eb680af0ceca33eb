"""Building the image from the shipped Containerfile."""

import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cniadvisor import __version__
from cniadvisor.domain.errors import BenchmarkError, UsageError
from cniadvisor.domain.text import printable
from cniadvisor.image.programs import Say, run
from cniadvisor.image.record import ImageRecord, context_hash
from cniadvisor.image.tools import ContainerTool, build_command, find_tool, tag_command
from cniadvisor.resources import benchmarks

REPOSITORY = "localhost/cniadvisor-bench"
DEFAULT_BASE = "docker.io/library/debian:trixie-slim"

# Attestations would wrap a docker image in an index that carries the time and the machine.
_ENVIRONMENT = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
_BUILD_HINT = (
    "the build needs the base image and Debian's package archive; where these cannot be reached, "
    "give a trixie image of your own whose apt sources can: cniadvisor image build --base IMAGE"
)
_REFERENCE = re.compile(r"[a-z0-9][A-Za-z0-9._:/@+-]*")


def build(
    *,
    tool: ContainerTool | None = None,
    base: str | None = None,
    tag: str | None = None,
    say: Say,
) -> ImageRecord:
    """Build the image and give it its name; the caller remembers it.

    Args:
        tool: None takes the first that works.
        base: a Debian trixie image to build on; None takes Docker Hub's slim one. It can be one
            whose apt sources point to a mirror.
        tag: the name to give it; None names it by its content (see ``image/record.py``).
        say: is told each line the tool prints.

    Raises:
        UsageError: no tool works, or ``base`` or ``tag`` is not an image reference.
        BenchmarkError: the build failed; with the last lines the tool printed.
    """
    base = _checked("base", base or DEFAULT_BASE)
    if tag is not None:
        _checked("tag", tag)
    chosen = find_tool(tool)
    folder = benchmarks()
    context = context_hash(folder)
    with tempfile.TemporaryDirectory(prefix="cniadvisor-") as directory:
        id_file = Path(directory) / "image-id"
        build_args = {"BASE": base, "VERSION": __version__}
        command = build_command(chosen, folder=folder, build_args=build_args, id_file=id_file)
        run(command, say=say, environment=_ENVIRONMENT, hint=_BUILD_HINT)
        image_id = _image_id(id_file)
    reference = tag or f"{REPOSITORY}:{__version__}-{image_id.removeprefix('sha256:')[:12]}"
    run(tag_command(chosen, image_id=image_id, reference=reference), say=say)
    return ImageRecord(
        reference=reference,
        image_id=image_id,
        tool=chosen,
        base=base,
        version=__version__,
        context=context,
        built_at=datetime.now(UTC).replace(microsecond=0),
    )


def _checked(what: str, reference: str) -> str:
    # Also keeps a value from being taken for an option.
    if not _REFERENCE.fullmatch(reference):
        raise UsageError(f"{what} is not an image reference: {printable(reference, limit=120)}")
    return reference


def _image_id(id_file: Path) -> str:
    try:
        text = id_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BenchmarkError("the tool built an image but did not say which") from error
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        raise BenchmarkError(f"not an image id: {printable(text, limit=120)}")
    return text

"""What was built last, remembered so that ``bench`` runs exactly that.

How pods come to run exactly the bytes that were built: the image is tagged with its own content,
``localhost/cniadvisor-bench:<version>-<12 hex digits of the image id>``, and pods pull
``IfNotPresent``. The image id is the hash of the image's configuration, which holds the hashes of
its layers, so two builds that differ anywhere have different tags and a node cannot hold another
image under this one by accident. A reference by digest (``...@sha256:...``) cannot be used before
there is a registry: it names the *manifest*, an archive made by ``docker save`` has none (the
importer makes one up), and ``ctr images import``, ``kind load``, ``minikube image load`` and
``k3s ctr images import`` file the image under its tags only, so that a kubelet looking for the
digest finds nothing and tries to pull. After a push to a registry the digest works, and is what
should be given with ``--image``.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable
from cniadvisor.image.tools import ContainerTool
from cniadvisor.resources import benchmarks


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """An image that was built on this machine.

    Attributes:
        reference: what pods name; it must be loaded into the nodes or pushed to a registry.
        image_id: ``sha256:...`` as the tool names it: the digest of the image's configuration
            (docker with the containerd image store: of its manifest).
        tool: what built it and holds it.
        base: the base image it was built from.
        version: of cniadvisor.
        context: hash of the Containerfile and scripts it was built from.
        built_at: UTC, ISO 8601.
    """

    reference: str
    image_id: str
    tool: ContainerTool
    base: str
    version: str
    context: str
    built_at: datetime

    @property
    def current(self) -> bool:
        """Whether the Containerfile and scripts of this installation are those it was built from.

        Where not, ``cniadvisor image build`` must run again: core and scripts fit together.
        """
        return self.context == context_hash(benchmarks())


def context_hash(folder: Path) -> str:
    """Return a hash of what the image is built from: the Containerfile and ``image/``."""
    digest = hashlib.sha256()
    scripts = sorted(path for path in (folder / "image").rglob("*") if path.is_file())
    for path in (folder / "Containerfile", *scripts):
        name, content = path.relative_to(folder).as_posix().encode(), path.read_bytes()
        digest.update(b"%d %s %d " % (len(name), name, len(content)))
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"


def record_file() -> Path:
    """Return where the record is kept: ``image.json`` in the XDG state folder."""
    from platformdirs import user_state_path  # not needed by commands that build nothing

    return user_state_path("cniadvisor") / "image.json"


def remember(record: ImageRecord) -> None:
    """Make this the image that ``bench`` uses.

    Raises:
        UsageError: the file cannot be written.
    """
    path = record_file()
    fields = dataclasses.asdict(record) | {"built_at": record.built_at.isoformat()}
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise UsageError(
            f"cannot remember the image in {printable(str(path))}: {error.strerror}",
            hint=f"give it to every run: cniadvisor bench --image {record.reference}",
        ) from error


def recorded() -> ImageRecord | None:
    """Return the image that was built last, or None if none ever was.

    Raises:
        UsageError: the record cannot be read or is damaged.
    """
    path = record_file()
    shown = printable(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {shown}: {printable(str(error))}") from error
    try:
        return _from_json(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{shown} is damaged: {printable(repr(error))}",
            hint="cniadvisor image build writes it anew",
        ) from error


def _from_json(data: object) -> ImageRecord:
    if not isinstance(data, dict):
        raise TypeError("not an object")
    fields = cast("dict[str, object]", data)

    def text(key: str) -> str:
        value = fields[key]
        if not isinstance(value, str) or value != printable(value):
            raise TypeError(f"{key} is not a line of text")
        return value

    return ImageRecord(
        reference=text("reference"),
        image_id=text("image_id"),
        tool=ContainerTool(text("tool")),
        base=text("base"),
        version=text("version"),
        context=text("context"),
        built_at=datetime.fromisoformat(text("built_at")),
    )

"""Container images, written as docker archives without a container engine."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.binaries import build_pause
from tests.cluster.cache import cached, key_of

PAUSE_REFERENCE = "registry.k8s.io/pause:3.10"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Image:
    """A name as manifests use it, a base and the files on top: path in the image -> file."""

    reference: str
    files: Mapping[str, Path]
    base: Path | None = None
    entrypoint: tuple[str, ...] = ()
    environment: tuple[str, ...] = field(default=(_PATH,))


def archive(name: str, images: Iterable[Image]) -> Path:
    """One cached archive of these images; a base they share is in it once."""
    wanted = list(images)
    # Files of the cache have their key in their path, so the paths stand for the contents.
    return cached(
        "images", f"{name}.tar", key_of(repr(wanted)), lambda target: _write(wanted, target)
    )


def pause_image() -> Image:
    """What holds each pod's namespaces."""
    return Image(PAUSE_REFERENCE, {"/pause": build_pause()}, entrypoint=("/pause",))


def _write(images: list[Image], target: Path) -> None:
    manifest: list[dict[str, object]] = []
    written: set[str] = set()
    with tarfile.open(target, "w") as out:

        def put(name: str, size: int, opened: Callable[[], io.BufferedIOBase]) -> None:
            if name not in written:
                entry = tarfile.TarInfo(name)
                entry.size = size
                with opened() as content:
                    out.addfile(entry, content)
                written.add(name)

        for image in images:
            diff_ids: list[str] = []
            if image.base:
                base = image.base
                diff_ids.append(_digest(base))
                put(f"{diff_ids[-1]}/layer.tar", base.stat().st_size, lambda b=base: b.open("rb"))
            layer = _layer(image.files)
            diff_ids.append(hashlib.sha256(layer).hexdigest())
            put(f"{diff_ids[-1]}/layer.tar", len(layer), lambda data=layer: io.BytesIO(data))
            config = _config(image, diff_ids)
            name = f"{hashlib.sha256(config).hexdigest()}.json"
            put(name, len(config), lambda data=config: io.BytesIO(data))
            layers = [f"{diff_id}/layer.tar" for diff_id in diff_ids]
            manifest.append({"Config": name, "RepoTags": [image.reference], "Layers": layers})
        text = json.dumps(manifest).encode()
        put("manifest.json", len(text), lambda: io.BytesIO(text))


def _layer(files: Mapping[str, Path]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for path, source in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))  # mode, owner and time the same everywhere
            entry.size, entry.mode = source.stat().st_size, 0o755
            with source.open("rb") as content:
                layer.addfile(entry, content)
    return buffer.getvalue()


def _config(image: Image, diff_ids: list[str]) -> bytes:
    return json.dumps(
        {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Entrypoint": list(image.entrypoint), "Env": list(image.environment)},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{d}" for d in diff_ids]},
        }
    ).encode()


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

"""Container images, written as docker archives without a container engine."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.binaries import build_pause
from tests.cluster.cache import cached, key_of

PAUSE_REFERENCE = "registry.k8s.io/pause:3.10"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Image:
    """A name as manifests use it, a base and what is on top: path in the image -> file or folder.

    Single files can be run, those in folders only read.
    """

    reference: str
    files: Mapping[str, Path]
    base: Path | None = None
    entrypoint: tuple[str, ...] = ()
    environment: tuple[str, ...] = field(default=(f"PATH={PATH}",))


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
        for number, image in enumerate(images):
            layer = target.with_name(f"layer{number}.tar")
            _write_layer(image.files, layer)
            diff_ids: list[str] = []
            for part in (image.base, layer) if image.base else (layer,):
                diff_ids.append(_digest(part))
                if diff_ids[-1] not in written:
                    written.add(diff_ids[-1])
                    with part.open("rb") as content:
                        _put(out, f"{diff_ids[-1]}/layer.tar", part.stat().st_size, content)
            layer.unlink()
            config = _config(image, diff_ids)
            name = f"{hashlib.sha256(config).hexdigest()}.json"
            _put(out, name, len(config), io.BytesIO(config))
            layers = [f"{diff_id}/layer.tar" for diff_id in diff_ids]
            manifest.append({"Config": name, "RepoTags": [image.reference], "Layers": layers})
        text = json.dumps(manifest).encode()
        _put(out, "manifest.json", len(text), io.BytesIO(text))


def _write_layer(files: Mapping[str, Path], target: Path) -> None:
    with tarfile.open(target, "w") as layer:
        for path, source in files.items():
            if source.is_dir():
                for file in sorted(f for f in source.rglob("*") if f.is_file()):
                    _put_file(layer, f"{path}/{file.relative_to(source)}", file, 0o644)
            else:
                _put_file(layer, path, source, 0o755)


def _put_file(layer: tarfile.TarFile, path: str, source: Path, mode: int) -> None:
    with source.open("rb") as content:
        _put(layer, path.lstrip("/"), source.stat().st_size, content, mode)


def _put(
    archive: tarfile.TarFile, name: str, size: int, content: io.BufferedIOBase, mode: int = 0o644
) -> None:
    entry = tarfile.TarInfo(name)  # owner and time are the same everywhere
    entry.size, entry.mode = size, mode
    archive.addfile(entry, content)


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

"""What was last seen of a cluster, kept for the next start: one small file for each place.

It is a convenience: whatever is wrong with a file, nothing is shown from it. A file counts only
while the kubeconfig it was read through is unchanged, so that a switched context or a new server
under an old name never shows another cluster's state.
"""

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from cniadvisor.domain.findings import Component, Confidence, Coverage, Findings, Unknown
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.tui.core import Overview

_VERSION = 1
_LISTS = ("meta", "chained", "embedded", "residue")


def load(settings: Settings, folder: Path, *, environ: Mapping[str, str]) -> Overview | None:
    """Return what was last seen of the chosen context; None if nothing that can be trusted."""
    try:
        told: Any = json.loads(_place(settings, folder, environ).read_text(encoding="utf-8"))
        if told["version"] != _VERSION or told["through"] != _stamp(settings, environ):
            return None
        return _overview(told["overview"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def save(
    overview: Overview, settings: Settings, folder: Path, *, environ: Mapping[str, str]
) -> None:
    """Keep an overview, whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    seen = asdict(overview)
    del seen["explanation"]
    told = {"version": _VERSION, "through": _stamp(settings, environ), "overview": seen}
    place = _place(settings, folder, environ)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def _place(settings: Settings, folder: Path, environ: Mapping[str, str]) -> Path:
    names = [settings.context or "", *map(str, _files(settings, environ))]
    # Two places may share a file: what is in it says whose it is.
    return folder / f"{zlib.crc32(repr(names).encode('utf-8', 'replace')):08x}.json"


def _files(settings: Settings, environ: Mapping[str, str]) -> tuple[Path, ...]:
    from cniadvisor.k8s.kubeconfig_places import places

    return places(settings.kubeconfig, environ).paths


def _stamp(settings: Settings, environ: Mapping[str, str]) -> list[list[str | int] | None]:
    """Return the context and what changes whenever the kubeconfig does; None for a missing file."""
    stamps: list[list[str | int] | None] = [[settings.context or ""]]
    for path in _files(settings, environ):
        try:
            seen = path.stat()
        except OSError:
            stamps.append(None)
        else:
            stamps.append([str(path), seen.st_mtime_ns, seen.st_size])
    # In a pod without a kubeconfig the server is what the environment says.
    return [*stamps, [environ.get("KUBERNETES_SERVICE_HOST", "")]]


def _overview(told: Any) -> Overview:  # noqa: ANN401 - JSON
    count = told["node_count"]
    return Overview(
        context=_text(told["context"]),
        server=_text(told["server"]),
        server_version=_text(told["server_version"]),
        seen_at=_moment(told["seen_at"]),
        node_count=None if count is None else _whole(count),
        findings=_findings(told["findings"]),
    )


def _findings(told: Any) -> Findings:  # noqa: ANN401
    return Findings(
        primary=_component_or_none(told["primary"]),
        policy=_component_or_none(told["policy"]),
        **{name: tuple(map(_component, _list(told[name]))) for name in _LISTS},
        unknown=tuple(
            Unknown(what=_text(one["what"]), right=_text(one["right"]))
            for one in _list(told["unknown"])
        ),
        warnings=tuple(map(_text, _list(told["warnings"]))),
        distribution=_text_or_none(told["distribution"]),
        kube_proxy_mode=_text_or_none(told["kube_proxy_mode"]),
    )


def _component_or_none(told: Any) -> Component | None:  # noqa: ANN401
    return None if told is None else _component(told)


def _component(told: Any) -> Component:  # noqa: ANN401
    coverage = told["coverage"]
    return Component(
        name=_text(told["name"]),
        variant=_text_or_none(told["variant"]),
        version=_text_or_none(told["version"]),
        mode=_text_or_none(told["mode"]),
        cross_subnet=told["cross_subnet"] is True,
        mtu=None if told["mtu"] is None else _whole(told["mtu"]),
        encryption=_text_or_none(told["encryption"]),
        confidence=Confidence(told["confidence"]),
        coverage=None
        if coverage is None
        else Coverage(nodes=_whole(coverage["nodes"]), of=_whole(coverage["of"])),
        evidence=tuple(map(_text, _list(told["evidence"]))),
        details=tuple((_text(key), _text(value)) for key, value in _list(told["details"])),
    )


def _list(told: object) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError("not a list")
    return cast("list[Any]", told)


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError("not text")
    return printable(told)


def _text_or_none(told: object) -> str | None:
    return None if told is None else _text(told)


def _whole(told: object) -> int:
    if not isinstance(told, int) or isinstance(told, bool):
        raise TypeError("not a whole number")
    return told


def _moment(told: object) -> str:
    from datetime import datetime

    moment = datetime.fromisoformat(_text(told))
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.isoformat(timespec="seconds")

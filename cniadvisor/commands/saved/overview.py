"""What was last seen of a cluster, kept for the next start: one small file for each place.

It is a convenience: whatever is wrong with a file, nothing is shown from it. A file counts only
while the kubeconfig it was read through is unchanged, so that a switched context or a new server
under an old name never shows another cluster's state.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cniadvisor.commands.saved.json_file import (
    keep,
    listed,
    moment,
    text,
    text_or_none,
    whole,
)
from cniadvisor.domain.findings import Component, Confidence, Coverage, Findings, Unknown
from cniadvisor.domain.settings import Settings
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
    keep(_place(settings, folder, environ), told)


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
        context=text(told["context"]),
        server=text(told["server"]),
        cluster_id=_cluster_id(told["cluster_id"]),
        server_version=text(told["server_version"]),
        seen_at=moment(told["seen_at"]),
        node_count=None if count is None else whole(count),
        findings=_findings(told["findings"]),
    )


def _cluster_id(told: object) -> str:
    """Return it; it becomes a file's name."""
    found = text(told)
    if not (found.isascii() and found.isalnum()):
        raise ValueError("no id of a cluster")
    return found


def _findings(told: Any) -> Findings:  # noqa: ANN401
    return Findings(
        primary=_component_or_none(told["primary"]),
        policy=_component_or_none(told["policy"]),
        **{name: tuple(map(_component, listed(told[name]))) for name in _LISTS},
        unknown=tuple(
            Unknown(what=text(one["what"]), right=text(one["right"]))
            for one in listed(told["unknown"])
        ),
        warnings=tuple(map(text, listed(told["warnings"]))),
        distribution=text_or_none(told["distribution"]),
        kube_proxy_mode=text_or_none(told["kube_proxy_mode"]),
    )


def _component_or_none(told: Any) -> Component | None:  # noqa: ANN401
    return None if told is None else _component(told)


def _component(told: Any) -> Component:  # noqa: ANN401
    coverage = told["coverage"]
    return Component(
        name=text(told["name"]),
        variant=text_or_none(told["variant"]),
        version=text_or_none(told["version"]),
        mode=text_or_none(told["mode"]),
        cross_subnet=told["cross_subnet"] is True,
        mtu=None if told["mtu"] is None else whole(told["mtu"]),
        encryption=text_or_none(told["encryption"]),
        confidence=Confidence(told["confidence"]),
        coverage=None
        if coverage is None
        else Coverage(nodes=whole(coverage["nodes"]), of=whole(coverage["of"])),
        evidence=tuple(map(text, listed(told["evidence"]))),
        details=tuple((text(key), text(value)) for key, value in listed(told["details"])),
    )

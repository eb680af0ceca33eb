"""What is kept for the next start: whole or not at all, and never trusted blindly."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.commands.saved.overview import load, save
from cniadvisor.domain.findings import Component, Confidence, Coverage, Findings, Unknown
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.core import Overview

COMPONENT = Component(
    name="canal",
    variant="manifest",
    version="3.31.2",
    mode="vxlan",
    cross_subnet=True,
    mtu=1450,
    encryption="none",
    confidence=Confidence.MEDIUM,
    coverage=Coverage(nodes=2, of=3),
    evidence=("its agent is ready",),
    details=(("flannel_version", "0.27"),),
)
OVERVIEW = Overview(
    context="dev",
    server="192.0.2.10:6443",
    cluster_id="0a1b",
    server_version="1.36.1",
    seen_at="2026-11-20T10:00:00+00:00",
    node_count=3,
    findings=Findings(
        primary=COMPONENT,
        policy=COMPONENT,
        residue=(COMPONENT,),
        unknown=(Unknown(what="nodes", right="list nodes"),),
        warnings=("look here",),
        distribution="kubeadm",
        kube_proxy_mode="ipvs",
    ),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    config = tmp_path / "config"
    config.write_text("kind: Config\n")
    return Settings(kubeconfig=str(config))


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_it_comes_back_as_it_was(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    save(OVERVIEW, settings, folder, environ={})
    assert load(settings, folder, environ={}) == OVERVIEW
    assert only_file(folder).suffix == ".json", "no draft is left"


def test_each_context_has_its_own(settings: Settings, tmp_path: Path) -> None:
    save(OVERVIEW, settings, tmp_path / "kept", environ={})
    other = Settings(kubeconfig=settings.kubeconfig, context="other")
    assert load(other, tmp_path / "kept", environ={}) is None


def test_another_server_under_the_same_name_shows_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    save(OVERVIEW, settings, tmp_path / "kept", environ={})
    assert settings.kubeconfig is not None
    Path(settings.kubeconfig).write_text("kind: Config # another server\n")
    assert load(settings, tmp_path / "kept", environ={}) is None


def test_in_a_pod_the_server_of_the_environment_counts(tmp_path: Path) -> None:
    here = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "10.96.0.1"}
    save(OVERVIEW, Settings(), tmp_path / "kept", environ=here)
    assert load(Settings(), tmp_path / "kept", environ=here) == OVERVIEW
    there = here | {"KUBERNETES_SERVICE_HOST": "10.97.0.1"}
    assert load(Settings(), tmp_path / "kept", environ=there) is None


def test_control_characters_do_not_come_back(settings: Settings, tmp_path: Path) -> None:
    save(OVERVIEW, settings, tmp_path / "kept", environ={})
    file = only_file(tmp_path / "kept")
    told = json.loads(file.read_text())
    told["overview"]["context"] = "de\x1b[31mv"
    file.write_text(json.dumps(told))
    loaded = load(settings, tmp_path / "kept", environ={})
    assert loaded is not None
    assert loaded.context == "de[31mv"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"version": 1}', "[" * 9999])
def test_garbage_shows_nothing(settings: Settings, tmp_path: Path, text: str) -> None:
    save(OVERVIEW, settings, tmp_path / "kept", environ={})
    only_file(tmp_path / "kept").write_text(text)
    assert load(settings, tmp_path / "kept", environ={}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


def paths(told: object, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs: list[tuple[Any, object]] = []
    if isinstance(told, dict):
        pairs = list(cast("dict[Any, object]", told).items())
    elif isinstance(told, list):
        pairs = list(enumerate(cast("list[object]", told)))
    found = [(*before, key) for key, _ in pairs]
    for key, value in pairs:
        found += paths(value, (*before, key))
    return found


@given(data=st.data(), value=JSON)
def test_whatever_stands_anywhere_in_it_nothing_breaks(
    data: st.DataObject, value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("kept")
    here = {"HOME": str(home)}
    save(OVERVIEW, Settings(), home / "kept", environ=here)
    file = only_file(home / "kept")
    told = json.loads(file.read_text())
    *way, last = data.draw(st.sampled_from(paths(told["overview"])))
    inner = told["overview"]
    for key in way:
        inner = inner[key]
    inner[last] = value
    file.write_text(json.dumps(told))
    loaded = load(Settings(), home / "kept", environ=here)
    assert loaded is None or isinstance(loaded, Overview)

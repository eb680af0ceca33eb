"""What was built last is remembered; a damaged memory is said, not guessed around."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cniadvisor.domain.errors import UsageError
from cniadvisor.image.record import (
    ImageRecord,
    context_hash,
    record_file,
    recorded,
    remember,
)
from cniadvisor.image.tools import ContainerTool
from cniadvisor.resources import benchmarks

if TYPE_CHECKING:
    from pathlib import Path

RECORD = ImageRecord(
    reference="localhost/cniadvisor-bench:0.1.0-abababababab",
    image_id="sha256:" + "ab" * 32,
    tool=ContainerTool.BUILDAH,
    base="docker.io/library/debian:trixie-slim",
    version="0.1.0",
    context="sha256:" + "cd" * 32,
    built_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_what_is_remembered_is_what_was_built(state: Path) -> None:
    assert recorded() is None
    remember(RECORD)
    assert recorded() == RECORD
    later = dataclasses.replace(RECORD, reference="localhost/cniadvisor-bench:0.1.0-ffffffffffff")
    remember(later)
    assert recorded() == later
    assert record_file() == state / "cniadvisor" / "image.json"
    assert [path.name for path in record_file().parent.iterdir()] == ["image.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "\udcff",
        json.dumps({"reference": 7}),
        "DROP tool",
        "SET tool nerdctl",
        "SET built_at yesterday",
        "SET reference a\x1b[31mb",
    ],
)
def test_a_damaged_record_is_named_with_what_to_do(text: str) -> None:
    remember(RECORD)
    fields = json.loads(record_file().read_text())
    match text.split(" ", 2):
        case ["DROP", key]:
            del fields[key]
            text = json.dumps(fields)
        case ["SET", key, value]:
            text = json.dumps(fields | {key: value})
        case _:
            pass
    record_file().write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as caught:
        recorded()
    assert str(record_file()) in caught.value.message
    assert "\x1b" not in caught.value.message


def test_a_place_that_cannot_be_written_is_said(state: Path) -> None:
    (state / "cniadvisor").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="cannot remember the image") as caught:
        remember(RECORD)
    assert RECORD.reference in caught.value.hint


def test_the_record_is_current_only_for_these_scripts() -> None:
    assert not RECORD.current
    assert dataclasses.replace(RECORD, context=context_hash(benchmarks())).current


def test_any_change_to_what_is_built_changes_the_hash(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    (folder / "image").mkdir(parents=True)
    (folder / "Containerfile").write_text("FROM scratch")
    (folder / "image" / "a").write_text("1")
    seen = {context_hash(folder)}
    (folder / "README.md").write_text("not part of the image")
    assert context_hash(folder) in seen
    (folder / "image" / "a").write_text("2")
    seen.add(context_hash(folder))
    (folder / "image" / "a").rename(folder / "image" / "b")
    seen.add(context_hash(folder))
    (folder / "Containerfile").write_text("FROM other")
    seen.add(context_hash(folder))
    assert len(seen) == 4

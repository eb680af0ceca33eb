"""Building: the first tool that works, its words passed on, the image named by its content."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cniadvisor import __version__
from cniadvisor.domain.errors import BenchmarkError, UsageError
from cniadvisor.image.build import DEFAULT_BASE, build
from cniadvisor.image.tools import ContainerTool, find_tool

if TYPE_CHECKING:
    from tests.unit.image.conftest import Tools

IMAGE_ID = "sha256:" + "ab" * 32
DOWN = "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n"


def quiet(line: str) -> None:
    assert line


@pytest.mark.parametrize("tool", list(ContainerTool))
def test_the_image_is_named_by_its_content(tools: Tools, tool: ContainerTool) -> None:
    tools.install(tool)
    record = build(say=quiet)
    assert record.reference == f"localhost/cniadvisor-bench:{__version__}-abababababab"
    assert (record.image_id, record.tool, record.base) == (IMAGE_ID, tool, DEFAULT_BASE)
    assert record.version == __version__
    assert record.current
    assert abs(datetime.now(UTC) - record.built_at) < timedelta(minutes=1)
    _, built, tagged = tools.calls()
    assert re.match(rf"{tool} bu(ild|d) ", built)
    assert f"--build-arg BASE={DEFAULT_BASE} --build-arg VERSION={__version__}" in built
    assert built.endswith("/benchmarks")
    assert tagged == f"{tool} tag {IMAGE_ID} {record.reference}"


def test_podman_and_buildah_keep_the_id_when_they_save(tools: Tools) -> None:
    """Their default format is rewritten, and gets another id, in a docker archive."""
    tools.install("podman", "buildah")
    for tool in (ContainerTool.PODMAN, ContainerTool.BUILDAH):
        build(tool=tool, say=quiet)
    built = [call for call in tools.calls() if re.search(r" bu(ild|d) ", call)]
    assert len(built) == 2
    assert all(" --format docker " in call for call in built)


def test_base_and_tag_can_be_given(tools: Tools) -> None:
    tools.install("podman")
    record = build(base="registry.example:5000/debian:13", tag="registry.example/b:1", say=quiet)
    assert (record.base, record.reference) == (
        "registry.example:5000/debian:13",
        "registry.example/b:1",
    )
    assert "BASE=registry.example:5000/debian:13 " in tools.calls()[1]
    assert tools.calls()[2] == f"podman tag {IMAGE_ID} registry.example/b:1"


@pytest.mark.parametrize("reference", ["--output=/etc", "a b", "", "-x", "a;b", "UPPER"])
def test_what_is_no_reference_never_reaches_a_tool(tools: Tools, reference: str) -> None:
    tools.install("docker")
    with pytest.raises(UsageError, match="is not an image reference"):
        build(tag=reference, say=quiet)
    if reference:  # an empty base is no base
        with pytest.raises(UsageError, match="is not an image reference"):
            build(base=reference, say=quiet)
    assert tools.calls() == []


def test_the_first_tool_that_works_is_taken(tools: Tools) -> None:
    tools.install("buildah")
    assert find_tool() is ContainerTool.BUILDAH
    tools.install("podman")
    assert find_tool() is ContainerTool.PODMAN
    tools.script("docker", DOWN)  # installed, but no engine answers
    assert find_tool() is ContainerTool.PODMAN
    tools.install("docker")
    assert find_tool() is ContainerTool.DOCKER


def test_without_any_tool_all_three_are_named(tools: Tools) -> None:
    tools.script("docker", DOWN)
    with pytest.raises(UsageError) as caught:
        build(say=quiet)
    assert caught.value.exit_code == 2
    for part in (
        "docker: Cannot connect to the Docker daemon",
        "podman: not installed",
        "buildah: not installed",
    ):
        assert part in caught.value.message
    assert "--image" in caught.value.hint


def test_a_tool_that_was_asked_for_is_not_replaced(tools: Tools) -> None:
    tools.install("podman")
    with pytest.raises(UsageError, match=r"buildah does not work here \(buildah: not installed\)"):
        find_tool(ContainerTool.BUILDAH)


def test_the_tools_words_are_passed_on_without_colours(tools: Tools) -> None:
    tools.install("docker")
    said: list[str] = []
    build(say=said.append)
    assert said == ["STEP 1: [31mred", "fine"]


def test_a_failing_build_ends_with_the_last_it_said(tools: Tools) -> None:
    tools.install("docker")
    tools.break_builds()
    with pytest.raises(BenchmarkError) as caught:
        build(say=quiet)
    assert caught.value.message.splitlines() == [
        "docker build failed (exit status 100):",
        "  STEP 1: [31mred",
        "  E: no such package",
    ]
    assert "--base" in caught.value.hint


@pytest.mark.parametrize("body", ["", 'echo latest >"$3"'])
def test_a_tool_that_does_not_say_what_it_built_is_not_believed(tools: Tools, body: str) -> None:
    tools.script("docker", f"#!/bin/sh\n[ $1 = build ] || exit 0\n{body}\n")
    with pytest.raises(BenchmarkError):
        build(say=quiet)


def test_an_interrupted_build_ends_the_tool(tools: Tools) -> None:
    (tools.folder / "sleep").symlink_to("/usr/bin/sleep")
    ended = tools.log
    tools.script(
        "docker",
        "#!/bin/sh\n[ $1 = build ] || exit 0\n"
        f"trap 'echo ended >{ended}; exit 1' TERM\necho begun\nsleep 60 & wait\n",
    )

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(say=interrupt)
    assert tools.calls() == ["ended"]

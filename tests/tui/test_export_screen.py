import asyncio
import json
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from cniadvisor.report.toml_file import read
from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.results.exports import Exportable, picture_without_fonts, place_of
from cniadvisor.tui.screens.export import ExportScreen, ask_export
from tests.tui.example_reports import example_report, keep
from tests.tui.fake_core import FakeCore
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until

REPORT = example_report()
SOURCE = Path("report.toml")
KINDS = ["trials", "summaries", "comparisons", "samples", "json", "markdown", "toml", "svg"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the report in it."""
    monkeypatch.chdir(tmp_path)
    keep(REPORT, Path(), SOURCE.name)
    return tmp_path


@asynccontextmanager
async def opened(size: tuple[int, int] = (80, 24)) -> AsyncGenerator[Pilot[Any]]:
    app = CniAdvisorApp(FakeCore(), options=AppOptions())
    async with app.run_test(size=size, notifications=True) as pilot:
        ask_export(app.screen, [REPORT], [SOURCE])
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        await until(pilot, lambda: bool(app.screen.query_one(Input).value))
        yield pilot


async def choose(pilot: Pilot[Any], kind: str) -> Path:
    """Highlight a form, and return the name that is proposed for it."""
    listing = pilot.app.screen.query_one(OptionList)
    place = KINDS.index(kind)
    while listing.highlighted != place:
        await pilot.press("down")
    await pilot.pause()
    return Path(pilot.app.screen.query_one(Input).value)


async def closed(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: not isinstance(pilot.app.screen, ExportScreen))


@pytest.mark.parametrize("size", SIZES)
async def test_the_dialog_at_every_size(size: tuple[int, int]) -> None:
    async with opened(size) as pilot:
        await check_snapshot("export", pilot)


async def test_every_form_is_written_and_said_where(folder: Path) -> None:
    async with opened((120, 40)) as pilot:
        name = await choose(pilot, "json")
        assert name == Path("flannel-vxlan-k7m2q.json")
        await pilot.press("enter", "enter")
        await closed(pilot)
        await until(pilot, lambda: "Written to" in screen_text(pilot.app))
    assert json.loads(name.read_text())["plan"]["run_id"] == "k7m2q"


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_holds_what_it_says(kind: str) -> None:
    async with opened() as pilot:
        name = await choose(pilot, kind)
        await pilot.press("enter", "enter")
        await closed(pilot)
    text = name.read_text()
    match kind:
        case "json":
            assert json.loads(text)["schema_version"] == 1
        case "markdown":
            assert text.startswith("## Run k7m2q")
        case "toml":
            assert read(name) == REPORT
        case "svg":
            assert ElementTree.fromstring(text).tag.endswith("svg")
            assert "url(http" not in text.replace('"', "")
            assert "@font-face" not in text
        case _:
            assert text.startswith("run_id,")
            assert name.name == f"flannel-vxlan-k7m2q-{kind}.csv"


async def test_the_command_that_does_the_same_is_told() -> None:
    async with opened() as pilot:
        await choose(pilot, "summaries")
        text = " ".join(screen_text(pilot.app).replace("│", " ").split())
        assert "The same: cniadvisor export --format csv --table summaries" in text


async def test_a_file_that_is_there_is_asked_about_and_kept_until_then() -> None:
    async with opened() as pilot:
        name = await choose(pilot, "markdown")
        await asyncio.to_thread(name.write_text, "mine")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "enter again replaces it" in screen_text(pilot.app))
        assert await asyncio.to_thread(name.read_text) == "mine"
        await pilot.press("enter")
        await closed(pilot)
    assert name.read_text().startswith("## Run")


async def test_a_folder_is_no_file_to_be_replaced() -> None:
    async with opened() as pilot:
        await choose(pilot, "markdown")
        pilot.app.screen.query_one(Input).value = "/proc"
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "is a directory" in screen_text(pilot.app))
        assert "replaces" not in screen_text(pilot.app)


async def test_another_name_is_asked_about_again() -> None:
    async with opened() as pilot:
        name = await choose(pilot, "markdown")
        for one in (name, Path("x.md")):
            await asyncio.to_thread(one.write_text, "mine")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "enter again replaces it" in screen_text(pilot.app))
        pilot.app.screen.query_one(Input).value = "x.md"
        await until(pilot, lambda: "enter again replaces it" not in screen_text(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: "enter again replaces it" in screen_text(pilot.app))
        assert await asyncio.to_thread(Path("x.md").read_text) == "mine"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Give the file a name."),
        ("report.toml", "this would replace the report itself"),
        ("nowhere/x.md", "no such file or directory"),
        (".", "is a directory"),
        ("/dev/null", "not a regular file"),
        ("/proc/x.md", "cannot write the export"),
    ],
)
async def test_what_cannot_be_written_is_told(typed: str, told: str) -> None:
    async with opened() as pilot:
        await choose(pilot, "markdown")
        await pilot.press("enter")
        pilot.app.screen.query_one(Input).value = typed
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "! " in screen_text(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: told in " ".join(screen_text(pilot.app).split()))
        assert isinstance(pilot.app.screen, ExportScreen)
    assert read(SOURCE) == REPORT


async def test_a_name_of_ones_own_stays_when_the_form_changes() -> None:
    async with opened() as pilot:
        await choose(pilot, "trials")
        pilot.app.screen.query_one(Input).value = "mine.txt"
        await pilot.pause()
        assert await choose(pilot, "json") == Path("mine.txt")


async def test_escape_writes_nothing(folder: Path) -> None:
    async with opened() as pilot:
        await pilot.press("escape")
        await closed(pilot)
    assert await asyncio.to_thread(os.listdir, folder) == ["report.toml"]


def test_several_reports_have_no_report_file_but_a_text() -> None:
    what = Exportable(
        reports=(REPORT, REPORT), paths=(SOURCE, SOURCE), picture="<svg/>", words="A and B"
    )
    words = [kind.words for kind in what.kinds()]

    assert not any(one.startswith("TOML") for one in words)
    text = next(kind for kind in what.kinds() if kind.words.startswith("Text"))
    assert what.proposed(text) == "2-reports.txt"
    assert what.write(text, Path("out.txt")).endswith("out.txt: Text, 8 bytes.")
    assert Path("out.txt").read_text() == "A and B\n"


def test_a_name_from_a_cluster_makes_no_path() -> None:
    nasty = example_report("../../etc/passwd", "$(rm)", run_id="-x/..")
    what = Exportable(reports=(nasty,), paths=(SOURCE,), picture="")

    for kind in what.kinds():
        name = what.proposed(kind)
        assert "/" not in name
        assert not name.startswith((".", "-"))


def test_home_is_a_place(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("HOME", str(folder))

    assert place_of(" ~/x.md ") == folder / "x.md"
    assert place_of("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")


def test_a_picture_loads_nothing_from_the_network() -> None:
    svg = '<style>@font-face { src: url("https://cdn.example/x.woff2") }\n.a {}</style>'

    assert picture_without_fonts(svg) == "<style>.a {}</style>"

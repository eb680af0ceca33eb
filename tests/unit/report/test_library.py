import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from cniadvisor.domain.events import Outcome
from cniadvisor.domain.measurement import TestName
from cniadvisor.report.library import Entry, entries

GOLDEN = Path(__file__).parents[2] / "golden" / "report-v1.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def keep(folder: Path, name: str, *, text: str | None = None) -> Path:
    path = folder / name
    path.write_text(GOLDEN.read_text() if text is None else text)
    return path


def listed(*places: Path) -> list[Entry]:
    return list(entries(places))


def test_a_report_is_told_by_its_head(folder: Path) -> None:
    path = keep(folder, "a.toml")

    assert listed(folder) == [
        Entry(
            path=path,
            name="a.toml",
            size_bytes=path.stat().st_size,
            run_id="k7m2q",
            started_at="2026-11-22T10:15:00Z",
            cni="flannel",
            mode="vxlan",
            kind="kubernetes",
            context="staging",
            suite="quick",
            outcome=Outcome.COMPLETE,
            tests=(TestName.TCP, TestName.TCP_MULTI),
        )
    ]


def test_the_last_name_comes_first_and_nothing_comes_twice(folder: Path) -> None:
    older, newer = keep(folder, "20261101.toml"), keep(folder, "20261102.toml")
    (folder / "same.toml").symlink_to(newer)

    told = listed(folder, older, folder)

    assert [entry.name for entry in told] == ["same.toml", "20261101.toml"]


def test_a_folder_without_reports_or_that_is_not_there_gives_nothing(folder: Path) -> None:
    (folder / "notes.txt").write_text("no report")

    assert listed(folder, folder / "missing") == []


def test_other_toml_in_a_folder_is_passed_over_but_not_when_it_is_given(folder: Path) -> None:
    other = keep(folder, "pyproject.toml", text="[project]\nname = 'x'\n")

    assert listed(folder) == []
    (told,) = listed(other)
    assert "no schema_version" in told.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no schema_version"),
        ("schema_version = [", "is not TOML"),
        ("schema_version = 1\n", "does not say which run it is of"),
        ("schema_version = 999\n", "schema version 999; this cniadvisor reads up to 1"),
        ("schema_version = 1\nx = nan\n", "not a finite number"),
        ("schema_version = 1\nrun = 3\nplan = 'x'\nfindings = []\n", "which run it is of"),
    ],
)
def test_a_broken_report_is_listed_with_its_reason(folder: Path, text: str, problem: str) -> None:
    keep(folder, "broken.toml", text=text)
    keep(folder, "whole.toml")

    whole, broken = listed(folder)

    assert whole.problem == ""
    assert problem in broken.problem
    assert broken.name == "broken.toml"


@pytest.mark.parametrize("version", ["1" * 5000, "0x" + "f" * 5000])
def test_a_number_nobody_can_read_does_not_break_the_list(folder: Path, version: str) -> None:
    keep(folder, "a.toml")
    keep(folder, "b.toml", text=f"schema_version = {version}\n")

    broken, good = listed(folder)

    assert "more than 64 bits" in broken.problem
    assert good.run_id == "k7m2q"


def test_what_a_file_says_cannot_move_the_cursor(folder: Path) -> None:
    text = GOLDEN.read_text().replace('"staging"', '"sta\\u001b[2Jging\\u202e"')

    keep(folder, "nasty\x1b[1m.toml", text=text)

    (told,) = listed(folder)
    assert told.context == "sta[2Jging"
    assert told.name == "nasty[1m.toml"


def test_names_of_any_script_stay_as_they_are(folder: Path) -> None:
    text = GOLDEN.read_text().replace('"staging"', '"生産クラスタ"')

    keep(folder, "报告-تقرير.toml", text=text)

    (told,) = listed(folder)
    assert (told.name, told.context) == ("报告-تقرير.toml", "生産クラスタ")


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.toml")

    (told,) = listed(folder)

    assert "is not a regular file" in told.problem


def test_a_dangling_or_circular_link_is_listed_with_its_reason(folder: Path) -> None:
    (folder / "gone.toml").symlink_to(folder / "nowhere")
    (folder / "round.toml").symlink_to(folder / "round.toml")

    problems = {entry.name: entry.problem for entry in listed(folder)}

    assert "no such file" in problems["gone.toml"]
    assert "too many levels of symbolic links" in problems["round.toml"]


def test_a_given_report_that_is_not_there_is_told(folder: Path) -> None:
    (told,) = listed(folder / "missing.toml")

    assert "no such file" in told.problem


def test_a_folder_that_may_not_be_listed_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    (told,) = listed(folder)
    assert "cannot list the folder" in told.problem
    assert "permission denied" in told.problem


def test_a_huge_file_is_not_read_to_its_end(folder: Path) -> None:
    with (folder / "huge.toml").open("wb") as file:
        file.truncate(1 << 33)

    (told,) = listed(folder)

    assert "too large for a report" in told.problem


def test_what_comes_after_the_head_is_not_read(folder: Path) -> None:
    keep(folder, "torn.toml", text=GOLDEN.read_text()[:-200] + "samples = [[[")

    (told,) = listed(folder)

    assert told.problem == ""


def test_entries_come_one_by_one(folder: Path) -> None:
    for number in range(5):
        keep(folder, f"{number}.toml")
    told = entries([folder])

    first = list(islice(told, 2))
    (folder / "2.toml").unlink()

    assert [entry.name for entry in first] == ["4.toml", "3.toml"]
    assert "no such file" in next(told).problem


def test_listing_needs_no_heavy_library(folder: Path) -> None:
    keep(folder, "a.toml")
    code = (
        "import sys, pathlib; from cniadvisor.report.library import entries; "
        "assert len(list(entries([pathlib.Path(sys.argv[1])]))) == 1; "
        "print(*{'pydantic', 'pandas', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""

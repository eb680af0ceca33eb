"""``cniadvisor compare`` and ``cniadvisor export`` as programs."""

import csv
import io
import json
import tomllib
from pathlib import Path

import pytest

from tests.unit.commands.program import Program

GOLDEN = Path(__file__).parents[2] / "golden"
REPORT = GOLDEN / "report-v1.toml"


@pytest.fixture
def of_another_kernel(tmp_path: Path) -> Path:
    place = tmp_path / "other.toml"
    text = REPORT.read_text()
    assert text.count('kernel = "6.12.48"') == 2
    place.write_text(text.replace('kernel = "6.12.48"', 'kernel = "6.1.0"', 1))
    return place


def test_like_reports_are_compared(program: Program) -> None:
    code, out, err = program("compare", REPORT, REPORT)
    assert (code, err) == (0, "")
    assert "No detectable difference between A and B." in out
    assert max(map(len, out.splitlines())) <= 80


def test_unlike_reports_are_refused_with_the_condition(
    program: Program, of_another_kernel: Path
) -> None:
    code, out, err = program("compare", REPORT, of_another_kernel)
    assert (code, out) == (2, "")
    assert "- kernel of the client node: A 6.12.48; B 6.1.0" in err
    assert f"B  {of_another_kernel}" in err
    assert "--insist" in err


def test_who_insists_gets_the_comparison_and_the_condition(
    program: Program, of_another_kernel: Path
) -> None:
    code, out, _ = program("compare", "--insist", REPORT, of_another_kernel)
    assert code == 0
    assert "- kernel of the client node: A 6.12.48; B 6.1.0" in out
    assert "Ratio" not in out
    assert "0.9463" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compare",), "REPORT"),
        (("compare", REPORT), "2 to 26 reports, not 1"),
        (("compare", *[REPORT] * 27), "not 27"),
        (("compare", REPORT, "/nonexistent.toml"), "/nonexistent.toml"),
        (("export",), "needs a REPORT"),
        (("export", "--format", "xml", REPORT), "xml"),
        (("export", "/nonexistent.toml"), "/nonexistent.toml"),
        (("export", REPORT, "--out", "/nonexistent/x.csv"), "/nonexistent/x.csv"),
        (("export", REPORT, "--out", REPORT), "would replace its report"),
    ],
    ids=str,
)
def test_wrong_use_is_two(program: Program, arguments: tuple[object, ...], words: str) -> None:
    code, out, err = program(*arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_csv_has_a_row_for_every_trial(program: Program) -> None:
    code, out, err = program("export", REPORT)
    assert (code, err) == (0, "")
    trials = tomllib.loads(REPORT.read_text())["trials"]
    read = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["value"]) for row in read] == [
        trial["figures"]["goodput_mbit_per_s"] for trial in trials
    ]


@pytest.mark.parametrize("table", ["summaries", "comparisons", "samples"])
def test_csv_of_the_other_tables(program: Program, table: str) -> None:
    code, out, _ = program("export", "--table", table, REPORT)
    assert code == 0
    assert len(out.splitlines()) == len(tomllib.loads(REPORT.read_text())[table]) + 1


def test_json_is_the_report(program: Program) -> None:
    code, out, _ = program("export", "--format", "json", REPORT)
    assert code == 0
    assert json.loads(out) == tomllib.loads(REPORT.read_text())


def test_markdown_to_a_file(program: Program, tmp_path: Path) -> None:
    place = tmp_path / "report.md"
    code, out, err = program("export", "--format", "markdown", REPORT, REPORT, "--out", place)
    assert (code, out, err) == (0, "", "")
    once = (GOLDEN / "text" / "report.md").read_text()
    assert place.read_text() == f"{once}\n{once}"


def test_the_schema_needs_no_report(program: Program) -> None:
    code, out, _ = program("export", "--schema")
    assert code == 0
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"

"""``cniadvisor replay`` as a program: the same words, the same report, the exit codes."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cniadvisor.domain.events import RunStarted
from cniadvisor.headless.renderer import Renderer
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import read_recording
from cniadvisor.report.toml_file import read
from cniadvisor.resources import shipped_recording
from cniadvisor.wording.plan import plan_text
from cniadvisor.wording.report import report_text
from tests.unit.commands.program import Program

GOLDEN = Path(__file__).parents[2] / "golden"
RECORDING = GOLDEN / "recording-v1.jsonl"


def as_told(**renderer_options: bool) -> tuple[str, ReportBuilder]:
    """What a run prints on stderr: plan, stream, report."""
    stream, builder = io.StringIO(), ReportBuilder()
    renderer = Renderer(stream=stream, **renderer_options)
    for event in read_recording(RECORDING, tell=lambda _: None):
        if isinstance(event, RunStarted):
            print(plan_text(event.plan, event.target, event.findings), file=stream)
        renderer(event)
        builder(event)
    print(report_text(builder.report()), file=stream)
    return stream.getvalue(), builder


@pytest.mark.parametrize("option", ["", "--verbose"])
def test_the_words_are_those_of_the_run(program: Program, option: str) -> None:
    options = {option.removeprefix("--"): True} if option else {}
    code, out, err = program("replay", RECORDING, *([option] if option else []))
    assert (code, out) == (0, "")
    assert err == as_told(**options)[0]


def test_quiet_tells_what_is_wrong_and_nothing_else(program: Program, tmp_path: Path) -> None:
    place = tmp_path / "report.toml"
    code, out, err = program("replay", RECORDING, "--quiet", "--out", place)
    assert (code, out) == (0, f"{place}\n")
    assert err
    assert not [words for words in ("Plan ", "Trial ", "Outcome", "Diagnoses") if words in err]


def test_the_report_is_that_of_the_run(program: Program, tmp_path: Path) -> None:
    place = tmp_path / "report.toml"
    code, out, _ = program("replay", RECORDING, "--out", place)
    assert (code, out) == (0, f"{place}\n")
    assert read(place) == as_told()[1].report()
    code, out, _ = program("replay", RECORDING, "--out", "-")
    assert (code, out) == (0, place.read_text())


def test_whoever_stops_reading_the_words_gets_report_and_exit_code(tmp_path: Path) -> None:
    """As ``2>&1 | head`` does, or a terminal that was closed."""
    place = tmp_path / "report.toml"
    nobody, words = os.pipe()
    os.close(nobody)
    options = ["replay", str(RECORDING), "--out", str(place), "--fail-below", "tcp=0.99"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cniadvisor", *options],
            stdout=subprocess.PIPE,
            stderr=words,
            timeout=60,
            check=False,
        )
    finally:
        os.close(words)
    assert done.returncode == 1
    assert read(place) == as_told()[1].report()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--fail-below", "tcp=0.9"), 0, "Held: --fail-below tcp=0.9"),
        (("--fail-below", "tcp=0.99"), 1, "Failed: --fail-below tcp=0.99"),
        (("--fail-above", "tcp=0.9"), 1, "Failed: --fail-above tcp=0.9"),
        (("--fail-below", "tcp=0.95"), 0, "Warning: --fail-below tcp=0.95"),
        (("--fail-below", "tcp=0.9,tcp-multi=1.1"), 1, "Failed: --fail-below tcp-multi=1.1"),
    ],
)
def test_thresholds_decide_the_exit_code(
    program: Program, options: tuple[str, ...], code: int, words: str
) -> None:
    ended, _, err = program("replay", RECORDING, *options)
    assert ended == code
    assert words in err


def test_without_a_recording_it_is_the_one_that_ships(program: Program) -> None:
    shipped = shipped_recording()
    assert shipped is not None
    assert program("replay") == program("replay", shipped)
    assert program("replay").code == 0


def test_no_ratio_is_five(program: Program, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(RECORDING.read_bytes().splitlines(keepends=True)[:14]))
    code, _, err = program("replay", cut, "--fail-below", "tcp=0.9")
    assert code == 5
    assert "No ratio for --fail-below tcp=0.9" in err
    assert f"{cut} stops before the run ended" in err


def test_a_threshold_that_held_is_not_told_when_quiet(program: Program) -> None:
    options = ("--quiet", "--fail-below", "tcp=0.9", "--fail-below", "tcp-multi=1.1")
    _, _, err = program("replay", RECORDING, *options)
    assert "Held" not in err
    assert "Failed: --fail-below tcp-multi=1.1" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("/nonexistent.jsonl",), "/nonexistent.jsonl"),
        ((str(GOLDEN / "report-v1.toml"),), "line 1 is not JSON"),
        ((str(RECORDING), "--out", str(RECORDING)), "would replace the recording"),
        ((str(RECORDING), "--out", "/nonexistent/x.toml"), "/nonexistent/x.toml"),
        ((str(RECORDING), "--fail-below", "udp=0.9"), "the run has no test udp"),
    ],
)
def test_wrong_use_is_two(program: Program, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = program("replay", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Measuring" not in err, "nothing is told before the fault is"

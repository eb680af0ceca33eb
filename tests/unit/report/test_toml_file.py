import errno
import os
import stat
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.report import SCHEMA_VERSION, Interval, Report
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.shape import Document
from cniadvisor.report.toml_file import dumps, loads, migrated, read, require_writable, write
from tests.unit.report.strategies import dataclass_values

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture
def report(run_events: list[BenchEvent]) -> Report:
    builder = ReportBuilder()
    for event in run_events:
        builder(event)
    return builder.report()


def names_in(folder: Path) -> list[str]:
    return sorted(place.name for place in folder.iterdir())


# -- round trip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dataclass_values(Report))
def test_what_is_written_is_read_back(some: Report) -> None:
    assert loads(dumps(some).encode(), name="x") == some


def test_round_trip_through_a_file(report: Report, tmp_path: Path) -> None:
    place = tmp_path / "report.toml"
    write(report, place)
    assert read(place) == report
    assert names_in(tmp_path) == ["report.toml"]


def test_figures_survive_to_the_last_digit(report: Report) -> None:
    exact = 9_410.250_000_000_002
    changed = replace(
        report,
        trials=(replace(report.trials[0], figures={"goodput_mbit_per_s": exact}),),
    )
    assert loads(dumps(changed).encode(), name="x").trials[0].value == exact


# -- the written form


def test_written_form_is_the_golden_one(report: Report) -> None:
    golden = GOLDEN / "report-v1.toml"
    if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
        golden.write_text(dumps(report))
    assert dumps(report) == golden.read_text()


def test_the_report_of_version_1_is_read(report: Report) -> None:
    assert read(GOLDEN / "report-v1.toml") == report


def test_schema_version_comes_first_and_nothing_is_null(report: Report) -> None:
    text = dumps(report)
    assert text.startswith(f"schema_version = {SCHEMA_VERSION}\n")
    assert "None" not in text
    assert "null" not in text


def test_readable_tables_instead_of_lists_of_pairs(report: Report) -> None:
    document = tomllib.loads(dumps(report))
    assert document["findings"]["primary"]["details"] == {"cni_plugin_version": "1.9.1", "vni": "1"}
    assert list(document["trials"][0])[:4] == ["test", "path", "round", "attempt"]
    assert document["trials"][0]["load"]["client"]["window_s"] == 2.0
    assert "speed_mbit_per_s" not in document["nics"][1]
    assert "samples_mbit_per_s = [9400.25, 9420.25]\n" in dumps(report)


def test_text_from_outside_cannot_break_the_file(report: Report) -> None:
    nasty = '"""\n[run]\nx = nan #\x1b[31m\x00\x7f\u202e 1.0,\n    2.0,\n'
    changed = replace(report, run=replace(report.run, command=nasty))
    assert loads(dumps(changed).encode(), name="x") == changed


def test_a_command_line_with_undecodable_bytes_is_written(report: Report, tmp_path: Path) -> None:
    changed = replace(report, run=replace(report.run, command="bench --out \udcff.toml"))
    write(changed, tmp_path / "r.toml")
    assert read(tmp_path / "r.toml").run.command == "bench --out ?.toml"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_nan_or_infinity_is_ever_written(report: Report, tmp_path: Path, value: float) -> None:
    place = tmp_path / "r.toml"
    write(report, place)
    before = place.read_bytes()
    bad = replace(
        report,
        comparisons=(replace(report.comparisons[0], ratio_95=Interval(low=value, high=1.0)),),
    )
    with pytest.raises(ValueError, match=r"report\.comparisons\[0\]\.ratio_95\.low is .*bug"):
        write(bad, place)
    assert place.read_bytes() == before


# -- writing where it can't be written


def refused(report: Report, place: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        write(report, place)
    with pytest.raises(UsageError):
        require_writable(place)
    return caught.value


def test_a_folder_in_the_way(report: Report, tmp_path: Path) -> None:
    error = refused(report, tmp_path)
    assert "is a directory" in error.message
    assert str(tmp_path) in error.message
    assert error.hint == "Name a file in it."


def test_a_folder_that_is_not_there(report: Report, tmp_path: Path) -> None:
    error = refused(report, tmp_path / "nowhere" / "r.toml")
    assert "no such file or directory" in error.message
    assert "folders are not created" in error.hint


def test_a_file_where_a_folder_is_meant(report: Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "not a directory" in refused(report, tmp_path / "file" / "r.toml").message


def test_a_device_is_never_replaced(report: Report) -> None:
    device = Path("/dev/null")
    assert "not a regular file" in refused(report, device).message
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only file system"),
        (errno.ENOSPC, "no space left on device"),
        (errno.EDQUOT, "disk quota exceeded"),
    ],
)
@pytest.mark.parametrize("failing", ["open", "fsync", "replace"])
def test_a_failing_write_is_told_and_leaves_the_old_report(
    report: Report,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    words: str,
    failing: str,
) -> None:
    place = tmp_path / "r.toml"
    write(report, place)
    before = place.read_bytes()

    def fail(*_: object, **__: object) -> object:
        raise OSError(number, os.strerror(number))

    match failing:
        case "open":
            monkeypatch.setattr(Path, "open", fail)
        case "fsync":
            monkeypatch.setattr(os, "fsync", fail)
        case _:
            monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UsageError) as caught:
        write(replace(report, trials=()), place)
    monkeypatch.undo()
    assert words in caught.value.message
    assert caught.value.hint
    assert place.read_bytes() == before
    assert names_in(tmp_path) == ["r.toml"]


def test_an_interrupt_while_writing_leaves_nothing(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(report, tmp_path / "r.toml")
    assert names_in(tmp_path) == []


def test_a_link_stays_a_link(report: Report, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    link = tmp_path / "latest.toml"
    link.symlink_to("reports/r.toml")
    write(report, link)
    assert link.is_symlink()
    assert read(tmp_path / "reports" / "r.toml") == report


def test_asking_first_leaves_nothing_behind(tmp_path: Path) -> None:
    require_writable(tmp_path / "r.toml")
    assert names_in(tmp_path) == []


# -- reading what is no report


def complaint(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(UsageError) as caught:
        loads(content, name="old.toml")
    assert caught.value.message.startswith("old.toml ")
    return caught.value.message


def edited(report: Report, old: str, new: str) -> str:
    text = dumps(report)
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seed = 42", "", "plan, seed is missing"),
        ("seed = 42", 'seed = "42"', "plan, seed must be a whole number"),
        ("seed = 42", "seed = 4.2", "plan, seed"),
        ("seed = 42", "seed = 42\ncolour = 3", "plan, colour is not a known key"),
        ("duration_s = 2.0", 'duration_s = "2"', "plan, suite, duration_s must be a number"),
        ("attempt = 1", "attempt = true", "trials, entry 1, attempt must be a whole number"),
        ("round = 1\n", "", "trials, entry 1, round is missing"),
        (
            'outcome = "complete"',
            'outcome = "great"',
            "run, outcome is wrong: Input should be 'complete', 'partial' or 'failed'",
        ),
        ("goodput_mbit_per_s = 9410.25", "goodput_mbit_per_s = [1]", "goodput_mbit_per_s must"),
        ("[findings.primary.details]", "[findings.primary.detail]", "detail is not a known key"),
        ("duration_s = 64.0", "duration_s = nan", "not a finite number: run.duration_s is nan"),
        ("duration_s = 64.0", "duration_s = -inf", "not a finite number: run.duration_s is -inf"),
        ("retransmits = 3.0", "retransmits = inf", "trials[0].figures.retransmits is inf"),
        ("retransmits = 3.0", "retransmits = -3.0", "figures, retransmits must not be less than 0"),
        ("\nratio = ", "\nratio = -", "comparisons, entry 1: a ratio must be more than 0"),
        ("\nlow = ", "\nlow = 0.0 #", "comparisons, entry 1: a ratio must be more than 0"),
        ("started_at = ", "started_at = 2026-11-22 #", "run, started_at"),
        ("schema_version = 1", "schema_version = 2", "schema version 2; this cniadvisor reads up"),
        ("schema_version = 1", "schema_version = 0", "has no schema_version"),
        ("schema_version = 1", 'schema_version = "1"', "has no schema_version"),
        ("schema_version = 1", "", "has no schema_version"),
    ],
)
def test_a_fault_is_named_with_its_place(report: Report, old: str, new: str, words: str) -> None:
    if old == "started_at = ":
        # A TOML date where text is meant: read as its text, which is the same.
        assert loads(edited(report, old, new).encode(), name="x").run.started_at == "2026-11-22"
    else:
        assert words in complaint(edited(report, old, new))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"schema_version = ", "is not TOML"),
        (b"", "has no schema_version"),
        (b"x = " + b"[" * 5000, "nested too deeply"),
        (b"schema_version = 1\n" + b"x." * 5000 + b"x = 1", "nested too deeply"),
        (b"schema_version = " + b"1" * 5000, "a whole number of more than 64 bits"),
        (b"schema_version = 0x" + b"f" * 5000, "a whole number of more than 64 bits"),
        (b"schema_version = 1\nx = [{y = -9223372036854775809}]", "more than 64 bits"),
        (b"schema_version = 1", "run is missing; plan is missing; target is missing; and 1 more"),
        (b"schema_version = 1\ntrials = 3\nfindings = 3", "is not a valid report"),
        (b"schema_version = 1\n[findings]\nprimary = 3\nmeta = [3]", "is not a valid report"),
    ],
)
def test_what_is_no_report_is_refused(content: bytes, words: str) -> None:
    assert words in complaint(content)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"no table", b"x = " + b"[" * 5000, b"x = 1"])
def test_what_is_another_file_is_told_what_reports_are(content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        loads(content, name="x")
    assert "cniadvisor bench" in caught.value.hint


def test_nothing_in_a_file_reaches_the_terminal_raw() -> None:
    message = complaint('schema_version = 1\n"\\u001b[31m\\u202e" = 3')
    assert "\x1b" not in message
    assert "\u202e" not in message


@pytest.mark.parametrize("missing", [True, False])
def test_a_place_that_cannot_be_read(tmp_path: Path, missing: bool) -> None:
    place = tmp_path / "r.toml" if missing else tmp_path
    with pytest.raises(UsageError, match="no such file" if missing else "is a directory") as caught:
        read(place)
    assert caught.value.hint == ("Check the spelling." if missing else "Name a file in it.")


# -- migrations


def test_old_versions_are_brought_up_step_by_step() -> None:
    def one_to_two(old: Document) -> Document:
        return {"b": old["a"]}

    def two_to_three(old: Document) -> Document:
        return {"c": old["b"]}

    steps = {1: one_to_two, 2: two_to_three}
    document = migrated({"schema_version": 1, "a": 5}, name="x", migrations=steps, current=3)
    assert document == {"schema_version": 3, "c": 5}
    # What is current stays as it is.
    assert migrated(document, name="x", migrations=steps, current=3) == document

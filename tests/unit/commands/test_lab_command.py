"""What the options of ``cniadvisor lab`` amount to; the lab itself is tested in tests/lab."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cniadvisor.bench.suites import parse_suite
from cniadvisor.cli import run
from cniadvisor.commands.bench_choices import make_plan
from cniadvisor.commands.lab_choices import (
    DEFAULT_WIRINGS,
    LabOptions,
    chosen_wire,
    chosen_wirings,
    equivalent_lab_command,
    output_places,
)
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.lab.machine import machine_pair
from cniadvisor.lab.wire import Wire
from cniadvisor.resources import suite_text

OPTIONS = LabOptions(
    headless=True,
    wiring=DEFAULT_WIRINGS,
    wire=None,
    delay=None,
    suite="quick",
    tests=None,
    repeats=None,
    duration=None,
    max_rate=None,
    seed=None,
    out=None,
    record=None,
    fail_below=(),
    fail_above=(),
    dry_run=False,
)

Said = Callable[[], str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return lambda: capsys.readouterr().err


def test_the_wirings_come_in_the_order_named_and_once() -> None:
    named = chosen_wirings("canal, Flannel-VXLAN ,canal")
    assert [wiring.name for wiring in named] == ["canal", "flannel-vxlan"]


def test_the_command_lines_default_is_the_rooms(said: Said) -> None:
    assert run(["lab", "--dry-run", "--seed", "1"]) == ExitCode.OK
    text = said()
    for name in DEFAULT_WIRINGS.split(","):
        assert f"\n{name}" in text


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        ("cilium", "eBPF programs", "cniadvisor bench"),
        ("cilium-vxlan", "can't be honestly imitated by hand", "a cluster that runs it"),
        ("flanel-vxlan", "unknown wiring: flanel-vxlan", "did you mean flannel-vxlan?"),
        ("x\x1b[31m", "unknown wiring: x[31m", "there is flannel-vxlan"),
        (" , ", "names no wiring", "calico-routed"),
    ],
)
def test_what_is_not_there_is_explained(names: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        chosen_wirings(names)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_the_wire() -> None:
    assert chosen_wire(OPTIONS) == Wire()
    assert chosen_wire(replace(OPTIONS, wire="1gbit", delay=2.0)) == Wire(
        rate_mbit_per_s=1000, delay_ms=2
    )


def test_every_wiring_has_a_report_of_its_own(tmp_path: Path) -> None:
    options = replace(OPTIONS, out=str(tmp_path / "a/b"), record=str(tmp_path / "c"))
    places = output_places(options, chosen_wirings(DEFAULT_WIRINGS))
    files = [path for out in places.values() for path in (out.report, out.recording)]
    assert len(set(files)) == 4
    assert all(path is not None and path.parent.is_dir() for path in files)
    assert places["flannel-vxlan"].report.name.endswith("-flannel-vxlan.toml")


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    options = replace(OPTIONS, out=str(tmp_path / "file/x"))
    with pytest.raises(UsageError, match="can't be made") as refused:
        output_places(options, chosen_wirings(DEFAULT_WIRINGS))
    assert "--out DIR" in refused.value.hint


def test_the_command_that_measures_the_same_again() -> None:
    options = replace(OPTIONS, wire="1gbit", delay=0.5, tests="tcp", repeats=4, seed=9)
    found = suite_text("quick")
    suite = replace(parse_suite(found.text, source=found.source), tests=())
    plan = make_plan(suite, machine_pair(Wire()), seed=9)
    command = equivalent_lab_command(options, chosen_wirings(DEFAULT_WIRINGS), plan)
    assert command.startswith("cniadvisor lab --headless --suite quick --wiring flannel-vxlan,")
    assert " --wire 1gbit --delay 0.5 " in command
    assert command.endswith(" --repeats 4 --seed 9")


def test_a_dry_run_shows_every_step_and_makes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert run(["lab", "--dry-run", "--wiring", "flannel-vxlan", "--tests", "tcp"]) == ExitCode.OK
    steps = capsys.readouterr().out
    assert "flannel-vxlan node1: ip link add flannel.1 " in steps
    assert not list(tmp_path.glob("*/*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lab"], "cniadvisor lab --headless"),
        (["lab", "--headless", "--wiring", "cilium"], "eBPF"),
        (["lab", "--headless", "--wire", "3gbit"], "3gbit"),
        (["lab", "--headless", "--delay", "0"], "--delay"),
        (["lab", "--headless", "--tests", "tpc"], "unknown test: tpc"),
    ],
)
def test_wrong_calls_end_with_2_before_anything_is_made(
    arguments: list[str], message: str, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["cniadvisor", *arguments])
    assert run(arguments) == ExitCode.USAGE
    assert message in said()

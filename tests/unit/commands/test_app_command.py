"""The app as a command: where it opens, where it refuses, and what it does not import before."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from cniadvisor.commands.app import app_options, require_terminal
from cniadvisor.commands.app_core.run_options import choices_of, extras_of, options_of
from cniadvisor.commands.bench_choices import BenchOptions
from cniadvisor.config_file import Preferences, bindings, parse_config, settle
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.headless.plain_menu import entries
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.symbols import ASCII, UNICODE, symbols_for
from tests.unit.commands.program import Program


def preferences(text: str = "") -> Preferences:
    config = parse_config(text, source="c")
    return Preferences(settled=settle({}, {}, config), bindings=bindings(config))


class Stream:
    encoding = "utf-8"

    def __init__(self, *, tty: bool = True, encoding: str = "utf-8") -> None:
        self._tty = tty
        self.encoding = encoding

    def isatty(self) -> bool:
        return self._tty


def test_without_a_terminal_it_names_the_command_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Stream())
    monkeypatch.setattr("sys.stderr", Stream())
    require_terminal("cniadvisor detect", {"TERM": "xterm"})
    for term in ({}, {"TERM": "dumb"}):
        with pytest.raises(UsageError, match="can't draw") as raised:
            require_terminal("cniadvisor detect", term)
        assert "--plain" in raised.value.hint
    monkeypatch.setattr("sys.stderr", Stream(tty=False))
    with pytest.raises(UsageError, match="needs a terminal") as raised:
        require_terminal("cniadvisor detect", {"TERM": "xterm"})
    assert "cniadvisor detect" in raised.value.hint


@pytest.mark.parametrize(
    ("encoding", "term", "symbols", "marker"),
    [
        ("utf-8", "xterm-256color", UNICODE, ChartMarker.BRAILLE),
        ("UTF8", "xterm", UNICODE, ChartMarker.BRAILLE),
        ("utf-8", "linux", ASCII, ChartMarker.ASCII),
        ("ascii", "xterm", ASCII, ChartMarker.ASCII),
        ("latin-1", "xterm", ASCII, ChartMarker.ASCII),
    ],
)
def test_marks_are_what_the_terminal_can_show(
    monkeypatch: pytest.MonkeyPatch, encoding: str, term: str, symbols: object, marker: object
) -> None:
    monkeypatch.setattr("sys.stderr", Stream(encoding=encoding))
    options = app_options(preferences(), {"TERM": term})
    assert (options.symbols, options.chart_marker) == (symbols, marker)


def test_no_encoding_at_all_is_ascii() -> None:
    assert symbols_for(encoding=None, term=None) is ASCII


def test_theme_marker_and_keys_come_from_the_file() -> None:
    options = app_options(
        preferences('theme = "light"\nchart_marker = "ascii"\n[keys]\n"app.plan" = "p"\n'),
        {"TERM": "xterm"},
    )
    assert (options.theme, options.chart_marker) == ("light", ChartMarker.ASCII)
    assert options.keys == {"app.plan": "p"}


def test_a_key_for_no_action_is_refused_with_its_line() -> None:
    with pytest.raises(UsageError, match="c, line 2: no action is called app.pan") as raised:
        app_options(preferences('[keys]\n"app.pan" = "p"\n'), {"TERM": "xterm"})
    assert "app.plan" in raised.value.hint


def bench_options(**changes: object) -> BenchOptions:
    told: dict[str, object] = {name: None for name in BenchOptions.__slots__}  # noqa: C420
    told |= {"suite": "standard", "fail_below": (), "fail_above": (), **changes}
    return BenchOptions(**told)  # pyright: ignore[reportArgumentType]


def test_what_the_command_line_chose_is_what_the_plan_begins_with() -> None:
    choices = choices_of(bench_options(tests="tcp, scp", repeats=3, max_rate=100.0))
    assert choices.suite == "standard"
    assert choices.tests == (TestName.TCP, TestName.SCP)
    assert (choices.repeats, choices.max_rate_mbit_per_s) == (3, 100.0)
    assert choices_of(bench_options(probe="policy")).probes_policy


def test_what_the_plan_was_begun_with_comes_back_as_options() -> None:
    agreed = {"headless": False, "dry_run": False, "yes": False}
    told = bench_options(
        tests="tcp,scp", duration=7, client_node="a", seed=3, record="r", probe="policy", **agreed
    )
    assert options_of(choices_of(told), extras_of(told)) == told


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (("bench", "--suite", "quick"), "cniadvisor bench --suite quick --headless"),
        (("lab", "--wiring", "canal"), "cniadvisor lab --wiring canal --headless"),
        (("replay", "--live", "x.jsonl"), "cniadvisor replay"),
        (
            ("--context", "c", "bench", "--tests", "tcp"),
            "cniadvisor --context c bench --tests tcp --headless",
        ),
    ],
    ids=str,
)
@pytest.mark.usefixtures("nobody_s_machine")
def test_in_a_pipe_it_is_two_and_says_what_to_type(
    program: Program, arguments: tuple[str, ...], instead: str
) -> None:
    done = program(*arguments)
    assert done.code == 2, done.err
    assert "needs a terminal" in done.err
    assert instead in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bench", "--fail-below", "tcp=0.9"), "--headless"),
        (("replay", "--live", "--out", "x", "y.jsonl"), "--live"),
        (("--plain", "detect"), "--plain"),
        (("--theme", "pink"), "pink"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("nobody_s_machine")
def test_options_of_the_other_way_are_refused(
    program: Program, arguments: tuple[str, ...], words: str
) -> None:
    done = program(*arguments)
    assert done.code == 2
    assert words in done.err


def test_the_menu_s_commands_are_given_the_folder_of_profiles(tmp_path: Path) -> None:
    kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    offered = [entry.words for entry in entries(cast("Any", None))]
    done = subprocess.run(
        [sys.executable, "-m", "cniadvisor", "--plain", "--profiles", "mine"],
        env=kept,
        input=f"{1 + offered.index('The settings in force')}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Command: cniadvisor --profiles mine config show" in done.stderr
    assert re.search(r"profiles +mine +option --profiles", done.stdout)


def test_the_menu_runs_commands_and_ends_with_its_input(tmp_path: Path) -> None:
    kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    offered = [entry.words for entry in entries(cast("Any", None))]
    done = subprocess.run(
        [sys.executable, "-m", "cniadvisor", "--plain"],
        env=kept,
        input=f"{1 + offered.index('The settings in force')}\n1\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Command: cniadvisor config show" in done.stderr
    assert "protected_contexts" in done.stdout
    assert "no kubeconfig found" in done.stderr
    assert "That command ended with code 2." in done.stderr
    assert "\x1b" not in done.stdout + done.stderr

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.commands.bench_choices import (
    BenchOptions,
    Outputs,
    chosen_image,
    chosen_suite,
    equivalent_command,
    make_plan,
)
from cniadvisor.commands.confirmation import confirm
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import NodePair
from cniadvisor.domain.settings import Settings, is_protected
from tests.unit.commands.program import Program
from tests.unit.example_nodes import example_node

OPTIONS = BenchOptions(
    headless=True,
    suite="quick",
    tests=None,
    repeats=None,
    duration=None,
    client_node=None,
    server_node=None,
    image=None,
    image_pull_secret=None,
    seed=None,
    max_rate=None,
    probe=None,
    out=None,
    record=None,
    fail_below=(),
    fail_above=(),
    dry_run=False,
    yes=False,
    confirm_context=None,
)


def pair(client_cores: int = 4, server_cores: int = 4) -> NodePair:
    return NodePair(
        client=example_node("a", cpu_millicores=1000 * client_cores),
        server=example_node("b", cpu_millicores=1000 * server_cores),
        reason="test",
    )


def test_the_command_line_changes_the_suite() -> None:
    suite = chosen_suite(replace(OPTIONS, tests="tcp-multi , tcp", repeats=7, duration=3))
    assert suite.tests == (TestName.TCP, TestName.TCP_MULTI)
    assert (suite.rounds, suite.max_rounds, suite.duration_s) == (7, 7, 3.0)
    assert suite.target_half_width_percent is None, "exactly so many rounds were asked for"


@pytest.mark.parametrize("tests", ["", " , "])
def test_no_test_at_all_is_refused(tests: str) -> None:
    with pytest.raises(UsageError, match="names no test"):
        chosen_suite(replace(OPTIONS, tests=tests))


@pytest.mark.parametrize(("cores", "streams"), [(1, 1), (2, 2), (4, 4), (64, 8)])
def test_streams_are_at_most_the_smaller_nodes_cores(cores: int, streams: int) -> None:
    plan = make_plan(chosen_suite(OPTIONS), pair(64, cores), seed=None)
    assert plan.streams == streams


def test_the_plan_keeps_the_limit() -> None:
    suite = chosen_suite(replace(OPTIONS, max_rate=100.0))
    plan = make_plan(suite, pair(), seed=1, max_rate_mbit_per_s=100.0)
    assert plan.max_rate_mbit_per_s == 100.0
    assert make_plan(suite, pair(), seed=1).max_rate_mbit_per_s is None


def test_the_equivalent_command_fixes_seed_and_nodes() -> None:
    plan = make_plan(chosen_suite(OPTIONS), pair(), seed=42)
    command = equivalent_command(Settings(), OPTIONS, plan, pair(), context="c1")
    assert command == (
        "cniadvisor bench --headless --context c1 --suite quick "
        "--client-node a --server-node b --seed 42"
    )


def test_the_probe_is_in_the_plan_and_in_the_command_that_does_the_same() -> None:
    options = replace(OPTIONS, probe="policy")
    plan = make_plan(chosen_suite(options), pair(), seed=1, probes_policy=options.probes_policy)
    assert plan.probes_policy
    assert "--probe policy" in equivalent_command(Settings(), options, plan, pair(), context="c")
    assert "--probe" not in equivalent_command(Settings(), OPTIONS, plan, pair(), context="c")


def test_the_equivalent_command_quotes_what_a_shell_would_split() -> None:
    plan = make_plan(chosen_suite(OPTIONS), pair(), seed=1)
    command = equivalent_command(Settings(), OPTIONS, plan, pair(), context="my cluster; rm")
    assert "'my cluster; rm'" in command


def test_the_equivalent_command_pulls_as_the_run_did_and_names_no_context_in_a_pod() -> None:
    plan = make_plan(chosen_suite(OPTIONS), pair(), seed=1)
    options = replace(OPTIONS, image_pull_secret="registry")
    command = equivalent_command(Settings(), options, plan, pair(), context="in-cluster")
    assert "--image-pull-secret registry" in command
    assert "--context" not in command


@pytest.mark.parametrize(
    ("context", "protected"),
    [("eu-PROD-1", True), ("prd", True), ("live-site", True), ("staging", False), ("dev", False)],
)
def test_contexts_that_say_production_are_protected(context: str, protected: bool) -> None:
    assert is_protected(context) is protected


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    def set_to(present: bool) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: present)

    return set_to


def test_yes_is_enough_where_nothing_is_protected(terminal: Any) -> None:
    terminal(False)
    confirm("dev", yes=True, confirmed_context=None)
    with pytest.raises(UsageError, match="nobody is there to agree"):
        confirm("dev", yes=False, confirmed_context=None)


def test_yes_is_not_enough_for_a_protected_context(terminal: Any) -> None:
    terminal(False)
    with pytest.raises(UsageError, match="looks like production") as raised:
        confirm("prod", yes=True, confirmed_context=None)
    assert "--confirm-context prod" in raised.value.hint
    confirm("prod", yes=False, confirmed_context="prod")
    with pytest.raises(UsageError, match="but the context is prod"):
        confirm("prod", yes=True, confirmed_context="other")


@pytest.mark.parametrize(("typed", "agreed"), [("prod", True), ("y", False)])
def test_at_a_terminal_the_name_of_a_protected_context_is_typed(
    terminal: Any, monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool
) -> None:
    terminal(True)

    def answer(_text: str, **_options: object) -> str:
        return typed

    monkeypatch.setattr("click.prompt", answer)
    if agreed:
        confirm("prod", yes=True, confirmed_context=None)
    else:
        with pytest.raises(UsageError, match="not its name"):
            confirm("prod", yes=True, confirmed_context=None)


@pytest.mark.parametrize(("context", "yes"), [("prod", True), ("dev", False)])
def test_whoever_is_asked_sees_a_plan_that_quiet_kept_back(
    terminal: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    context: str,
    yes: bool,
) -> None:
    terminal(True)
    seen: list[str] = []

    def answer(_text: str, **_options: object) -> str:
        seen.append(capsys.readouterr().err)
        return context

    monkeypatch.setattr("click.prompt", answer)
    monkeypatch.setattr("click.confirm", answer)
    confirm(context, yes=yes, confirmed_context=None, unseen="the plan")
    assert seen == ["the plan\n"]
    confirm("prod", yes=True, confirmed_context="prod", unseen="the plan")
    confirm("dev", yes=True, confirmed_context=None, unseen="the plan")
    assert capsys.readouterr().err == ""


def outputs(report: Path | None, recording: Path | None) -> Outputs:
    return Outputs(report=report, recording=recording, thresholds=())


def test_what_a_run_leaves_is_tried_before_the_run(tmp_path: Path) -> None:
    outputs(None, None).require_writable()
    outputs(tmp_path / "r.toml", tmp_path / "r.jsonl").require_writable()
    assert list(tmp_path.iterdir()) == []
    for wrong in (outputs(tmp_path, None), outputs(None, tmp_path / "nowhere" / "r.jsonl")):
        with pytest.raises(UsageError, match="cannot write the re"):
            wrong.require_writable()
    with pytest.raises(UsageError, match="the same file"):
        outputs(tmp_path / "x", tmp_path / "." / "x").require_writable()


def test_what_cannot_keep_to_a_limit_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    suite = chosen_suite(replace(OPTIONS, tests="http,tcp", max_rate=100.0))
    assert suite.tests == (TestName.TCP,)
    assert "http" in capsys.readouterr().err
    with pytest.raises(UsageError, match="nothing is left to measure"):
        chosen_suite(replace(OPTIONS, tests="http", max_rate=100.0))


@pytest.mark.usefixtures("nobody_s_machine")
@pytest.mark.parametrize("command", [("bench", "--headless"), ("probe", "policy")])
def test_whoever_has_neither_cluster_nor_image_is_told_of_the_cluster_first(
    program: Program, command: tuple[str, ...]
) -> None:
    code, out, err = program(*command, "--yes")
    assert (code, out) == (2, "")
    assert "no kubeconfig found" in err
    assert "image" not in err


@pytest.mark.usefixtures("nobody_s_machine")
def test_where_no_image_was_made_the_two_commands_are_named() -> None:
    with pytest.raises(UsageError) as refused:
        chosen_image(None)
    assert "cniadvisor image build" in refused.value.hint
    assert "cniadvisor image load" in refused.value.hint
    assert chosen_image("registry.example/bench:1") == "registry.example/bench:1"

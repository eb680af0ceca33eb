"""The command line as a program: exit codes, streams, and what is imported for what."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cniadvisor import __version__
from cniadvisor.resources import documentation
from tests.unit.commands.program import Program

HEAVY = ("textual", "kubernetes", "aiohttp", "pandas", "httpx", "plotext", "pydantic", "asyncio")


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    return subprocess.run(
        [sys.executable, "-m", "cniadvisor", *arguments],
        env=kept,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def modules_after(arguments: list[str]) -> set[str]:
    code = (
        "import sys\n"
        f"sys.argv = ['cniadvisor', *{arguments!r}]\n"
        "from cniadvisor.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_version_imports_not_even_click() -> None:
    loaded = modules_after(["--version"])
    assert not loaded & {"click", *HEAVY}


@pytest.mark.parametrize("arguments", [["--help"], ["bench", "--help"], ["detect", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not modules_after(arguments) & set(HEAVY)


def test_detecting_from_a_file_needs_no_kubernetes(tmp_path: Path) -> None:
    file = tmp_path / "inventory.json"
    file.write_text("{}")
    loaded = modules_after(["detect", "--inventory", str(file)])
    assert not loaded & {"kubernetes", "aiohttp", "pandas", "textual"}


def test_version_and_no_command(tmp_path: Path) -> None:
    assert run("--version", home=tmp_path).stdout == f"cniadvisor {__version__}\n"
    nothing = run(home=tmp_path)
    assert nothing.returncode == 2
    assert nothing.stdout == ""
    assert "needs a terminal" in nothing.stderr
    assert "cniadvisor detect" in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nope",), "nope"),
        (("detect", "--output", "yaml"), "yaml"),
        (("detect",), "kubeconfig"),
        (("detect", "--inventory", "/nonexistent.json"), "/nonexistent.json"),
        (("bench",), "--headless"),
        (("bench", "--headless", "--suite", "quikc"), "quick"),
        (("bench", "--headless", "--tests", "tpc"), "tcp"),
        (("bench", "--headless", "--repeats", "0"), "0"),
        (("bench", "--headless"), "no kubeconfig found"),
        (("bench", "--headless", "--read-only"), "--read-only"),
        (("cleanup", "--read-only"), "--read-only"),
        (("cleanup", "--run", "a", "--all"), "--all"),
        (("show",), "REPORT"),
        (("show", "/nonexistent.toml"), "/nonexistent.toml"),
        (("image", "load"), "cniadvisor image build"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("nobody_s_machine")
def test_wrong_use_is_two_and_says_what(
    program: Program, arguments: tuple[str, ...], words: str
) -> None:
    done = program(*arguments)
    assert done.code == 2, done.err
    assert words in done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "internal error" not in done.err


@pytest.mark.usefixtures("nobody_s_machine")
def test_global_options_go_before_or_after_the_command(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    for arguments in (("--kubeconfig", config, "detect"), ("detect", "--kubeconfig", config)):
        done = program(*arguments)
        assert done.code == 2
        assert str(config) in done.err
    monkeypatch.setenv("CNIADVISOR_KUBECONFIG", str(config))
    assert str(config) in program("detect").err


@pytest.mark.usefixtures("nobody_s_machine")
def test_info_never_fails_without_a_cluster(program: Program) -> None:
    done = program("info")
    assert done.code == 0, done.err
    assert __version__ in done.out
    assert str(documentation()) in done.out
    assert "kubeconfig" in done.out


def test_rights_are_printed_without_a_cluster(program: Program) -> None:
    done = program("rbac")
    assert done.code == 0, done.err
    assert "kind: ClusterRole" in done.out
    assert "pods/exec" in done.out


def test_help_says_that_any_test_may_be_asked_for(program: Program) -> None:
    told = " ".join(program("bench", "--help").out.split())
    assert "These tests instead of the suite's; any are allowed." in told


def test_a_command_s_own_options_come_before_those_that_all_have(program: Program) -> None:
    told = program("compare", "--help").out
    own, common = told.split("Common options:")
    assert "--insist" in own
    assert "--help" in own
    assert "--kubeconfig" not in own
    assert "--kubeconfig" in common


@pytest.mark.parametrize("group", [[], ["config"], ["image"], ["probe"]])
def test_lists_of_commands_are_not_cut(program: Program, group: list[str]) -> None:
    listed = program(*group, "--help").out.split("Commands:")[1]
    assert "..." not in listed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replay", "nothing.jsonl", "--speed", "2"], "--speed is for --live"),
        (
            ["export", "nothing.toml", "--format", "json", "--table", "samples"],
            "--table is for CSV",
        ),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    program: Program, arguments: list[str], complaint: str
) -> None:
    done = program(*arguments)
    assert done.code == 2
    assert complaint in done.err


REPORT = Path(__file__).parents[3] / "profiles/reference/2026-11-cniadvisor-lab/flannel-vxlan.toml"
NOWHERE = "x" * 300
"""No file system has such a name; what may not be looked at fails in the same way."""


@pytest.mark.parametrize(
    "words",
    [
        ("detect", "--kubeconfig", NOWHERE),
        ("detect", "--kubeconfig", "~nobody-of-that-name/config"),
        ("detect", "--inventory", NOWHERE),
        ("replay", "--quiet", "--out", NOWHERE),
        ("replay", NOWHERE),
        ("export", "--out", NOWHERE, str(REPORT)),
        ("export", NOWHERE),
        ("advise", "--no-cluster", "--priority", "balance", "--profiles", NOWHERE),
        ("advise", "--no-cluster", "--answers", NOWHERE),
        ("bench", "--dry-run", "--suite", f"{NOWHERE}.toml"),
        ("bench", "--headless", "--yes", "--out", NOWHERE),
        ("bench", "--headless", "--yes", "--record", NOWHERE),
        ("lab", "--headless", "--out", NOWHERE),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("nobody_s_machine")
def test_a_place_that_cannot_be_looked_at_is_told(program: Program, words: tuple[str, ...]) -> None:
    done = program(*words)
    assert done.code == 2, done.err
    assert done.out == ""
    assert "cniadvisor: " in done.err


@pytest.mark.usefixtures("nobody_s_machine")
def test_a_kubeconfig_of_nobody_in_the_environment_is_told(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", NOWHERE)
    done = program("detect")
    assert done.code == 2
    assert "File name too long" in done.err or "can't be read" in done.err

"""What is printed, and what becomes of it when nobody can take it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REPORT = ROOT / "profiles/reference/2026-11-cniadvisor-lab/flannel-vxlan.toml"


def ran(words: str, tmp_path: Path, shell: str) -> subprocess.CompletedProcess[str]:
    """Run ``cniadvisor`` inside a shell's line, where its exit code is what the shell ends with."""
    program = f"{sys.executable} -m cniadvisor {words}"
    return subprocess.run(
        ["bash", "-c", shell.replace("PROGRAM", program)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [f"show {REPORT}", "config path"])
def test_a_full_disk_is_told(tmp_path: Path, words: str) -> None:
    done = ran(words, tmp_path, "PROGRAM > /dev/full")
    assert done.returncode == 2
    assert done.stderr == (
        "cniadvisor: the result can't be written to stdout: No space left on device\n"
    )


@pytest.mark.parametrize("words", [f"show {REPORT}", "config path", "show /nowhere.toml"])
def test_a_closed_stdout_changes_no_exit_code(tmp_path: Path, words: str) -> None:
    usual = ran(words, tmp_path, "PROGRAM")
    closed = ran(words, tmp_path, "PROGRAM >&-")
    assert (closed.returncode, closed.stderr) == (usual.returncode, usual.stderr)


def test_a_closed_stderr_leaves_stdout_to_the_data(tmp_path: Path) -> None:
    done = ran("show /nowhere.toml", tmp_path, "PROGRAM 2>&-")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("out", ["-", "report.toml"])
def test_a_reader_that_has_gone_saves_nobody_from_a_threshold(tmp_path: Path, out: str) -> None:
    place = out if out == "-" else tmp_path / out
    words = f"replay --quiet --fail-below tcp=5 --out {place}"
    done = ran(words, tmp_path, "PROGRAM | true; exit ${PIPESTATUS[0]}")
    assert done.returncode == 1
    assert "Failed: --fail-below tcp=5" in done.stderr
    assert "Error" not in done.stderr

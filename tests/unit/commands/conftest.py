import io
from pathlib import Path

import pytest

from cniadvisor.cli import run
from cniadvisor.config_file import FILE_VARIABLE, KEYS
from tests.unit.commands.program import Program, Ran


@pytest.fixture(autouse=True)
def nobody_s_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file and no variable of whoever runs the tests counts; return where a file would be."""
    for name in (FILE_VARIABLE, *(key.variable for key in KEYS)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "cniadvisor" / "config.toml"


@pytest.fixture
def nobody_s_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cluster, no image, no reports and no terminal: nothing was done here yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """Run commands in this process: a process of its own takes a second."""

    def call(*arguments: object) -> Ran:
        words = [str(argument) for argument in arguments]
        monkeypatch.setattr("sys.argv", ["cniadvisor", *words])
        code = run(words)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call

from pathlib import Path

import pytest

from cniadvisor.config_file import FILE_VARIABLE, KEYS


@pytest.fixture(autouse=True)
def nobody_s_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file and no variable of whoever runs the tests counts; return where a file would be."""
    for name in (FILE_VARIABLE, *(key.variable for key in KEYS)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "cniadvisor" / "config.toml"

"""Container tools that only look like ones: small programs that write down how they were called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

IMAGE_ID = "sha256:" + "ab" * 32

# Answers probes, builds, tags and saves; a file "broken" beside it makes builds fail.
_TOOL = f"""#!/bin/sh
echo "$(basename "$0") $*" >>"@CALLS@"
case $1 in
    build | bud)
        echo "STEP 1: $(printf '\\033[31m')red"
        [ -e "@CALLS@.broken" ] && {{ echo 'E: no such package' >&2; exit 100; }}
        for word in "$@"; do
            [ "$previous" = --iidfile ] && printf '%s' {IMAGE_ID} >"$word"
            previous=$word
        done ;;
    save | push)
        for word in "$@"; do
            word=${{word#docker-archive:}}
            word=${{word%%:*}}
            case $word in */*.tar) echo archive >"$word" ;; esac
        done ;;
    *) echo fine ;;
esac
"""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The folder that is the whole PATH, and what was called in it."""

    folder: Path
    log: Path

    def install(self, *names: str) -> None:
        for name in names:
            self.script(name, _TOOL.replace("@CALLS@", str(self.log)))

    def script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def break_builds(self) -> None:
        self.log.with_name(f"{self.log.name}.broken").touch()

    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in ("sh", "basename", "cat"):
        (folder / program).symlink_to(f"/usr/bin/{program}")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Tools(folder=folder, log=tmp_path / "calls")

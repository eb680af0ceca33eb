"""The image's scripts, run on this machine: they take their places from the environment."""

import os
import subprocess
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cniadvisor.resources import benchmarks

IMAGE = benchmarks() / "image"


@dataclass(frozen=True, kw_only=True)
class Scripts:
    """Runs the scripts with a scratch folder, and stands in for programs this machine may lack."""

    scratch: Path
    programs: Path
    started: list[subprocess.Popen[str]]

    def environment(self, **extra: str) -> dict[str, str]:
        path = f"{self.programs}:{os.environ['PATH']}:/usr/sbin:/sbin"
        return os.environ | {"CNIADVISOR_SCRATCH": str(self.scratch), "PATH": path} | extra

    def run(
        self, script: str, *arguments: str, stdin: str = "", **extra: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(IMAGE / f"cniadvisor-{script}"), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            env=self.environment(**extra),
        )

    def start(self, script: str, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [str(IMAGE / f"cniadvisor-{script}"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(**extra),
        )
        self.started.append(child)
        return child

    def stand_in(self, program: str, script: str) -> None:
        path = self.programs / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def sleeping(self, nap: str) -> list[int]:
        """Living processes that run ``sleep`` for just this long."""
        found: list[int] = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if arguments[:2] == [b"sleep", nap.encode()] and state not in "ZX":
                found.append(int(folder.name))
        return found

    def wait_for(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """Return once the condition holds; fail when it does not in time."""
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, "waited in vain"
            time.sleep(0.01)


@pytest.fixture
def scripts(tmp_path: Path) -> Generator[Scripts]:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "programs").mkdir()
    made = Scripts(scratch=tmp_path / "scratch", programs=tmp_path / "programs", started=[])
    yield made
    for name in made.scratch.glob("run-*.pid"):
        made.run("stop", name.stem.removeprefix("run-"))
    for child in made.started:
        child.kill()
        child.communicate()

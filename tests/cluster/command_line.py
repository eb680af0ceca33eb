"""cniadvisor as a user has it: a program with an environment of its own, on the real cluster."""

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.api import Json, admin_api
from tests.cluster.state import Cluster

SHORT_SUITE = """\
name = "short"
tests = ["tcp", "tcp-multi"]
rounds = 3
max_rounds = 3
duration_s = 2
warm_up_s = 1
idle_s = 2
streams = 8
"""

OURS = "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dcniadvisor"


@dataclass(frozen=True)
class Ended:
    """How the program ended, and what it said."""

    code: int
    stdout: str
    stderr: str

    def report(self) -> dict[str, Any]:
        """The report whose path is the one line on stdout."""
        return tomllib.loads(Path(self.stdout.strip()).read_text())


@dataclass(frozen=True)
class CommandLine:
    """Runs cniadvisor against one cluster; its files go to ``home``."""

    cluster: Cluster
    home: Path
    image: str

    def environment(self) -> dict[str, str]:
        """The program's environment: nothing of the person who runs the tests leaks in."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        return kept | {"HOME": str(self.home), "KUBECONFIG": str(self.cluster.kubeconfig)}

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start it and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "cniadvisor", *arguments],
            env=self.environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def run(self, *arguments: str, **environment: str) -> Ended:
        """Run it to its end."""
        process = self.start(*arguments, **environment)
        stdout, stderr = process.communicate(timeout=300)
        return Ended(code=process.returncode, stdout=stdout, stderr=stderr)

    def bench(self, *arguments: str, **environment: str) -> Ended:
        """Run a short benchmark to its end."""
        return self.run(*self.bench_arguments(*arguments), **environment)

    def bench_arguments(self, *arguments: str) -> tuple[str, ...]:
        """A short benchmark that asks nothing."""
        suite = self.home / "short.toml"
        suite.write_text(SHORT_SUITE)
        begin = ("bench", "--headless", "--yes", "--image", self.image)
        return (*begin, "--suite", str(suite), *arguments)


def ours(cluster: Cluster) -> list[str]:
    """Everything in the cluster that carries our label, as kind and name."""
    api = admin_api(cluster)
    paths = {
        "namespace": "/api/v1/namespaces",
        "job": "/apis/batch/v1/jobs",
        "pod": "/api/v1/pods",
    }
    return [
        f"{kind} {_name(item)}"
        for kind, path in paths.items()
        for item in api.items(f"{path}?{OURS}")
    ]


def _name(item: Json) -> str:
    name: str = item["metadata"]["name"]
    return name

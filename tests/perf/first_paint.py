"""How long until something is seen, against a bare app of the same library; and what blocks.

The first paint is the moment a marker arrives on a pseudo-terminal. What counts is the CPU time the
process has taken until then, which the neighbours move little; runs of both alternate, and the
least of each is told.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cniadvisor.commands.saved.overview import save
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.core import Overview
from tests.perf.processes import ROOT, python

RUNS = 11
_DEADLINE_S = 30.0

BARE = """
from textual.app import App
from textual.widgets import Footer, Static
class Bare(App):
    def compose(self):
        yield Static("first-paint")
        yield Footer()
Bare().run()
"""

# Between two turns of the event loop no key is answered. What the process computes meanwhile, in
# whichever thread, is how long that takes on a machine of its own.
GAPS = """
import asyncio, sys, time
from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.options import AppOptions
async def watch(app):
    while not app.is_running:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    worst, until = 0.0, time.monotonic() + 8
    while time.monotonic() < until:
        before = time.process_time()
        await asyncio.sleep(0.005)
        worst = max(worst, time.process_time() - before)
    with open(sys.argv[1], "w") as file:
        file.write(str(worst))
    app.exit()
async def main():
    app = CniAdvisorApp(AppCore(Settings()), options=AppOptions())
    watching = asyncio.create_task(watch(app))
    await app.run_async()
    await watching
asyncio.run(main())
"""


def run() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        environment = _somebody_who_looked_before(home)
        bare: list[float] = []
        ours: list[float] = []
        for _ in range(RUNS):
            bare.append(_painted_ms(python(BARE), b"first-paint", environment))
            ours.append(_painted_ms([sys.executable, "-m", "cniadvisor"], b"flannel", environment))
        ratio = min(ours) / min(bare)
        print(f"bare app: {min(bare):.0f} ms of CPU until the first paint")
        print(f"cniadvisor: {ratio:.2f} x that, with what was seen last (goal: at most 1.3 x)")
        told = home / "gap"
        _to_the_end([*python(GAPS), str(told)], environment)
        worst_ms = 1000 * float(told.read_text())
        print(f"longest block while libraries load: {worst_ms:.0f} ms of CPU (goal: at most 100)")


def _somebody_who_looked_before(home: Path) -> dict[str, str]:
    """Make a home with a kubeconfig that leads nowhere and what was seen through it once."""
    config = home / ".kube" / "config"
    config.parent.mkdir()
    config.write_text(
        "current-context: dev\n"
        "contexts: [{name: dev, context: {cluster: dev, user: dev}}]\n"
        "clusters: [{name: dev, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "users: [{name: dev, user: {}}]\n"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color"}
    overview = Overview(
        context="dev",
        server="127.0.0.1:9",
        cluster_id="0",
        server_version="1.36.1",
        seen_at="2026-11-20T10:00:00+00:00",
        node_count=3,
        findings=Findings(primary=Component(name="flannel", mode="vxlan", mtu=1450)),
    )
    state = home / ".local" / "state" / "cniadvisor" / "overviews"
    save(overview, Settings(), state, environ=environment)
    return environment | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


def _painted_ms(command: list[str], marker: bytes, environment: dict[str, str]) -> float:
    deadline = time.monotonic() + _DEADLINE_S
    process, terminal = _started(command, environment)
    seen, spent_ms = b"", 0.0
    try:
        while marker not in seen and time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.5)[0]:
                spent_ms = _cpu_ms(process.pid)
                seen += os.read(terminal, 65536)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(terminal)
    if marker not in seen:
        raise RuntimeError(f"nothing was painted: {seen[-300:]!r}")
    return spent_ms


def _cpu_ms(pid: int) -> float:
    """Return what a process's threads have had of the CPU so far."""
    tasks = Path("/proc", str(pid), "task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def _to_the_end(command: list[str], environment: dict[str, str]) -> None:
    process, terminal = _started(command, environment)
    try:
        while process.poll() is None:
            if select.select([terminal], [], [], 0.5)[0]:
                try:
                    os.read(terminal, 65536)
                except OSError:  # the other end is closed
                    break
        process.wait(timeout=_DEADLINE_S)
    finally:
        process.kill()
        os.close(terminal)


def _started(
    command: list[str], environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", int]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    return process, ours

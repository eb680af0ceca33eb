"""Headless commands in a pseudo-terminal: signals before, at and after the question."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.fakeapi.server import FakeApi
from tests.unit.commands.in_a_terminal import terminal

BENCH = ("bench", "--headless", "--tests", "tcp", "--image", "example/image:1")
PROBE = ("probe", "policy", "--image", "example/image:1")


@pytest.mark.parametrize("words", [BENCH, PROBE], ids=" ".join)
async def test_ctrl_c_at_the_question_creates_nothing(
    api: FakeApi, tmp_path: Path, words: tuple[str, ...]
) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    async with terminal(*words, "--kubeconfig", str(config), home=tmp_path) as shown:
        await shown.until("[y/N]")
        await asyncio.sleep(1)  # nobody is quicker than the program, which has yet to read
        os.killpg(shown.process.pid, signal.SIGINT)
        assert await shown.end() == 130
        await shown.until("stopped; nothing was created")
        assert "Traceback" not in shown.text
    assert not [path for path, _ in api.created if "reviews" not in path]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
async def test_a_signal_while_a_silent_cluster_is_read(
    api: FakeApi, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    api.fault("/api/v1/nodes", delay_s=30, times=99)
    async with terminal(*BENCH, "--kubeconfig", str(config), home=tmp_path) as shown:
        async with asyncio.timeout(20):
            while not any(request.path == "/api/v1/nodes" for request in api.requests):
                await asyncio.sleep(0.02)
        shown.process.send_signal(number)
        assert await shown.end() == code
        await shown.until(f"stopped by {number.name}")
        assert "Traceback" not in shown.text


async def test_ctrl_c_cleans_up_though_nobody_reads_its_lines(api: FakeApi, tmp_path: Path) -> None:
    """As with ``2>&1 | tee log``: ctrl+c ends the reader, too, and first."""
    config = api.write_kubeconfig(tmp_path / "config")
    words = (*BENCH, "--yes", "--kubeconfig", str(config))
    async with terminal(*words, home=tmp_path) as shown:
        async with asyncio.timeout(30):
            while not any("jobs" in path for path, _ in api.created):
                await asyncio.sleep(0.02)
        shown.close()
        shown.process.send_signal(signal.SIGINT)
        assert await shown.end() == 130
    assert any("/namespaces/cniadvisor-" in path for path in api.deleted)

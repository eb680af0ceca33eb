"""Whatever ends a lab, nothing of it is left: no process, namespace, interface, mount."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cniadvisor.lab.rootfs import Tools
from tests.lab.traces import Traces, traces

ROOT = Path(__file__).parents[2]


@contextmanager
def held_lab() -> Generator["subprocess.Popen[bytes]"]:
    """A process that holds an open lab; it leads a process group, as under a terminal."""
    process = subprocess.Popen(
        # Who started the tests may ignore some signals, as nohup does; children would, too.
        ["env", "--default-signal", sys.executable, "-m", "tests.lab.holding"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            if process.stdout.readline() != b"open\n":
                raise AssertionError(process.stderr.read().decode())
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("whole_group", [False, True], ids=["alone", "group"])
def test_a_signal_to_the_owner_ends_all(
    tools: Tools, nothing_left: Traces, number: signal.Signals, whole_group: bool
) -> None:
    with held_lab() as process:
        assert len(traces().found - nothing_left.found) > 20
        (os.killpg if whole_group else os.kill)(process.pid, number)
        process.wait(timeout=20)
    assert nothing_left.new_within(5) == []


def test_a_killed_holder_ends_all_but_its_owner(tools: Tools, nothing_left: Traces) -> None:
    with held_lab() as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        (holder,) = [int(child) for child in children]
        os.kill(holder, signal.SIGKILL)
        # The descriptors of namespaces went with it, not with their owner.
        assert process.poll() is None
        still = {what for what in nothing_left.new_within(5) if not what.startswith("process")}
        assert still == set()


def test_a_stopped_owner_that_is_killed_leaves_nothing(tools: Tools, nothing_left: Traces) -> None:
    with held_lab() as process:
        process.send_signal(signal.SIGSTOP)
        process.kill()
        process.wait(timeout=10)
    assert nothing_left.new_within(5) == []

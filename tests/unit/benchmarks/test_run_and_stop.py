"""cniadvisor-run and cniadvisor-stop: nothing outlives its deadline or its stop."""

from __future__ import annotations

import secrets
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.benchmarks.conftest import Scripts

DEAF = 'trap "" TERM; '


@pytest.fixture
def nap() -> str:
    """Seconds that nobody else sleeps: the sleeps of a test are found by it."""
    return f"300.{secrets.randbelow(10**9):09}"


def test_output_input_and_status_are_the_commands_own(scripts: Scripts) -> None:
    done = scripts.run("run", "a", "10", "--", "sh", "-c", "cat; echo no >&2; exit 7", stdin="yes")
    assert (done.returncode, done.stdout, done.stderr) == (7, "yes", "no\n")
    assert list(scripts.scratch.iterdir()) == []


def test_arguments_arrive_as_they_are(scripts: Scripts) -> None:
    done = scripts.run("run", "a", "10", "--", "printf", "[%s]", "a b", "", "$HOME", "--", "-x")
    assert done.stdout == "[a b][][$HOME][--][-x]"


def test_what_cannot_be_found_or_executed_has_its_own_status(scripts: Scripts) -> None:
    assert scripts.run("run", "a", "10", "--", "/nowhere/nothing").returncode == 127
    assert scripts.run("run", "a", "10", "--", "/").returncode == 126


@pytest.mark.parametrize("command", ["sleep {}", DEAF + "sleep {}; sleep {}"])
def test_the_deadline_ends_it_with_124(scripts: Scripts, nap: str, command: str) -> None:
    began = time.monotonic()
    done = scripts.run("run", "a", "0.5", "--", "sh", "-c", command.replace("{}", nap))
    assert (done.returncode, done.stderr) == (124, "")
    assert 0.5 <= time.monotonic() - began < 6
    assert scripts.sleeping(nap) == []


def test_a_kill_from_elsewhere_is_not_taken_for_the_deadline(scripts: Scripts) -> None:
    assert scripts.run("run", "a", "60", "--", "sh", "-c", "kill -9 $$").returncode == 137


def test_what_the_command_leaves_behind_ends_with_it(scripts: Scripts, nap: str) -> None:
    # The file it writes to is its own: a pipe would keep us waiting for the sleep.
    command = f"sleep {nap} >/dev/null 2>&1 & exit 3"
    assert scripts.run("run", "a", "60", "--", "sh", "-c", command).returncode == 3
    scripts.wait_for(lambda: scripts.sleeping(nap) == [])


@pytest.mark.parametrize(
    "arguments", ["", "a 5 --", "a 5 sleep 1", "a 5s -- true", "../a 5 -- true"]
)
def test_a_wrong_call_starts_nothing(scripts: Scripts, arguments: str) -> None:
    done = scripts.run("run", *arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: cniadvisor-run")


def test_without_a_place_for_its_name_nothing_runs_on(scripts: Scripts, nap: str) -> None:
    scripts.scratch.rmdir()
    done = scripts.run("run", "a", "60", "--", "sleep", nap)
    assert done.returncode == 125
    assert f"cannot write {scripts.scratch}/run-a.pid" in done.stderr
    assert scripts.sleeping(nap) == []


def test_stop_ends_it_at_once(scripts: Scripts, nap: str) -> None:
    run = scripts.start("run", "a", "60", "--", "sleep", nap)
    scripts.wait_for(lambda: (scripts.scratch / "run-a.pid").exists())
    began = time.monotonic()
    assert scripts.run("stop", "a").returncode == 0
    assert time.monotonic() - began < 2
    assert scripts.sleeping(nap) == []
    assert run.wait(5) == 143
    assert not (scripts.scratch / "run-a.pid").exists()


@pytest.mark.parametrize(
    "command",
    [
        DEAF + "sleep {}; sleep {}",  # deaf itself
        f"({DEAF} sleep {{}}) & sleep {{}}",  # a grandchild outlives the child
        f"({DEAF} sleep {{}}; sleep {{}}) & exit 0",
    ],
)
def test_stop_ends_the_deaf_and_their_children(scripts: Scripts, nap: str, command: str) -> None:
    run = scripts.start("run", "a", "60", "--", "sh", "-c", command.replace("{}", nap))
    scripts.wait_for(lambda: (scripts.scratch / "run-a.pid").exists() or run.poll() is not None)
    assert scripts.run("stop", "a").returncode == 0
    assert scripts.sleeping(nap) == []
    run.wait(5)


@pytest.mark.parametrize("deaf", ["", DEAF])
def test_stop_ends_it_although_the_wrapper_was_killed(
    scripts: Scripts, nap: str, deaf: str
) -> None:
    run = scripts.start("run", "a", "60", "--", "sh", "-c", f"{deaf}sleep {nap}; sleep {nap}")
    scripts.wait_for(lambda: scripts.sleeping(nap) and (scripts.scratch / "run-a.pid").exists())
    run.kill()
    run.wait(5)
    assert scripts.sleeping(nap) != []  # a broken connection ends nothing by itself
    assert scripts.run("stop", "a").returncode == 0
    assert scripts.sleeping(nap) == []
    assert not (scripts.scratch / "run-a.pid").exists()


def test_the_deadline_holds_although_the_wrapper_was_killed(scripts: Scripts, nap: str) -> None:
    run = scripts.start("run", "a", "1", "--", "sleep", nap)
    scripts.wait_for(lambda: scripts.sleeping(nap))
    run.kill()
    scripts.wait_for(lambda: scripts.sleeping(nap) == [])


def test_term_to_the_wrapper_reaches_the_command(scripts: Scripts, nap: str) -> None:
    run = scripts.start(
        "run", "a", "60", "--", "sh", "-c", f"trap 'exit 9' TERM; sleep {nap} & wait"
    )
    scripts.wait_for(lambda: scripts.sleeping(nap) and (scripts.scratch / "run-a.pid").exists())
    run.send_signal(signal.SIGTERM)
    assert run.wait(5) == 9
    assert scripts.sleeping(nap) == []


def test_stop_of_nothing_is_no_failure(scripts: Scripts) -> None:
    assert scripts.run("stop", "never").returncode == 0
    assert scripts.run("run", "a", "5", "--", "true").returncode == 0
    assert scripts.run("stop", "a").returncode == 0


def test_what_was_stopped_before_it_began_does_not_begin(scripts: Scripts, nap: str) -> None:
    assert scripts.run("stop", "a").returncode == 0
    began = time.monotonic()
    assert scripts.run("run", "a", "60", "--", "sleep", nap).returncode == 143
    assert time.monotonic() - began < 2
    assert scripts.sleeping(nap) == []


def test_stop_ends_only_its_own_run(scripts: Scripts, nap: str) -> None:
    scripts.start("run", "a", "60", "--", "sleep", nap)
    scripts.start("run", "b", "60", "--", "sleep", nap)
    scripts.wait_for(lambda: len(scripts.sleeping(nap)) == 2)
    scripts.wait_for(lambda: (scripts.scratch / "run-a.pid").exists())
    assert scripts.run("stop", "a").returncode == 0
    assert len(scripts.sleeping(nap)) == 1
    assert scripts.run("stop", "b").returncode == 0


@pytest.mark.parametrize("arguments", ["", "a b", "../a"])
def test_a_wrong_stop_is_refused(scripts: Scripts, arguments: str) -> None:
    done = scripts.run("stop", *arguments.split())
    assert done.returncode == 2
    assert "cniadvisor-stop" in done.stderr


def test_idle_ends_on_term_and_leaves_nothing(scripts: Scripts) -> None:
    idle = scripts.start("idle")
    time.sleep(0.3)
    assert idle.poll() is None
    idle.send_signal(signal.SIGTERM)
    assert idle.wait(0.5) == 0

"""cniadvisor-sampler: true figures at a steady pace, for next to no CPU."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cniadvisor.resources import benchmarks

if TYPE_CHECKING:
    from tests.unit.benchmarks.conftest import Scripts

SCRIPT = benchmarks() / "image" / "cniadvisor-sampler"
PERL_BASE = {"strict", "warnings", "Config", "POSIX", "constant"}


@pytest.fixture
def node(scripts: Scripts, tmp_path: Path) -> Path:
    """A network card of our own: its counters are files that a test writes."""
    scripts.stand_in(
        "ip", 'echo "$@" >&2; echo "192.0.2.8 dev eth7 src 192.0.2.7 uid 0 \\\\ cache"'
    )
    card = tmp_path / "net" / "eth7"
    (card / "statistics").mkdir(parents=True)
    (card / "mtu").write_text("1450\n")
    (card / "statistics" / "rx_bytes").write_text("1000\n")
    (card / "statistics" / "tx_bytes").write_text("18446744073709551615\n")
    return card


def sampled(scripts: Scripts, tmp_path: Path, lines: int) -> list[dict[str, Any]]:
    sampler = scripts.start("sampler", "192.0.2.8", CNIADVISOR_SYS_NET=str(tmp_path / "net"))
    assert sampler.stdout is not None
    return [json.loads(sampler.stdout.readline()) for _ in range(lines)]


def test_lines_are_as_agreed(scripts: Scripts, node: Path, tmp_path: Path) -> None:
    head, *samples = sampled(scripts, tmp_path, 6)
    assert (head["sampler"], head["interface"], head["mtu"]) == (1, "eth7", 1450)
    assert set(head) == {"sampler", "interface", "mtu", "cpu_model"}
    assert [set(sample) for sample in samples[1:4:2]] == [{"t", "rx", "tx"}] * 2
    for detailed in (samples[0], samples[2], samples[4]):
        assert set(detailed) == {"t", "rx", "tx", "cpu", "hz", "mem", "self"}
        assert len(detailed["cpu"]) == 1 + (os.cpu_count() or 0)
        assert all(len(core) == 8 for core in detailed["cpu"])
        assert detailed["hz"] == os.sysconf("SC_CLK_TCK")
        assert 0 < detailed["mem"][1] < detailed["mem"][0]
    assert {(sample["rx"], sample["tx"]) for sample in samples} == {(1000, 2**64 - 1)}


def test_counters_are_read_anew_each_time(scripts: Scripts, node: Path, tmp_path: Path) -> None:
    sampler = scripts.start("sampler", "192.0.2.8", CNIADVISOR_SYS_NET=str(tmp_path / "net"))
    assert sampler.stdout is not None
    sampler.stdout.readline()
    assert json.loads(sampler.stdout.readline())["rx"] == 1000
    # In place, as the kernel does: the sampler keeps the file open.
    with (node / "statistics" / "rx_bytes").open("r+") as counter:
        counter.write("999999\n")
    seen = [json.loads(sampler.stdout.readline())["rx"] for _ in range(2)]
    assert seen[-1] == 999999


def test_ticks_are_those_of_the_machine(scripts: Scripts, node: Path, tmp_path: Path) -> None:
    def of_the_machine() -> list[int]:
        return [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]

    before = of_the_machine()
    ticks = sampled(scripts, tmp_path, 2)[1]["cpu"][0]
    after = of_the_machine()
    # iowait (4) may go down: the kernel says so itself.
    assert all(
        b <= t <= a for i, (b, t, a) in enumerate(zip(before, ticks, after, strict=True)) if i != 4
    )


def test_whoever_was_held_up_skips_but_keeps_the_pace(
    scripts: Scripts, node: Path, tmp_path: Path
) -> None:
    sampler = scripts.start("sampler", "192.0.2.8", CNIADVISOR_SYS_NET=str(tmp_path / "net"))
    assert sampler.stdout is not None
    sampler.stdout.readline()
    first = json.loads(sampler.stdout.readline())["t"]
    sampler.send_signal(signal.SIGSTOP)
    time.sleep(0.9)
    sampler.send_signal(signal.SIGCONT)
    later = [json.loads(sampler.stdout.readline())["t"] for _ in range(4)]
    gaps = [b - a for a, b in itertools.pairwise(later)]
    assert later[-1] - first > 0.9
    assert min(gaps) >= 0.12  # half a period: no burst of lines to catch up


def test_without_a_route_there_is_no_interface(scripts: Scripts, tmp_path: Path) -> None:
    scripts.stand_in("ip", "echo 'RTNETLINK answers: Network is unreachable' >&2; exit 2")
    head, sample = sampled(scripts, tmp_path, 2)
    assert (head["interface"], head["mtu"]) == (None, None)
    assert (sample["rx"], sample["tx"]) == (None, None)
    assert len(sample["cpu"]) > 1


def test_without_a_peer_there_is_no_interface(scripts: Scripts, node: Path) -> None:
    sampler = scripts.start("sampler", "", CNIADVISOR_SYS_NET=str(node.parent))
    assert sampler.stdout is not None
    assert json.loads(sampler.stdout.readline())["interface"] is None


def test_without_ip_there_is_no_interface(scripts: Scripts, tmp_path: Path) -> None:
    sampler = scripts.start("sampler", "192.0.2.8", PATH=str(tmp_path))
    assert sampler.stdout is not None
    assert json.loads(sampler.stdout.readline())["interface"] is None


def test_an_interface_that_vanishes_leaves_the_rest(
    scripts: Scripts, node: Path, tmp_path: Path
) -> None:
    (node / "statistics" / "rx_bytes").unlink()
    (node / "mtu").unlink()
    head, sample = sampled(scripts, tmp_path, 2)
    assert (head["interface"], head["mtu"]) == ("eth7", None)
    assert (sample["rx"], sample["tx"]) == (None, 2**64 - 1)


@pytest.mark.parametrize(
    ("cpuinfo", "model"),
    [
        (
            "processor\t: 0\nmodel\t\t: 106\nmodel name\t: Intel(R) Xeon(R)  6338 @ 2.00GHz \n"
            "cpu MHz\t\t: 2000\nprocessor\t: 1\nmodel name\t: other\n",
            "Intel(R) Xeon(R)  6338 @ 2.00GHz",
        ),
        ('model name\t: a "\\" \x1b[2J\u202eb\n', 'a "\\" [2Jb'),
        ("processor\t: 0\ncpu\t\t: POWER9 (architected)\n", "POWER9 (architected)"),
        (
            "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n",
            "CPU implementer 0x41, part 0xd0c",
        ),
        ("processor\t: 0\nmodel name\t: \n", None),
        ("", None),
        (None, None),
    ],
)
def test_the_cpu_is_named_as_the_kernel_names_it(
    scripts: Scripts, node: Path, tmp_path: Path, cpuinfo: str | None, model: str | None
) -> None:
    file = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        file.write_text(cpuinfo)
    sampler = scripts.start(
        "sampler", "", CNIADVISOR_SYS_NET=str(node.parent), CNIADVISOR_CPUINFO=str(file)
    )
    assert sampler.stdout is not None
    assert json.loads(sampler.stdout.readline())["cpu_model"] == model


def test_the_route_to_the_peer_is_what_is_asked_for(scripts: Scripts, node: Path) -> None:
    sampler = scripts.start("sampler", "2001:db8::7", CNIADVISOR_SYS_NET=str(node.parent))
    assert sampler.stdout is not None
    assert sampler.stderr is not None
    sampler.stdout.readline()
    assert sampler.stderr.readline() == "-o route get 2001:db8::7\n"


@pytest.mark.parametrize("arguments", [[], ["a b"], ["-h"], ["192.0.2.8", "more"]])
def test_a_wrong_call_is_refused(scripts: Scripts, arguments: list[str]) -> None:
    done = scripts.run("sampler", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: cniadvisor-sampler" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told(
    scripts: Scripts, node: Path, tmp_path: Path, number: signal.Signals
) -> None:
    sampler = scripts.start("sampler", "192.0.2.8", CNIADVISOR_SYS_NET=str(tmp_path / "net"))
    assert sampler.stdout is not None
    sampler.stdout.readline()
    began = time.monotonic()
    sampler.send_signal(number)
    assert sampler.wait(5) == 0
    assert time.monotonic() - began < 0.5


@pytest.fixture(scope="module")
def four_seconds() -> list[dict[str, Any]]:
    """What the sampler says of this machine in its first four seconds."""
    sampler = subprocess.Popen([str(SCRIPT), "127.0.0.1"], stdout=subprocess.PIPE, text=True)
    try:
        assert sampler.stdout is not None
        _, *samples = [json.loads(sampler.stdout.readline()) for _ in range(2 + 4 * 4)]
    finally:
        sampler.terminate()
        sampler.communicate()
    return samples


def test_time_is_monotonic_and_does_not_drift(four_seconds: list[dict[str, Any]]) -> None:
    times = [sample["t"] for sample in four_seconds]
    assert times == sorted(times)
    assert times[-1] < time.clock_gettime(time.CLOCK_MONOTONIC) < times[-1] + 60
    # Late by up to a scheduling delay, but never later and later, and never early.
    late = [(t - times[0]) % 0.25 for t in times]
    assert min(late[-8:]) < 0.1
    assert times[-1] - times[0] == pytest.approx(0.25 * 16, abs=0.6)


def test_it_takes_at_most_half_a_per_cent_of_a_core(four_seconds: list[dict[str, Any]]) -> None:
    first, last = four_seconds[0], four_seconds[-1]
    assert 0 < last["self"] - first["self"] <= 0.005 * (last["t"] - first["t"])


def test_it_needs_only_what_debians_perl_base_has() -> None:
    used = {
        words[1].rstrip(";")
        for line in SCRIPT.read_text().splitlines()
        if (words := line.split())[:1] == ["use"]
    }
    assert used == PERL_BASE

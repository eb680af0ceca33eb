"""``cniadvisor lab`` as called: by root, an ordinary user, with a bad cache, interrupted."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest

from cniadvisor.domain.events import Outcome
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.report import Report
from cniadvisor.lab.rootfs import Tools
from cniadvisor.report.toml_file import read
from cniadvisor.stats.pairing import latest_attempts
from tests.lab.traces import traces

ROOT = Path(__file__).parents[2]
NOBODY = 65534
AS_NOBODY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=-all", "--ambient-caps=-all"),
)

SYSTEM_PYTHON = Path("/usr/bin/python3")

SHORT_SUITE = """\
name = "short"
tests = [
    "tcp", "tcp-multi", "udp", "http", "http-latency", "ftp", "scp", "latency-tcp", "latency-udp",
]
rounds = 1
max_rounds = 1
duration_s = 1
warm_up_s = 1
idle_s = 1
streams = 2
"""


@pytest.fixture
def home() -> Generator[Path]:
    """A folder that anybody may use, as the home of whoever runs the lab."""
    with tempfile.TemporaryDirectory(prefix="cniadvisor-lab-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "short.toml").write_text(SHORT_SUITE)
        for child in ("out", "work"):
            (folder / child).mkdir()
            os.chown(folder / child, NOBODY, NOBODY)
        yield folder


@pytest.fixture
def copied_cache(home: Path, tools: Tools) -> Path:
    """The tools in another cache folder, all of it an ordinary user's."""
    cache = home / "cache"
    place = cache / "cniadvisor/lab-tools"
    place.mkdir(parents=True)
    entry = tools.root.parent
    subprocess.run(["cp", "-a", str(entry), str(place)], check=True)
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(cache)], check=True)
    return cache


@pytest.fixture(scope="session")
def anybodys_python() -> Mapping[str, str]:
    """Return what an ordinary user runs us with: our interpreter may lie in root's home."""
    packages = Path(pytest.__file__).parents[1]
    same = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import sys; print(sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    if same.stdout.strip() != str(sys.version_info[:2]):
        pytest.skip(f"needs {SYSTEM_PYTHON} of the version that runs the tests")
    return {"PYTHON": str(SYSTEM_PYTHON), "PYTHONPATH": str(packages)}


def environment(home: Path, **changes: str) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home / "work"),
        "CNIADVISOR_CONFIG": os.devnull,
        "PYTHONDONTWRITEBYTECODE": "1",
        **changes,
    }


def command(home: Path, *arguments: str, python: str = sys.executable) -> list[str]:
    return [
        python,
        "-m",
        "cniadvisor",
        "lab",
        "--headless",
        *("--suite", str(home / "short.toml"), "--out", str(home / "out")),
        *arguments,
    ]


def run(
    argv: list[str], env: Mapping[str, str], *, prefix: tuple[str, ...] = ()
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*prefix, *argv],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def reports(done: "subprocess.CompletedProcess[str]") -> list[Report]:
    return [read(Path(line)) for line in done.stdout.splitlines()]


@pytest.mark.timeout(300)
def test_root_measures_two_wirings(home: Path, tools: Tools) -> None:
    cache = str(tools.root.parents[3])
    arguments = ("--repeats", "3", "--tests", "tcp", "--seed", "7", "--record", f"{home}/out")
    done = run(command(home, *arguments), environment(home, XDG_CACHE_HOME=cache))
    assert done.returncode == 0, done.stderr
    vxlan, host_gw = reports(done)
    for report, mtu in ((vxlan, 1450), (host_gw, 1500)):
        assert report.run.outcome is Outcome.COMPLETE
        assert report.target.kind == "lab"
        assert report.plan.seed == 7
        assert {path.path: path.mtu for path in report.paths} == {
            PathName.POD: mtu,
            PathName.HOST: 1500,
        }
        assert all(comparison.ratio is not None for comparison in report.comparisons)
        assert report.target.image.startswith("tools of Debian trixie, ")
    assert vxlan.findings.primary is not None
    assert vxlan.findings.primary.name == "kernel dataplane wired as Flannel, VXLAN"
    assert "flannel-host-gw: " in done.stderr
    assert "- TCP: flannel-vxlan " in done.stderr
    assert len(list((home / "out").glob("*.jsonl"))) == 2


@pytest.mark.timeout(300)
def test_an_ordinary_user_measures_everything(
    home: Path, copied_cache: Path, anybodys_python: Mapping[str, str]
) -> None:
    env = environment(home, XDG_CACHE_HOME=str(copied_cache), **anybodys_python)
    argv = command(home, "--wiring", "flannel-vxlan", python=env["PYTHON"])
    done = run(argv, env, prefix=AS_NOBODY)
    assert done.returncode == 0, done.stderr
    (report,) = reports(done)
    assert report.run.outcome is Outcome.COMPLETE
    # On a busy machine a trial may fail, and is tried again.
    told = [*latest_attempts(report.trials)]
    assert [f"{trial.id}: {trial.failure}" for trial in told if trial.failure] == []
    tests = set(TestName) - {TestName.UDP_MAX}
    assert {(trial.id.test, trial.id.path) for trial in told} == {*product(tests, PathName)}
    for trial in told:
        assert trial.value is not None
        assert trial.nic is not None
        assert trial.nic.interface == "eth0"
        assert trial.nic.crossed, "the traffic did not cross the wire between the nodes"
    # On a busy machine a short trial may hold no whole interval of the samplers.
    assert sum(bool(trial.load) for trial in told) > len(told) / 4
    mtus = {path.path: path.mtu for path in report.paths}
    assert mtus == {PathName.POD: 1450, PathName.HOST: 1500}
    assert [nic.mtu for nic in report.nics] == [1500, 1500]
    codes = {warning.code for warning in report.warnings}
    assert "one-machine" in codes
    assert not {code for code in codes if code.startswith("no-")}
    assert [step.error for step in report.cleanup] == [None]


@pytest.mark.timeout(300)
def test_other_wirings_work_for_an_ordinary_user_too(
    home: Path, copied_cache: Path, anybodys_python: Mapping[str, str]
) -> None:
    env = environment(home, XDG_CACHE_HOME=str(copied_cache), **anybodys_python)
    arguments = ("--wiring", "flannel-host-gw,calico-routed,calico-vxlan,canal", "--wire", "1gbit")
    argv = command(home, *arguments, "--tests", "tcp", python=env["PYTHON"])
    done = run(argv, env, prefix=AS_NOBODY)
    assert done.returncode == 0, done.stderr
    assert len(reports(done)) == 4


@pytest.mark.timeout(120)
def test_tools_on_a_read_only_disk_are_used(
    home: Path, copied_cache: Path, anybodys_python: Mapping[str, str]
) -> None:
    subprocess.run(["mount", "--bind", str(copied_cache), str(copied_cache)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(copied_cache)], check=True)
        env = environment(home, XDG_CACHE_HOME=str(copied_cache), **anybodys_python)
        argv = command(home, "--wiring", "flannel-host-gw", "--tests", "tcp", python=env["PYTHON"])
        for prefix in ((), AS_NOBODY):
            done = run(argv, env, prefix=prefix)
            assert done.returncode == 0, done.stderr
    finally:
        subprocess.run(["umount", str(copied_cache)], check=True)


def test_a_read_only_home_is_told_in_words(home: Path) -> None:
    work = home / "work"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(work)], check=True)
    try:
        done = run(command(home), environment(home))
    finally:
        subprocess.run(["umount", str(work)], check=True)
    assert done.returncode == 2
    assert "the lab's tools can't be kept in" in done.stderr
    assert "read-only file system" in done.stderr
    assert "XDG_CACHE_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_small_disk_is_told_in_words(home: Path) -> None:
    work = home / "work"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(work)], check=True)
    try:
        done = run(command(home), environment(home))
        left = [path.name for path in work.rglob("*") if path.is_file()]
    finally:
        subprocess.run(["umount", str(work)], check=True)
    assert done.returncode == 2
    assert "MB free, and making the lab's tools takes" in done.stderr
    assert left == [".lock"]


@contextmanager
def started(argv: list[str], env: Mapping[str, str]) -> Generator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        argv,
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.timeout(120)
def test_ctrl_c_keeps_what_was_measured_and_leaves_nothing(home: Path, tools: Tools) -> None:
    env = environment(home, XDG_CACHE_HOME=str(tools.root.parents[3]))
    with started(command(home, "--repeats", "50", "--tests", "tcp"), env) as process:
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            if "(round 2 of" in line:
                break
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        printed, rest = process.communicate(timeout=30)
        assert time.monotonic() - began < 10
    assert process.returncode == 130, "".join(said) + rest
    kept = [read(Path(line)) for line in printed.splitlines()]
    assert kept
    assert {report.run.outcome for report in kept} == {Outcome.PARTIAL}
    assert "stopped by SIGINT" in rest
    assert not any("lab-tools" in one for one in traces().found)


def test_without_apt_it_says_what_to_install(home: Path) -> None:
    programs = home / "bin"
    programs.mkdir()
    done = run(command(home), environment(home, PATH=str(programs)))
    assert done.returncode == 2
    assert "apt-get, apt-config, dpkg-deb is missing" in done.stderr
    assert "cniadvisor replay" in done.stderr


def test_without_user_namespaces_an_ordinary_user_is_told(
    home: Path, copied_cache: Path, anybodys_python: Mapping[str, str]
) -> None:
    """In a user namespace of its own the number of nested ones can be limited to none."""
    inside = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
    limited = ("unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", inside, "sh")
    env = environment(home, XDG_CACHE_HOME=str(copied_cache), **anybodys_python)
    argv = command(home, "--tests", "tcp", python=env["PYTHON"])
    done = run(argv, env, prefix=(*AS_NOBODY, *limited))
    assert done.returncode == 2, done.stderr
    assert "this machine allows no lab: the setting user.max_user_namespaces" in done.stderr
    assert "sysctl -w user.max_user_namespaces=1000" in done.stderr


@pytest.mark.timeout(120)
def test_a_delay_is_added_or_the_kernel_that_cannot_is_named(home: Path, tools: Tools) -> None:
    env = environment(home, XDG_CACHE_HOME=str(tools.root.parents[3]))
    arguments = ("--wiring", "flannel-host-gw", "--tests", "latency-tcp", "--delay", "5")
    done = run(command(home, *arguments), env)
    if done.returncode == 0:
        (report,) = reports(done)
        assert all(trial.value is not None and trial.value > 5000 for trial in report.trials)
    else:
        assert done.returncode == 2, done.stderr
        assert "it lacks netem (CONFIG_NET_SCH_NETEM)" in done.stderr
        assert "leave --delay away" in done.stderr


def test_a_cache_that_nothing_can_be_run_from_is_told_in_words(
    home: Path, copied_cache: Path
) -> None:
    subprocess.run(["mount", "--bind", str(copied_cache), str(copied_cache)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,noexec,bind", str(copied_cache)], check=True)
        done = run(command(home), environment(home, XDG_CACHE_HOME=str(copied_cache)))
    finally:
        subprocess.run(["umount", str(copied_cache)], check=True)
    assert done.returncode == 2
    assert "is mounted noexec" in done.stderr

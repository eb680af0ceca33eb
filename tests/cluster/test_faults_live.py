"""What goes wrong for users: a clear sentence, the documented exit code, nothing left."""

import json
import signal
import subprocess
import time
import tomllib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import faults
from tests.cluster.api import admin_api
from tests.cluster.cni import ready_nodes
from tests.cluster.command_line import CommandLine, ours
from tests.cluster.kubeconfig import kubeconfig_for
from tests.cluster.listening import Listening
from tests.cluster.state import Cluster

pytestmark = pytest.mark.cluster

CLUSTER = "the cluster's name"
LONG = ("--tests", "tcp", "--repeats", "20", "--duration", "3")
READING = [
    {
        "apiGroups": ["", "apps", "apiextensions.k8s.io", "batch"],
        "resources": ["*"],
        "verbs": ["get", "list", "watch"],
    }
]


def no_traceback(stderr: str) -> None:
    assert "Traceback" not in stderr
    assert "internal error" not in stderr


def eventually(check: Callable[[], bool], *, within_s: float, what: str) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.2)
    pytest.fail(f"not within {within_s:g} s: {what}")


def mid_trial(process: subprocess.Popen[str]) -> str:
    """Read stderr until the first trial has finished; return what was said."""
    said = ""
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        if "round 1" in line:
            return said
    pytest.fail(f"it ended before its first trial:\n{said}")


def test_a_signal_keeps_what_was_measured_and_cleans_up(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    # ctrl+c; the other signals and their codes are tried without a cluster, too.
    out = tmp_path / "partial.toml"
    process = cniadvisor.start(*cniadvisor.bench_arguments(*LONG, "--out", str(out)))
    mid_trial(process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == 130, stderr
    no_traceback(stderr)
    report = tomllib.loads(out.read_text())
    assert report["run"]["outcome"] == "partial"
    assert report["trials"]
    assert ours(flannel_cluster) == []


def test_a_killed_run_is_found_and_removed(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    """A process started by exec outlives its client, so it carries its own deadline."""
    process = cniadvisor.start(*cniadvisor.bench_arguments(*LONG))
    mid_trial(process)
    process.kill()
    process.communicate(timeout=10)
    left = ours(flannel_cluster)
    assert len([thing for thing in left if thing.startswith("job")]) == 4
    jobs = admin_api(flannel_cluster).items("/apis/batch/v1/jobs")
    for job in [job for job in jobs if job["metadata"]["name"].startswith("cniadvisor-")]:
        assert job["spec"]["activeDeadlineSeconds"] < 3600, "it ends by itself"
        assert job["spec"]["ttlSecondsAfterFinished"] <= 600, "and goes by itself"
    eventually(
        lambda: not clients_in_pods(flannel_cluster),
        within_s=30,
        what="no iperf3 client runs any more",
    )

    spared = cniadvisor.run("cleanup")
    assert spared.code == 0, spared.stderr
    assert ours(flannel_cluster) == left, "a run that may be alive is left alone"

    run_id = left[0].removeprefix("namespace cniadvisor-")
    ended = cniadvisor.run("cleanup", "--run", run_id)
    assert ended.code == 0, ended.stderr
    assert ours(flannel_cluster) == []


def clients_in_pods(cluster: Cluster) -> list[str]:
    """The iperf3 clients that run on this machine in the cluster's cgroups."""
    found: list[str] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "cmdline").read_bytes()
            cgroup = (folder / "cgroup").read_text()
        except OSError:
            continue
        if line.startswith(b"iperf3\0--client") and cluster.name in cgroup:
            found.append(folder.name)
    return found


def test_the_api_server_going_away_in_mid_run(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    out = tmp_path / "partial.toml"
    process = cniadvisor.start(*cniadvisor.bench_arguments(*LONG, "--out", str(out)))
    said = mid_trial(process)
    faults.forwarder_stop(flannel_cluster)
    try:
        _, stderr = process.communicate(timeout=240)
    finally:
        faults.forwarder_start(flannel_cluster)
    no_traceback(stderr)
    assert process.returncode == 6, said + stderr
    assert "cniadvisor cleanup --run" in stderr
    assert tomllib.loads(out.read_text())["run"]["outcome"] == "partial"
    assert cniadvisor.run("cleanup", "--all").code == 0
    assert ours(flannel_cluster) == []


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "words"),
    [
        (("detect",), {"KUBECONFIG": "/nonexistent/config"}, 2, "/nonexistent/config"),
        (("--context", "nope", "detect"), {}, 2, "nope"),
        (("detect", "--context", "nope"), {}, 2, CLUSTER),
        (("bench", "--headless", "--suite", "quikc"), {}, 2, "quick"),
        (("bench", "--headless", "--tests", "tpc"), {}, 2, "tcp"),
        (("bench", "--headless", "--yes", "--client-node", "node9"), {}, 2, "node9"),
        (("bench", "--headless"), {}, 2, "--yes"),
        (("bench",), {}, 2, "--headless"),
        (("bench", "--headless", "--read-only", "--yes"), {}, 2, "--read-only"),
        (("detect", "--wrong"), {}, 2, "--wrong"),
        (("show", "/nonexistent.toml"), {}, 2, "/nonexistent.toml"),
    ],
    ids=str,
)
def test_wrong_use_says_what_is_wrong(
    cniadvisor: CommandLine,
    flannel_cluster: Cluster,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    code: int,
    words: str,
) -> None:
    if "bench" in arguments:
        arguments = (*arguments, "--image", cniadvisor.image)
    ended = cniadvisor.run(*arguments, **environment)
    assert ended.code == code, ended.stderr
    assert (flannel_cluster.name if words == CLUSTER else words) in ended.stderr
    assert ended.stdout == ""
    no_traceback(ended.stderr)
    assert ours(flannel_cluster) == []


def changed_kubeconfig(cluster: Cluster, target: Path, change: Callable[[Any], None]) -> Path:
    content = json.loads(cluster.kubeconfig.read_text())
    change(content)
    target.write_text(json.dumps(content))
    return target


def test_an_unreachable_api_server(cniadvisor: CommandLine, tmp_path: Path) -> None:
    def elsewhere(content: Any) -> None:
        content["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"

    file = changed_kubeconfig(cniadvisor.cluster, tmp_path / "config", elsewhere)
    for command in (("detect",), cniadvisor.bench_arguments(), ("cleanup",)):
        ended = cniadvisor.run(*command, KUBECONFIG=str(file))
        assert ended.code == 3, ended.stderr
        assert "127.0.0.1:1" in ended.stderr
        no_traceback(ended.stderr)


def test_an_expired_token(cniadvisor: CommandLine, tmp_path: Path) -> None:
    def old_token(content: Any) -> None:
        content["users"][0]["user"] = {"token": "secret-token-value"}

    file = changed_kubeconfig(cniadvisor.cluster, tmp_path / "config", old_token)
    ended = cniadvisor.run("detect", KUBECONFIG=str(file))
    assert ended.code == 3, ended.stderr
    assert "secret-token-value" not in ended.stderr + ended.stdout
    no_traceback(ended.stderr)


def test_a_missing_right_is_named_before_anything_is_made(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    file = kubeconfig_for(flannel_cluster, "reader", READING)
    ended = cniadvisor.bench(KUBECONFIG=str(file))
    assert ended.code == 3, ended.stderr
    assert "create" in ended.stderr
    assert "namespaces" in ended.stderr
    no_traceback(ended.stderr)
    assert ours(flannel_cluster) == []


def test_the_rights_that_rbac_prints_are_enough(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    yaml = pytest.importorskip("yaml")
    printed = cniadvisor.run("rbac")
    assert printed.code == 0, printed.stderr
    rules = [
        rule
        for document in yaml.safe_load_all(printed.stdout)
        if document and document["kind"] == "ClusterRole"
        for rule in document["rules"]
    ]
    file = kubeconfig_for(flannel_cluster, "bencher", rules)
    ended = cniadvisor.bench(
        "--tests", "tcp", "--repeats", "1", "--duration", "1", KUBECONFIG=str(file)
    )
    assert ended.code == 0, ended.stderr
    assert ours(flannel_cluster) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    left = {str(path) for path in files} - {str(tmp_path / "short.toml")}
    assert left == {ended.stdout.strip()}, "the report is all that is left on disk"


def test_an_image_that_cannot_be_pulled(cniadvisor: CommandLine, flannel_cluster: Cluster) -> None:
    ended = cniadvisor.run("bench", "--headless", "--yes", "--image", "localhost/not-there:1")
    assert ended.code == 5, ended.stderr
    assert "localhost/not-there:1" in ended.stderr
    assert "cniadvisor image load" in ended.stderr
    no_traceback(ended.stderr)
    assert ours(flannel_cluster) == []


def test_no_image_at_all_names_the_two_commands(cniadvisor: CommandLine) -> None:
    ended = cniadvisor.run("bench", "--headless", "--yes")
    assert ended.code == 2, ended.stderr
    assert "cniadvisor image build" in ended.stderr
    assert "cniadvisor image load" in ended.stderr


def test_a_report_that_cannot_be_written_is_told_before_the_run(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    ended = cniadvisor.bench("--out", "/proc/report.toml")
    assert ended.code == 2, ended.stderr
    assert "/proc/report.toml" in ended.stderr
    assert ours(flannel_cluster) == []


def test_a_protected_context_wants_its_name(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    def production(content: Any) -> None:
        content["contexts"][0]["name"] = content["current-context"] = "eu-prod-1"

    file = str(changed_kubeconfig(flannel_cluster, tmp_path / "config", production))
    short = ("--tests", "tcp", "--repeats", "1", "--duration", "1")
    refused = cniadvisor.bench(*short, KUBECONFIG=file)
    assert refused.code == 2, refused.stderr
    assert "--confirm-context eu-prod-1" in refused.stderr
    other = cniadvisor.bench(*short, "--confirm-context", "eu-prod-2", KUBECONFIG=file)
    assert other.code == 2, other.stderr
    assert ours(flannel_cluster) == []
    agreed = cniadvisor.bench(*short, "--confirm-context", "eu-prod-1", KUBECONFIG=file)
    assert agreed.code == 0, agreed.stderr


@pytest.fixture
def one_node(flannel_cluster: Cluster) -> Generator[None]:
    cordon(flannel_cluster, "node2", True)
    yield
    cordon(flannel_cluster, "node2", False)


def cordon(cluster: Cluster, node: str, unschedulable: bool) -> None:
    admin_api(cluster).apply(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": node},
            "spec": {"unschedulable": unschedulable},
        }
    )


@pytest.mark.usefixtures("one_node")
def test_one_node_is_too_few(cniadvisor: CommandLine, flannel_cluster: Cluster) -> None:
    ended = cniadvisor.bench()
    assert ended.code == 2, ended.stderr
    assert "node2 cordoned" in ended.stderr
    assert ours(flannel_cluster) == []


def test_a_node_going_not_ready_stops_the_run(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    out = tmp_path / "partial.toml"
    process = cniadvisor.start(*cniadvisor.bench_arguments(*LONG, "--out", str(out)))
    with Listening(process) as run:
        behind = run.until("round 1")
        faults.stop_node(flannel_cluster, "node2")
        try:
            # The run gives up by itself; a node that stayed away would hold the clean-up for 60 s.
            run.until("Clean-up", after=behind)
        finally:
            faults.start_node(flannel_cluster, "node2")
        ended = run.to_the_end()
    no_traceback(ended.stderr)
    assert "node node2 is not ready" in ended.stderr
    assert ended.code == 5, ended.stderr
    assert tomllib.loads(out.read_text())["run"]["outcome"] == "partial"
    assert ours(flannel_cluster) == []
    api = admin_api(flannel_cluster)
    eventually(lambda: ready_nodes(api) == 2, within_s=60, what="both nodes are Ready again")


def test_rubbish_in_names_does_not_reach_the_terminal(cniadvisor: CommandLine) -> None:
    ended = cniadvisor.bench("--client-node", "no\x1b]0;title\x07de")
    assert ended.code == 2, ended.stderr
    assert "\x1b" not in ended.stderr
    assert "\x07" not in ended.stderr


def test_a_closed_stdout_is_no_error(cniadvisor: CommandLine) -> None:
    process = cniadvisor.start("detect", "--output", "json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        no_traceback(process.stderr.read())
    process.wait(timeout=30)
    assert process.returncode == 0

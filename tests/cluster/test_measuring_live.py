"""The measuring core on the real cluster: every protocol, and what goes wrong in mid-trial."""

import signal
import time
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import faults, network, pod_processes
from tests.cluster.api import admin_api
from tests.cluster.command_line import CommandLine, Ended, ours
from tests.cluster.listening import Listening
from tests.cluster.state import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.root, pytest.mark.timeout(400)]

PROTOCOLS = ("tcp", "udp", "udp-max", "http", "ftp", "scp")
LIMITED = ("tcp", "tcp-multi", "udp", "http-latency", "ftp", "scp", "latency-tcp", "latency-udp")
LATENCY = {"http-latency", "latency-tcp", "latency-udp"}
FIGURE = {
    "udp-max": "highest_rate_mbit_per_s",
    "http-latency": "latency_p50_us",
    "latency-tcp": "rtt_p50_us",
    "latency-udp": "rtt_p50_us",
}
TOOLS = {"iperf3", "wrk", "curl", "scp"}
RATE_MBIT_PER_S = 100  # little enough for a machine that is busy with other things
# Of 1514 bytes on the wire TCP's payload is 1448 on the host's network (headers of Ethernet, IPv4
# and TCP with timestamps: 66), and 50 less behind VXLAN (Ethernet, IPv4, UDP, VXLAN).
HOST_SHARE, POD_SHARE = 1448 / 1514, 1398 / 1514


def started(cniadvisor: CommandLine, *arguments: str) -> Listening:
    """Start a short run that tells when each trial starts."""
    return Listening(cniadvisor.start(*cniadvisor.bench_arguments("--verbose", *arguments)))


def figure_of(trial: dict[str, Any]) -> float:
    return trial["figures"][FIGURE.get(trial["test"], "goodput_mbit_per_s")]


def trials_of(report: dict[str, Any], test: str, path: str) -> list[dict[str, Any]]:
    return [t for t in report["trials"] if (t["test"], t["path"]) == (test, path)]


def assert_told_well(ended: Ended) -> None:
    assert "Traceback" not in ended.stderr
    assert "internal error" not in ended.stderr
    assert "\x1b" not in ended.stderr


def test_every_protocol_has_figures_on_both_paths_and_a_replay_tells_the_same(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    # All of quick, latency too, runs on Cilium: test_cilium_live.py.
    recording, live, again = (tmp_path / name for name in ("run.jsonl", "live.toml", "again.toml"))
    ended = cniadvisor.bench(
        *("--tests", ",".join(PROTOCOLS), "--repeats", "1", "--duration", "1"),
        *("--record", str(recording), "--out", str(live)),
    )

    assert ended.code == 0, ended.stderr
    assert_told_well(ended)
    assert ours(flannel_cluster) == []
    report = tomllib.loads(live.read_text())
    assert report["run"]["outcome"] == "complete"
    assert report["findings"]["primary"]["name"] == "flannel"
    assert report["findings"]["primary"]["mode"] == "vxlan"
    codes = {warning["code"] for warning in report["warnings"]}
    assert "one-machine" in codes, "both nodes have one boot id"
    assert "path-not-proven" not in codes
    assert set(report["tools"]) >= TOOLS
    assert all(report["tools"].values()), "every tool's version is known"
    assert {path["path"]: path["mtu"] for path in report["paths"]} == {"pod": 1450, "host": 1500}
    assert {share["component"] for share in report["agents"]["shares"]} == {"flannel"}
    for test in PROTOCOLS:
        for path in ("pod", "host"):
            last = trials_of(report, test, path)[-1]
            assert "failure" not in last, ended.stderr
            if test != "udp-max" or not last["facts"]["result"].startswith("not reached"):
                assert figure_of(last) > 0
            assert last["nic"]["rx_bytes"] >= last["nic"]["payload_bytes"] > 0
    loaded = {(use.get("test"), use.get("path")) for use in report["resources"]}
    assert (None, None) in loaded, "idle"
    assert loaded & {("udp-max", "pod"), ("udp-max", "host")}, "and under load"

    shown = cniadvisor.run("show", str(live))
    assert shown.code == 0, shown.stderr
    assert "flannel" in shown.stdout.lower()
    assert "1450" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80

    replayed = cniadvisor.run("replay", str(recording), "--out", str(again))
    assert replayed.code == 0, replayed.stderr
    assert replayed.stderr == ended.stderr
    assert again.read_bytes() == live.read_bytes()


def test_a_server_that_hangs_and_one_that_loses_its_workers_cost_one_trial_each(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    # Long enough that on a busy machine, too, the fault comes before the trial's end.
    with started(cniadvisor, "--tests", "tcp,http", "--repeats", "1", "--duration", "5") as run:
        seen = {"tcp": False, "http": False}
        behind = run.until("Measuring:")
        for _ in seen:
            # In which order the two come is up to the seed.
            behind = run.until("on the pod path, round 1.", after=behind)
            test = "tcp" if run.line(behind - 1).startswith("Started: tcp ") else "http"
            seen[test] = True
            run.until(f"{test} on the pod path, round 1, second", after=behind)
            if test == "tcp":
                with pod_processes.frozen(pod_processes.find(flannel_cluster, "iperf3 --server")):
                    behind = run.until("failed:", after=behind)
            else:
                workers = pod_processes.find(flannel_cluster, "nginx: worker")
                assert workers
                pod_processes.send(workers, signal.SIGKILL)
                behind = run.until("failed:", after=behind)
        ended = run.to_the_end()

    assert ended.code == 0, ended.stderr
    assert_told_well(ended)
    report = ended.report()
    assert report["run"]["outcome"] == "complete"
    hung, retried = trials_of(report, "tcp", "pod")
    assert "did not end within" in hung["failure"] or "iperf3" in hung["failure"]
    assert figure_of(retried) > 0
    broken, retried = trials_of(report, "http", "pod")
    assert "errors" in broken["failure"]
    assert figure_of(retried) > 0
    assert ours(flannel_cluster) == []


def test_a_server_that_dies_ends_the_run_and_keeps_every_finished_trial(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    out = tmp_path / "partial.toml"
    with started(
        cniadvisor, "--tests", "tcp", "--repeats", "9", "--duration", "2", "--out", str(out)
    ) as run:
        run.until("on the pod path, round 2.")
        (server,) = pod_processes.find(flannel_cluster, "iperf3 --server")
        pod_processes.send([server], signal.SIGKILL)
        ended = run.to_the_end()

    assert ended.code == 5, ended.stderr
    assert_told_well(ended)
    assert "a container ended: iperf3: exit status 137" in ended.stderr
    report = tomllib.loads(out.read_text())
    assert report["run"]["outcome"] == "partial"
    assert figure_of(trials_of(report, "tcp", "pod")[0]) > 0
    assert figure_of(trials_of(report, "tcp", "host")[0]) > 0
    assert ours(flannel_cluster) == []


def test_a_cut_connection_costs_one_trial(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    with started(cniadvisor, "--tests", "tcp", "--repeats", "2", "--duration", "2") as run:
        behind = run.until("on the pod path, round 1.")
        run.until("Client node:", after=behind)
        faults.forwarder_stop(flannel_cluster)
        time.sleep(1.5)
        faults.forwarder_start(flannel_cluster)
        ended = run.to_the_end()

    assert ended.code == 0, ended.stderr
    assert_told_well(ended)
    report = ended.report()
    assert report["run"]["outcome"] == "complete"
    failed = [trial for trial in report["trials"] if "failure" in trial]
    assert len(failed) == 1, ended.stderr
    assert "before its exit status" in failed[0]["failure"]
    assert report["comparisons"][0]["pairs"] == 2, "the second attempt took its place"
    assert ours(flannel_cluster) == []


def test_rubbish_from_every_server_is_told_and_is_no_figure(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    tests = ["tcp", "http", "ftp", "scp", "latency-udp"]  # every server; sockperf's by UDP
    with started(
        cniadvisor, "--tests", ",".join(tests), "--repeats", "2", "--duration", "1"
    ) as run:
        run.until("(round 2 of 2)")
        (server,) = pod_processes.find(flannel_cluster, "iperf3 --server")
        with pod_processes.rubbish_instead(server):
            ended = run.to_the_end()

    assert ended.code == 0, ended.stderr
    assert_told_well(ended)
    report = ended.report()
    assert report["run"]["outcome"] == "complete"
    spared = set[str]()
    for test in tests:
        first, *others = trials_of(report, test, "pod")
        assert figure_of(first) > 0, "measured before, and kept"
        failures = [trial.get("failure", "") for trial in others]
        if not all(failures):
            spared.add(test)
        assert all(failure.isprintable() for failure in failures)
    assert len(spared) <= 1, "only the test that was under way when the rubbish began"
    for comparison in report["comparisons"]:
        assert comparison["verdict"] == "no verdict"
        assert comparison.get("dropped") or comparison["test"] in spared
    assert ours(flannel_cluster) == []


@pytest.fixture
def restricted(flannel_cluster: Cluster) -> Generator[str]:
    api = admin_api(flannel_cluster)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": "all-servers", "labels": labels}
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    yield "all-servers"
    api.delete("/api/v1/namespaces/all-servers")


def test_every_server_runs_restricted_and_a_limit_holds(
    cniadvisor: CommandLine, flannel_cluster: Cluster, restricted: str
) -> None:
    ended = cniadvisor.bench(
        *("--namespace", restricted, "--tests", ",".join(LIMITED), "--repeats", "1"),
        *("--duration", "2", "--max-rate", "40", "--fail-below", "tcp=0.5"),
    )
    assert ended.code == 5, "without a baseline there is no ratio to hold against a threshold"
    assert_told_well(ended)
    report = ended.report()
    assert report["run"]["outcome"] == "complete"
    assert "no-baseline" in {warning["code"] for warning in report["warnings"]}
    assert "restricted" in ended.stderr
    assert {comparison["verdict"] for comparison in report["comparisons"]} == {"no verdict"}
    for test in LIMITED:
        (trial,) = trials_of(report, test, "pod")
        assert trials_of(report, test, "host") == []
        if test in LATENCY:
            assert figure_of(trial) > 0
        else:
            # A tool that falls behind for a moment makes up for it.
            assert 0 < figure_of(trial) <= 40 * 1.1, test
    assert ours(flannel_cluster) == []


@contextmanager
def shaped(cluster: Cluster) -> Generator[None]:
    for node in cluster.nodes:
        network.shape(cluster, node, RATE_MBIT_PER_S)
    try:
        yield
    finally:
        for node in cluster.nodes:
            network.shape(cluster, node, None)


def best_of(report: dict[str, Any], path: str) -> float:
    """The best trial: what else the machine does costs goodput and never adds any."""
    return max(figure_of(trial) for trial in trials_of(report, "tcp", path))


@pytest.mark.calibration
def test_a_known_difference_is_measured_as_it_is(
    cniadvisor: CommandLine, flannel_cluster: Cluster, tmp_path: Path
) -> None:
    """One wire for both paths: what is left of the ratio are VXLAN's headers, 3.45 %."""
    recording = tmp_path / "run.jsonl"
    with shaped(flannel_cluster):
        ended = cniadvisor.bench(
            *("--tests", "tcp", "--repeats", "5", "--duration", "3"),
            *("--record", str(recording), "--fail-below", "tcp=1.1"),
        )
    assert ended.code == 1, ended.stderr
    assert "--fail-below tcp=1.1" in ended.stderr
    assert ours(flannel_cluster) == []
    report = ended.report()
    assert report["run"]["outcome"] == "complete"
    pod, host = best_of(report, "pod"), best_of(report, "host")
    assert pod == pytest.approx(RATE_MBIT_PER_S * POD_SHARE, rel=0.01)
    assert host == pytest.approx(RATE_MBIT_PER_S * HOST_SHARE, rel=0.01)
    assert pod / host == pytest.approx(POD_SHARE / HOST_SHARE, rel=0.01)
    (comparison,) = report["comparisons"]
    assert comparison["ratio"] == pytest.approx(POD_SHARE / HOST_SHARE, rel=0.02)

    for threshold, code in (("tcp=0.5", 0), ("tcp=1.1", 1), ("http=0.5", 2)):
        again = cniadvisor.run("replay", str(recording), "--fail-below", threshold)
        assert again.code == code, again.stderr


@pytest.mark.calibration
def test_a_gap_of_5_percent_is_found(cniadvisor: CommandLine, flannel_cluster: Cluster) -> None:
    """Each path has a rate of its own on the wire, such that the pods' goodput is 5 % less."""
    host = RATE_MBIT_PER_S
    with network.rates_apart(
        flannel_cluster, vxlan_mbit=0.95 * host * HOST_SHARE / POD_SHARE, others_mbit=host
    ):
        ended = cniadvisor.bench("--tests", "tcp", "--repeats", "5", "--duration", "3")
    assert ended.code == 0, ended.stderr
    report = ended.report()
    assert best_of(report, "pod") / best_of(report, "host") == pytest.approx(0.95, rel=0.01)
    (comparison,) = report["comparisons"]
    assert comparison["ratio"] == pytest.approx(0.95, rel=0.02)
    assert comparison["verdict"] == "slower"

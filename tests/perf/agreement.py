"""A plain iperf3 run by hand and ours, on a wire of the real cluster shaped to 1 Gbit/s."""

import json
import os
import statistics
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from tests.cluster import state
from tests.cluster.command_line import CommandLine
from tests.cluster.image import load_bench_image
from tests.cluster.network import shape
from tests.cluster.node import node_exec
from tests.cluster.state import Cluster

MBIT_PER_S = 1000
SECONDS = 10
ROUNDS = 3
PORT = 19999


def run() -> None:
    """Print both medians and their ratio."""
    cluster = state.load(os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME))
    if os.geteuid() != 0 or cluster is None:
        print("agreement: left out, no cluster is up (python -m tests.cluster up --cni flannel)")
        return
    image = load_bench_image(cluster)
    for node in cluster.nodes:
        shape(cluster, node, MBIT_PER_S)
    try:
        by_hand = [_by_hand(cluster, image, number) for number in range(ROUNDS)]
        ours = _ours(cluster, image)
    finally:
        for node in cluster.nodes:
            shape(cluster, node, None)
    hand, our = statistics.median(by_hand), statistics.median(ours)
    print(f"by hand: {hand:.1f} Mbit/s {[f'{value:.1f}' for value in by_hand]}")
    print(f"ours:    {our:.1f} Mbit/s {[f'{value:.1f}' for value in ours]}")
    print(f"ours / by hand: {our / hand:.4f} (goal: within 0.5 %)")


def _by_hand(cluster: Cluster, image: str, number: int) -> float:
    """The nodes' own network, iperf3 of the same image, started by containerd's own tool."""
    server, client = (f"by-hand-{role}-{number}" for role in ("server", "client"))
    begin = ["ctr", "--namespace", "k8s.io", "run", "--net-host"]
    iperf3 = ["env", "TMPDIR=/dev/shm", "iperf3"]
    node_exec(
        cluster,
        "node1",
        [*begin, "--detach", image, server, *iperf3, "--server", "--port", str(PORT)],
    )
    try:
        told = node_exec(
            cluster,
            "node2",
            [
                *(*begin, "--rm", image, client, *iperf3, "--client", cluster.address("node1")),
                *("--port", str(PORT), "--reverse", "--time", str(SECONDS), "--json"),
            ],
        )
    finally:
        for command in (["tasks", "kill", "--signal", "9", server], ["tasks", "rm", server]):
            _quietly(cluster, command)
        _quietly(cluster, ["containers", "rm", server])
    result: dict[str, Any] = json.loads(told)
    return result["end"]["sum_received"]["bits_per_second"] / 1e6


def _quietly(cluster: Cluster, command: list[str]) -> None:
    shell = " ".join(["ctr --namespace k8s.io", *command, ">/dev/null 2>&1 || true; sleep 0.5"])
    node_exec(cluster, "node1", ["sh", "-c", shell])


def _ours(cluster: Cluster, image: str) -> list[float]:
    with tempfile.TemporaryDirectory() as home:
        program = CommandLine(cluster=cluster, home=Path(home), image=image)
        ended = program.bench(
            *("--tests", "tcp", "--repeats", str(ROUNDS), "--duration", str(SECONDS)),
            *("--client-node", "node2", "--server-node", "node1", "--out", "-"),
        )
    if ended.code != 0:
        raise RuntimeError(ended.stderr)
    return [
        trial["figures"]["goodput_mbit_per_s"]
        for trial in tomllib.loads(ended.stdout)["trials"]
        if trial["path"] == "host"
    ]

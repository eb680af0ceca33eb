"""One real run through everything: real Kubernetes, real Flannel, the program as a user has it."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.cluster.api import admin_api
from tests.cluster.command_line import CommandLine, ours
from tests.cluster.state import Cluster

pytestmark = pytest.mark.cluster


def test_detect_reads_flannel_as_it_is(cniadvisor: CommandLine, flannel_cluster: Cluster) -> None:
    ended = cniadvisor.run("detect", "--output", "json")

    assert ended.code == 0, ended.stderr
    primary = json.loads(ended.stdout)["primary"]
    assert primary["name"] == "flannel"
    assert primary["version"] == "0.28.10"
    assert primary["mode"] == "vxlan"
    assert primary["mtu"] == 1450
    assert primary["confidence"] == "high"
    assert primary["coverage"] == {"nodes": 2, "of": 2}
    assert primary["evidence"]


def test_a_saved_inventory_gives_the_same_findings(cniadvisor: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "inventory.json"
    live = cniadvisor.run("detect", "--output", "json", "--save-inventory", str(file))
    again = cniadvisor.run(
        "detect", "--output", "json", "--inventory", str(file), KUBECONFIG="/nonexistent"
    )
    assert live.code == again.code == 0, live.stderr + again.stderr
    assert json.loads(live.stdout) == json.loads(again.stdout)


@pytest.mark.timeout(180)
def test_the_report_can_go_to_stdout_and_says_that_flannel_enforces_no_policy(
    cniadvisor: CommandLine,
) -> None:
    chosen = ("--tests", "tcp", "--repeats", "1", "--duration", "3", "--probe", "policy")
    ended = cniadvisor.bench(*chosen, "--out", "-")
    assert ended.code == 0, ended.stderr
    report = tomllib.loads(ended.stdout)  # nothing else is there
    tried = {one["part"]: one["standing"] for one in report["policy_probe"]["parts"]}
    assert tried["deny-ingress"] == tried["deny-egress"] == "not enforced"
    assert tried["label"] == tried["port"] == "untold"
    codes = [diagnosis["code"] for diagnosis in report["diagnoses"]]
    assert "policy-not-enforced" in codes
    assert ours(cniadvisor.cluster) == []
    remembered = cniadvisor.run("detect")
    assert remembered.stderr.startswith("NetworkPolicy: not enforced (probed ")
    assert [trial["path"] for trial in report["trials"]].count("pod") == 1
    assert report["comparisons"][0]["verdict"] == "no verdict", "one pair is too few"
    # The figure, which is the tool's own, and the NIC's bytes tell the same story.
    for trial in report["trials"]:
        payload_mbit = trial["nic"]["payload_bytes"] * 8 / 1e6
        assert trial["figures"]["goodput_mbit_per_s"] == pytest.approx(payload_mbit / 3, rel=0.02)


def test_a_dry_run_creates_nothing_and_prints_every_object(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    before = admin_api(flannel_cluster).get("/api/v1/namespaces")["metadata"]["resourceVersion"]
    ended = cniadvisor.run("bench", "--dry-run", "--image", cniadvisor.image)

    assert ended.code == 0, ended.stderr
    printed = json.loads(ended.stdout)
    kinds = [item["kind"] for item in printed["items"]]
    assert kinds.count("Job") == 4
    assert kinds.count("Namespace") == 1
    after = admin_api(flannel_cluster).items("/api/v1/namespaces?" + "resourceVersion=0")
    assert not [n for n in after if n["metadata"]["name"].startswith("cniadvisor")], before
    assert ours(flannel_cluster) == []
    assert re.search(r"\bGB\b", ended.stderr), "the plan says how much is moved"


def test_a_namespace_of_the_user_is_used_and_kept(
    cniadvisor: CommandLine, flannel_cluster: Cluster
) -> None:
    api = admin_api(flannel_cluster)
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine"}})
    try:
        ended = cniadvisor.bench(
            "--namespace", "mine", "--tests", "tcp", "--repeats", "1", "--duration", "1"
        )
        assert ended.code == 0, ended.stderr
        assert ours(flannel_cluster) == []
        assert api.get("/api/v1/namespaces/mine")["status"]["phase"] == "Active"
    finally:
        api.delete("/api/v1/namespaces/mine")


def test_cleanup_finds_nothing_where_nothing_is(cniadvisor: CommandLine) -> None:
    ended = cniadvisor.run("cleanup")
    assert ended.code == 0, ended.stderr
    assert "nothing of ours" in ended.stderr

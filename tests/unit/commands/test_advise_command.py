"""``cniadvisor advise`` as a program."""

import io
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.report.toml_file import read, write
from tests.unit.commands.program import Program

GOLDEN = Path(__file__).parents[2] / "golden"
REPORT = GOLDEN / "report-v1.toml"
CANAL = GOLDEN / "inventories" / "canal-3.31.json"


@pytest.fixture
def program(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    # No kubeconfig, no pod: whoever runs the tests may have a cluster.
    monkeypatch.setenv("KUBECONFIG", "/nonexistent/config")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    return partial(program, "advise")


@pytest.mark.parametrize(
    ("priority", "cni"),
    [
        ("simplicity", "flannel"),
        ("policy", "calico"),
        ("encryption", "cilium"),
        ("balance", "canal"),
    ],
)
def test_a_priority_alone(program: Program, priority: str, cni: str) -> None:
    code, out, err = program("--priority", priority, "--no-cluster", "--output", "json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["recommendation"]["cni"] == cni
    assert told["weights"] == {priority: 3}


def test_without_a_cluster_it_says_that_nothing_is_pre_filled(program: Program) -> None:
    code, out, err = program("--priority", "balance")
    assert code == 0
    assert out.startswith("Recommended: Canal")
    assert err.startswith("Nothing is pre-filled from a cluster: no kubeconfig found")
    assert program("--priority", "balance", "--quiet")[2] == ""


def test_a_cluster_that_was_named_must_be_there(program: Program) -> None:
    code, out, err = program("--priority", "balance", "--context", "mine")
    assert (code, out) == (2, "")
    assert "no kubeconfig found" in err


def test_an_inventory_pre_fills(program: Program) -> None:
    code, out, err = program("--inventory", CANAL, "--output", "json")
    assert (code, err) == (0, "")
    told = {one["question"]: one for one in json.loads(out)["answers"]}
    assert (told["current"]["value"], told["current"]["by"]) == ("canal", "cluster")
    assert "canal 3.31.7" in told["current"]["evidence"]
    assert (told["policy"]["value"], told["policy"]["by"]) == ("0", "default")


def test_answers_go_before_the_cluster(program: Program, tmp_path: Path) -> None:
    place = tmp_path / "answers.toml"
    place.write_text('current = "calico"\npolicy = 3\nwindows = true\n')
    code, out, _ = program("--inventory", CANAL, "--answers", place, "--output", "json")
    assert code == 0
    told = json.loads(out)
    answers = {one["question"]: (one["value"], one["by"]) for one in told["answers"]}
    assert answers["current"] == ("calico", "you")
    assert answers["windows"] == ("yes", "you")
    assert answers["kernel"] == ("5.10", "cluster")
    assert told["recommendation"]["cni"] == "calico"
    assert told["move"]["stays"]


def test_a_priority_goes_before_the_file(program: Program, tmp_path: Path) -> None:
    place = tmp_path / "answers.toml"
    place.write_text("policy = 3\nl7 = true\n")
    code, out, _ = program(
        "--answers", place, "--priority", "simplicity", "--no-cluster", "--output", "json"
    )
    assert code == 0
    told = json.loads(out)
    assert told["weights"] == {"simplicity": 3}
    assert told["recommendation"]["cni"] == "cilium"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("windoes = true\n", "answers.toml, line 1: windoes is not a known key"),
        ("policy = 3\nwindows = 7\n", "answers.toml, line 2: windows can't be 7"),
        ("policy = \n", "is not TOML"),
    ],
)
def test_wrong_answers_are_two_and_name_the_line(
    program: Program, tmp_path: Path, text: str, words: str
) -> None:
    place = tmp_path / "answers.toml"
    place.write_text(text)
    code, out, err = program("--answers", place, "--no-cluster")
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--answers", "/nonexistent.toml"), "/nonexistent.toml can't be read"),
        (("--report", "/nonexistent.toml"), "/nonexistent.toml"),
        (("--profiles", "/nonexistent"), "/nonexistent is no folder"),
        (("--inventory", "/nonexistent.json"), "/nonexistent.json can't be read"),
        (("--priority", "speed"), "speed"),
        (("--output", "yaml"), "yaml"),
    ],
    ids=str,
)
def test_wrong_use_is_two(program: Program, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = program("--no-cluster", *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_own_reports_are_evidence(program: Program) -> None:
    code, out, _ = program("--no-cluster", "--report", REPORT, "--output", "json")
    assert code == 0
    measured = json.loads(out)["measured"]
    assert measured["reports"] == [str(REPORT)]
    assert measured["values"] == {}
    assert "Reports of two CNIs" in measured["uncounted"][-1]


def test_a_report_with_a_probe_is_evidence_on_policy(program: Program, tmp_path: Path) -> None:
    inventory = GOLDEN / "inventories" / "flannel-vxlan-0.28.10.json"
    probe = PolicyProbe(
        probed_at="2026-11-21T10:00:00+00:00",
        parts=(
            PartTried(
                part=PolicyPart.DENY_INGRESS,
                standing=Standing.NOT_ENFORCED,
                took_s=None,
                detail="connections still got in",
            ),
        ),
    )
    place = tmp_path / "probed.toml"
    write(replace(read(REPORT), policy_probe=probe), place)
    arguments = ("--inventory", inventory, "--report", place)
    code, out, _ = program(*arguments, "--output", "json")
    assert code == 0
    told = json.loads(out)
    assert told["measured"]["policy_probes"] == [
        {
            "report": str(place),
            "enforcement": "not enforced",
            "probed_at": "2026-11-21T10:00:00+00:00",
        }
    ]
    answers = {one["question"]: one for one in told["answers"]}
    assert answers["policy"]["by"] == "default"
    assert answers["policy"]["evidence"].startswith("NetworkPolicy is not enforced now")
    _, record, _ = program(*arguments, "--output", "markdown")
    assert f"Probed on {place}: NetworkPolicy is not enforced here" in record.replace("\\", "")


def test_a_decision_record(program: Program) -> None:
    code, out, _ = program("--priority", "policy", "--no-cluster", "--output", "markdown")
    assert code == 0
    assert out.startswith("# Decision: Calico as the CNI\n")


def test_profiles_of_ones_own(program: Program, tmp_path: Path) -> None:
    (tmp_path / "cnis").mkdir()
    (tmp_path / "cnis" / "bad.toml").write_text('schema_version = 1\nnmae = "x"\n')
    code, _, err = program("--no-cluster", "--profiles", tmp_path)
    assert code == 2
    assert "bad.toml, line 2: nmae is not a known key" in err
    assert "did you mean name?" in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_asks_on_a_terminal(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("5\n\n2\ns\n"))
    monkeypatch.setattr("sys.stderr", Terminal())
    code, out, _ = program("--no-cluster", "--output", "json")
    assert code == 0
    answers = {
        one["question"]: one["value"] for one in json.loads(out)["answers"] if one["by"] == "you"
    }
    assert answers == {"current": "flannel", "cni_fixed": "no", "distribution": "k3s"}


def test_asks_nobody_where_nobody_is(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("5\n"))
    code, out, _ = program("--no-cluster", "--output", "json")
    assert code == 0
    assert all(one["by"] == "default" for one in json.loads(out)["answers"])

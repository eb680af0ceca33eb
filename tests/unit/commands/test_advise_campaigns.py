"""``cniadvisor advise`` and campaigns of reports: named by default, told on request."""

from functools import partial
from pathlib import Path

import pytest

from tests.tui.example_reports import example_report
from tests.unit.advise.campaign import keep_campaign
from tests.unit.commands.program import Program


@pytest.fixture
def program(program: Program, tmp_path: Path) -> Program:
    words = ("advise", "--no-cluster", "--priority", "balance", "--profiles", tmp_path)
    return partial(program, *words)


def test_a_campaign_is_named_and_on_request_told(program: Program, tmp_path: Path) -> None:
    keep_campaign(tmp_path, example_report(), example_report("cilium", "native", run_id="c1"))
    code, out, _ = program()
    assert code == 0
    assert "Ours, by us, 2026-11-23; our own runs" in out
    assert "A  flannel, vxlan" not in out
    code, out, _ = program("--references")
    assert code == 0
    assert "A  flannel, vxlan" in out
    assert "B  cilium, native" in out
    code, out, _ = program("--references", "--output", "markdown")
    assert code == 0
    assert "### Ours, by us, 2026-11-23; our own runs" in out
    assert "| TCP, goodput at the receiver |" in out


def test_a_report_that_is_not_there_is_two_and_names_the_line(
    program: Program, tmp_path: Path
) -> None:
    (path,) = keep_campaign(tmp_path, example_report())
    path.unlink()
    code, out, err = program()
    assert (code, out) == (2, "")
    assert "ours.toml, line 9: [results] report is no use" in err
    assert str(path) in err


def test_a_report_whose_figures_are_broken_is_two_when_they_are_told(
    program: Program, tmp_path: Path
) -> None:
    (path,) = keep_campaign(tmp_path, example_report())
    path.write_text(path.read_text().replace('path = "pod"', 'path = "pdo"'))
    assert program()[0] == 0
    code, out, err = program("--references")
    assert (code, out) == (2, "")
    assert f"{path} is not a valid report: " in err

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.report import Flag, Report
from cniadvisor.wording.report_markdown import report_markdown

GOLDEN = Path(__file__).parents[2] / "golden" / "text"


def test_a_report_as_markdown(report: Report, golden_file: Callable[[str, str], None]) -> None:
    golden_file("report.md", report_markdown(report))


def test_every_row_of_a_table_has_all_its_cells(report: Report) -> None:
    flagged = replace(report.comparisons[0], flags=tuple(Flag), ratio=None, ratio_95=None)
    text = report_markdown(replace(report, comparisons=(flagged,)))
    for block in re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE):
        rows = block.splitlines()
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert "n/a | n/a | slower, unstable" in text


def test_text_of_others_stays_text(report: Report) -> None:
    nasty = "a|b <script>alert(1)</script> [x](http://evil.example) `c` \x1b[2J\n# title\\"
    primary = report.findings.primary
    assert primary is not None
    evil = replace(
        report,
        findings=replace(report.findings, primary=replace(primary, name=nasty), warnings=(nasty,)),
        plan=replace(report.plan, run_id=nasty),
    )
    text = report_markdown(evil)
    assert text.count("\n") == report_markdown(report).count("\n")
    assert not re.search(r"(?<!\\)[<>`]", text)
    assert not re.search(r"(?<!\\)\]\(", text)
    assert text.replace("\n", "").isprintable()


def test_what_the_probe_found_is_among_the_remarks(report: Report) -> None:
    probe = PolicyProbe(probed_at="2026-11-23T09:00:00+00:00", reason="the pods don't meet")
    assert "NetworkPolicy" not in report_markdown(report)
    told = report_markdown(replace(report, policy_probe=probe))
    assert "- Whether NetworkPolicy is enforced here is not known: the pods don't meet" in told

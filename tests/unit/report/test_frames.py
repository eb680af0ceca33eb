import csv as csv_module
import io
from dataclasses import replace

import pytest

from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.report import Report
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.exporting import Table
from cniadvisor.report.frames import csv, frame


@pytest.fixture
def report(run_events: list[BenchEvent]) -> Report:
    builder = ReportBuilder()
    for event in run_events:
        builder(event)
    return builder.report()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv_module.DictReader(io.StringIO(text)))


def test_trials_keep_every_digit(report: Report) -> None:
    exact = 9_410.250_000_000_002
    first = replace(report.trials[0], figures={"goodput_mbit_per_s": exact})
    changed = replace(report, trials=(first, *report.trials[1:]))
    read = rows(csv([changed], Table.TRIALS))
    assert len(read) == len(report.trials)
    assert float(read[0]["value"]) == float(read[0]["figure_goodput_mbit_per_s"]) == exact
    assert read[0]["figure_retransmits"] == "", "not told, not zero"
    nic = first.nic
    assert nic is not None
    assert read[0]["nic_rx_bytes"] == str(nic.rx_bytes), "a count stays a whole number"
    assert (read[0]["cni"], read[0]["mode"], read[0]["fact_congestion_control"]) == (
        "flannel",
        "vxlan",
        "cubic",
    )


def test_a_failed_trial_has_empty_cells_and_its_reason(report: Report) -> None:
    failed = replace(report.trials[0], figures={}, load={}, nic=None, failure="refused\x1b[2J")
    (row,) = rows(csv([replace(report, trials=(failed,))], Table.TRIALS))
    assert row["value"] == row["client_busy_millicores"] == row["nic_rx_bytes"] == ""
    assert row["failure"] == "refused[2J"


def test_reports_stand_one_after_the_other(report: Report) -> None:
    other = replace(report, plan=replace(report.plan, run_id="second"))
    read = rows(csv([report, other], Table.SUMMARIES))
    assert [row["run_id"] for row in read] == ["k7m2q"] * 4 + ["second"] * 4
    assert {(row["test"], row["path"]) for row in read} == {
        (test, path) for test in ("tcp", "tcp-multi") for path in PathName
    }
    assert [float(row["median"]) for row in read[:4]] == [s.median for s in report.summaries]


def test_comparisons_tell_ratio_interval_and_verdict(report: Report) -> None:
    read = rows(csv([report], Table.COMPARISONS))
    for row, comparison in zip(read, report.comparisons, strict=True):
        assert comparison.ratio_95 is not None
        assert float(row["ratio"]) == comparison.ratio
        assert float(row["ratio_95_low"]) == comparison.ratio_95.low
        assert row["verdict"] == comparison.verdict.value
    none = replace(report.comparisons[0], ratio=None, ratio_95=None, reason="too few, alas")
    (row,) = rows(csv([replace(report, comparisons=(none,))], Table.COMPARISONS))
    assert (row["ratio"], row["ratio_95_low"], row["reason"]) == ("", "", "too few, alas")


def test_samples_are_all_there(report: Report) -> None:
    assert len(frame([report], Table.SAMPLES)) == len(report.samples)
    read = rows(csv([report], Table.SAMPLES))
    assert {row["role"] for row in read} == {"client", "server"}
    assert [float(row["at_s"]) for row in read] == [sample.at_s for sample in report.samples]


@pytest.mark.parametrize("table", list(Table))
def test_an_empty_report_gives_an_empty_table(report: Report, table: Table) -> None:
    empty = replace(report, trials=(), summaries=(), comparisons=(), samples=())
    assert rows(csv([empty], table)) == []


def test_a_run_whose_cni_is_not_known(report: Report) -> None:
    unknown = replace(report, findings=replace(report.findings, primary=None))
    assert {row["cni"] for row in rows(csv([unknown], Table.SUMMARIES))} == {""}

import json
import tomllib

import pytest

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import Report
from cniadvisor.report.exporting import Form, Table, exported
from cniadvisor.report.toml_file import loads


@pytest.mark.parametrize("form", list(Form))
def test_every_form_is_text_that_ends_in_one_newline(report: Report, form: Form) -> None:
    text = exported([report], form)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "k7m2q" in text


def test_the_report_file_reads_back(report: Report) -> None:
    assert loads(exported([report], Form.TOML).encode(), name="x") == report


def test_several_reports_are_no_report_file(report: Report) -> None:
    with pytest.raises(UsageError, match="2 reports"):
        exported([report, report], Form.TOML)


def test_several_reports_are_a_list_or_rows_or_chapters(report: Report) -> None:
    both = [report, report]

    assert len(json.loads(exported(both, Form.JSON))) == 2
    trials = exported(both, Form.CSV).splitlines()
    assert len(trials) == 1 + 2 * len(report.trials)
    assert exported(both, Form.CSV, Table.COMPARISONS).count("\n") == 1 + 2 * 2
    assert exported(both, Form.MARKDOWN).count("## Run") == 2
    assert tomllib.loads(exported([report], Form.TOML))["schema_version"] == 1

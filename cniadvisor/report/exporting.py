"""Reports in the forms other programs and other readers want; the same for every face."""

from collections.abc import Sequence
from enum import StrEnum

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import Report
from cniadvisor.report.report_json import reports_json
from cniadvisor.report.toml_file import dumps
from cniadvisor.wording.report_markdown import report_markdown


class Form(StrEnum):
    """The forms; ``toml`` is the report file itself."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    TOML = "toml"


class Table(StrEnum):
    """What a CSV has a row for: a trial, a test and path, a test, or a second of a node."""

    TRIALS = "trials"
    SUMMARIES = "summaries"
    COMPARISONS = "comparisons"
    SAMPLES = "samples"


def exported(reports: Sequence[Report], form: Form, table: Table = Table.TRIALS) -> str:
    """Return reports in a form, ending in a newline.

    Raises:
        UsageError: several reports can't be one report file.
    """
    match form:
        case Form.CSV:
            # pandas takes a third of a second to import.
            from cniadvisor.report.frames import csv

            text = csv(reports, table)
        case Form.JSON:
            text = reports_json(reports)
        case Form.MARKDOWN:
            text = "\n\n".join(report_markdown(report) for report in reports)
        case Form.TOML:
            if len(reports) != 1:
                raise UsageError(
                    f"{len(reports)} reports can't be one report file",
                    hint="Choose one report, or JSON.",
                )
            text = dumps(reports[0])
    return text if text.endswith("\n") else f"{text}\n"

"""Reports as JSON: the document of the file, which the shipped JSON Schema describes."""

import json
from collections.abc import Sequence
from importlib.resources import files

from cniadvisor.domain.report import Report
from cniadvisor.report.shape import to_document


def reports_json(reports: Sequence[Report]) -> str:
    """Return one report as a JSON object, several as a list of them."""
    documents = [to_document(report) for report in reports]
    told = documents[0] if len(documents) == 1 else documents
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)


def schema_text() -> str:
    """Return the JSON Schema (draft 2020-12) of a report, as it ships."""
    return (files("cniadvisor.report") / "schema.json").read_text(encoding="utf-8")

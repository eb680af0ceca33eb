import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from cniadvisor.report import validation
from cniadvisor.report.report_json import reports_json, schema_text
from cniadvisor.report.toml_file import read
from cniadvisor.report.validation import schema

GOLDEN = Path(__file__).parents[2] / "golden"


def faults(value: object, described: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    """Check a value against the part of JSON Schema that the report's schema uses."""
    if "$ref" in described:
        described = root["$defs"][described["$ref"].rpartition("/")[2]]
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    if not isinstance(value, kinds[described["type"]]):
        yield f"{value!r} is no {described['type']}"
        return
    if "enum" in described and value not in described["enum"]:
        yield f"{value!r} is none of {described['enum']}"
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        properties = described.get("properties", {})
        others = described.get("additionalProperties")
        yield from (
            f"{name} is missing" for name in described.get("required", ()) if name not in table
        )
        for name, inner in table.items():
            if name in properties:
                yield from faults(inner, properties[name], root)
            elif isinstance(others, dict):
                yield from faults(inner, cast("dict[str, Any]", others), root)
            else:
                yield f"{name} is unknown"
    if isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from faults(inner, described["items"], root)


def report_document() -> dict[str, Any]:
    return tomllib.loads((GOLDEN / "report-v1.toml").read_text())


def test_a_written_report_fits_the_schema() -> None:
    described = schema()
    assert list(faults(report_document(), described, described)) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("run", "outcome", "great"),
        ("plan", "seed", "x"),
        ("run", "colour", 1),
        ("plan", "seed", None),
    ],
)
def test_the_schema_refuses_what_reading_refuses(section: str, key: str, value: object) -> None:
    described, document = schema(), report_document()
    if value is None:
        del document[section][key]
    else:
        document[section][key] = value
    assert len(list(faults(document, described, described))) == 1


def test_the_shipped_schema_is_the_generated_one() -> None:
    shipped = Path(validation.__file__).with_name("schema.json")
    generated = json.dumps(schema(), indent=2) + "\n"
    if os.environ.get("CNIADVISOR_UPDATE_GOLDEN"):
        shipped.write_text(generated)
    told = "make it anew: CNIADVISOR_UPDATE_GOLDEN=1 pytest tests/unit/report/test_schema.py"
    assert shipped.read_text() == generated == schema_text(), told


def test_a_report_as_json_fits_the_shipped_schema() -> None:
    report = read(GOLDEN / "report-v1.toml")
    described = json.loads(schema_text())
    one = json.loads(reports_json([report]))
    assert list(faults(one, described, described)) == []
    assert one == report_document(), "JSON and TOML say the same"
    assert json.loads(reports_json([report, report])) == [one, one]


def test_the_schema_is_of_the_file_and_not_of_the_classes() -> None:
    described: dict[str, Any] = schema()
    assert described["$schema"].endswith("2020-12/schema")
    definitions = described["$defs"]
    assert list(definitions["Trial"]["properties"])[:4] == ["test", "path", "round", "attempt"]
    assert "TrialId" not in definitions
    assert definitions["Component"]["properties"]["details"]["type"] == "object"
    assert "zone" not in definitions["NodeFacts"]["required"]
    assert '"null"' not in json.dumps(described)

"""The shape of a report file, as plain dicts and lists: how it differs from the dataclasses.

It differs in three places, each with its way there, its way back and its JSON Schema:

- what is None, and a list, table or text that is empty by default, is an absent key;
- a trial begins with its own ``test``, ``path``, ``round`` and ``attempt``, not a sub-table;
- a component's ``details`` are a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import TypeAlias, cast

from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.measurement import Trial
from cniadvisor.domain.report import Report

Document: TypeAlias = dict[str, object]

SECTIONS = (
    "schema_version",
    "run",
    "target",
    "plan",
    "findings",
    "tools",
    "paths",
    "nics",
    "cpus",
    "comparisons",
    "summaries",
    "resources",
    "agents",
    "policy_probe",
    "diagnoses",
    "warnings",
    "cleanup",
    "trials",
    "samples",
)
"""The order in which a reader wants them: conclusions before what they rest on."""

_TRIAL_ID_KEYS = ("test", "path", "round", "attempt")
_SINGLE_COMPONENTS = ("primary", "policy")
_LISTED_COMPONENTS = ("meta", "chained", "embedded", "residue")


def to_document(report: Report) -> Document:
    """Return a report as the dict that becomes the file."""
    whole = _fields(report)
    return {section: whole[section] for section in SECTIONS if section in whole}


def findings_document(findings: Findings) -> Document:
    """Return findings as the dict that becomes TOML; what is not known is absent."""
    return cast("Document", _plain(findings))


def from_document(document: Mapping[str, object], schema: Mapping[str, object]) -> Document:
    """Return the dict the dataclasses are built from: the way back of :func:`to_document`.

    Makes no judgement: what has an unexpected type stays as it is, for the validation to refuse.

    Args:
        document: what the file holds.
        schema: the JSON Schema of the dataclasses, which says where a None may be absent.
    """
    shaped = dict(document)
    findings = shaped.get("findings")
    if isinstance(findings, dict):
        shaped["findings"] = _findings_back(cast("Document", findings))
    trials = shaped.get("trials")
    if isinstance(trials, list):
        shaped["trials"] = [_trial_back(trial) for trial in cast("list[object]", trials)]
    return cast("Document", _with_nones(shaped, schema, schema))


def file_schema(schema: Mapping[str, object]) -> Document:
    """Turn the JSON Schema of the dataclasses into the one of the file."""
    published = cast("Document", _without_nulls(schema))
    definitions = cast("dict[str, Document]", published["$defs"])
    component = cast("dict[str, object]", definitions["Component"]["properties"])
    component["details"] = {"type": "object", "additionalProperties": {"type": "string"}}
    trial, trial_id = definitions["Trial"], definitions.pop("TrialId")
    properties = cast("dict[str, object]", trial["properties"])
    del properties["id"]
    trial["properties"] = {**cast("dict[str, object]", trial_id["properties"]), **properties}
    required = cast("list[str]", trial["required"])
    trial["required"] = [
        *cast("list[str]", trial_id["required"]),
        *(name for name in required if name != "id"),
    ]
    return published


def _plain(value: object) -> object:
    if isinstance(value, Component):
        details: Document = {"details": dict(value.details)} if value.details else {}
        return _fields(value, skip="details") | details
    if isinstance(value, Trial):
        return _fields(value.id) | _fields(value, skip="id")
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {str(key): _plain(inner) for key, inner in items}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("Sequence[object]", value)]
    # The text of an enum member, not the member: the file knows no enums.
    return str(value) if isinstance(value, str) else value


def _fields(value: object, skip: str = "") -> Document:
    assert is_dataclass(value)
    table: Document = {}
    for field in fields(value):
        inner = getattr(value, field.name)
        default = field.default
        if default is MISSING and field.default_factory is not MISSING:
            default = field.default_factory()
        left_out = inner is None or (inner == default and default in ((), {}, ""))
        if field.name != skip and not left_out:
            table[field.name] = _plain(inner)
    return table


def _findings_back(findings: Document) -> Document:
    shaped = dict(findings)
    for slot in _SINGLE_COMPONENTS:
        if slot in shaped:
            shaped[slot] = _component_back(shaped[slot])
    for slot in _LISTED_COMPONENTS:
        listed = shaped.get(slot)
        if isinstance(listed, list):
            shaped[slot] = [_component_back(one) for one in cast("list[object]", listed)]
    return shaped


def _component_back(component: object) -> object:
    if not isinstance(component, dict):
        return component
    shaped = dict(cast("Document", component))
    details = shaped.get("details")
    if isinstance(details, dict):
        shaped["details"] = [list(item) for item in cast("Document", details).items()]
    return shaped


def _trial_back(trial: object) -> object:
    if not isinstance(trial, dict):
        return trial
    shaped = dict(cast("Document", trial))
    identity = {name: shaped.pop(name) for name in _TRIAL_ID_KEYS if name in shaped}
    return {"id": identity, **shaped}


def _with_nones(value: object, schema: object, root: Mapping[str, object]) -> object:
    """Put a None where an optional key is absent, all the way down."""
    described = _described(schema, root)
    if isinstance(value, dict):
        table = cast("Document", value)
        properties = cast("Mapping[str, object]", described.get("properties", {}))
        others = described.get("additionalProperties")
        filled = {
            name: _with_nones(inner, properties.get(name, others), root)
            for name, inner in table.items()
        }
        absent = (name for name in properties if name not in table)
        return filled | {name: None for name in absent if _nullable(properties[name])}
    if isinstance(value, list):
        items = described.get("items")
        return [_with_nones(inner, items, root) for inner in cast("list[object]", value)]
    return value


def _described(schema: object, root: Mapping[str, object]) -> Mapping[str, object]:
    """Follow a reference, or the branch of a choice that is not null."""
    if not isinstance(schema, Mapping):
        return {}
    described = cast("Mapping[str, object]", schema)
    for choice in cast("Sequence[Mapping[str, object]]", described.get("anyOf", ())):
        if choice.get("type") != "null":
            return _described(choice, root)
    reference = described.get("$ref")
    if isinstance(reference, str):
        definitions = cast("Mapping[str, object]", root["$defs"])
        return _described(definitions[reference.rpartition("/")[2]], root)
    return described


def _nullable(schema: object) -> bool:
    choices = cast("Mapping[str, object]", schema).get("anyOf", ())
    return {"type": "null"} in cast("Sequence[object]", choices)


def _without_nulls(schema: object) -> object:
    """No null in the file: an optional key is not required, and is left out instead."""
    if isinstance(schema, list):
        return [_without_nulls(inner) for inner in cast("list[object]", schema)]
    if not isinstance(schema, Mapping):
        return schema
    described = dict(cast("Mapping[str, object]", schema))
    choices = described.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        (kept,) = (one for one in cast("list[object]", choices) if one != {"type": "null"})
        rest = {k: v for k, v in described.items() if k not in ("anyOf", "default")}
        described = rest | cast("Document", kept)
    properties = cast("Mapping[str, object]", described.get("properties", {}))
    optional = {name for name in properties if _nullable(properties[name])}
    if "required" in described and optional:
        required = cast("list[str]", described["required"])
        described["required"] = [name for name in required if name not in optional]
    return {key: _without_nulls(inner) for key, inner in described.items()}

"""Builds the dataclasses from what a file holds, or says in words where it is wrong.

Imports pydantic (100 ms), so it is imported only where a report is read.
"""

import json
import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from cniadvisor.domain.report import Report
from cniadvisor.domain.text import printable
from cniadvisor.report.shape import Document, file_schema, from_document

Kind = TypeVar("Kind")

_SAYINGS: Mapping[str, str] = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a known key",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "mapping_type": "must be a table",
    "dict_type": "must be a table",
    "dataclass_type": "must be a table",
    "dataclass_exact_type": "must be a table",
    "finite_number": "must be a finite number",
}

_SHOWN_FAULTS = 3


class Invalid(Exception):  # noqa: N818 - says what was found
    """The document does not fit; the message names up to three places."""


def report_from(document: Mapping[str, object]) -> Report:
    """Build a report of the current schema version.

    Raises:
        Invalid: a key is missing, unknown or of the wrong type, or a figure can't be one.
    """
    report = built(Report, from_document(document, _dataclass_schema()))
    for fault in _impossible(report):
        raise Invalid(fault)
    return report


def _impossible(report: Report) -> Iterator[str]:
    """Yield what no measurement gives: a mistake in a file that somebody edited."""
    for number, comparison in enumerate(report.comparisons, start=1):
        between = comparison.ratio_95
        ratios = (comparison.ratio, between and between.low, between and between.high)
        if any(ratio is not None and ratio <= 0 for ratio in ratios):
            yield f"comparisons, entry {number}: a ratio must be more than 0"
    for number, trial in enumerate(report.trials, start=1):
        for name, figure in trial.figures.items():
            if figure < 0:
                place = f"trials, entry {number}, figures, {printable(name, limit=60)}"
                yield f"{place} must not be less than 0"


def built(kind: type[Kind], document: object) -> Kind:
    """Build a dataclass from plain dicts and lists, strictly: nothing is converted or left out.

    Raises:
        Invalid: a key is missing, unknown or of the wrong type.
    """
    try:
        # As JSON, because there an enum member is its text and a tuple a list, strictly.
        (made,) = _adapter(kind).validate_json(json.dumps([document], default=str))
    except ValidationError as error:
        faults = [
            f"{_place(fault['loc'])} {_saying(fault['type'], fault['msg'])}"
            for fault in error.errors(include_url=False, include_context=False)
        ]
        more = len(faults) - _SHOWN_FAULTS
        shown = "; ".join(faults[:_SHOWN_FAULTS])
        raise Invalid(f"{shown}; and {more} more" if more > 0 else shown) from None
    assert isinstance(made, kind)
    return made


@lru_cache(maxsize=32)
def _adapter(kind: type[object]) -> TypeAdapter[tuple[object]]:
    # Standard dataclasses take the configuration of what contains them, hence the tuple around.
    strictly = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    wrapped = types.GenericAlias(tuple, (kind,))
    return TypeAdapter(cast("type[tuple[object]]", wrapped), config=strictly)


def schema() -> Document:
    """Return the JSON Schema (draft 2020-12) of a report file, read as JSON."""
    published = file_schema(_dataclass_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cniadvisor report",
        **published,
    }


def _dataclass_schema() -> Document:
    wrapped = _adapter(Report).json_schema()
    return {"$ref": "#/$defs/Report", "$defs": wrapped["$defs"]}


def _place(location: tuple[int | str, ...]) -> str:
    """Say a location in words: ``trials, entry 4, round``."""
    words: list[str] = []
    for index, part in enumerate(location[1:]):
        if isinstance(part, int):
            words.append(f"entry {part + 1}")
        elif not (part == "id" and index == 2 and words[0] == "trials"):
            words.append(printable(part, limit=60))
    return ", ".join(words) or "it"


def _saying(kind: str, message: str) -> str:
    return _SAYINGS.get(kind) or f"is wrong: {printable(message, limit=200)}"

"""Strategies for every value that the types of our dataclasses allow."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hypothesis import strategies as st

# More than 0, as everything measured: a report with other ratios and figures is refused.
_FLOATS = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
_INTS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """A strategy for everything a field of the report's dataclasses may be declared as."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(values_of(argument) for argument in arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values_of(argument) for argument in arguments))
    if origin is Mapping:
        key, value = arguments
        return st.dictionaries(values_of(key), values_of(value), max_size=2)
    if is_dataclass(hint):
        return dataclass_values(hint)  # pyright: ignore[reportArgumentType]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: _TEXT,
        int: _INTS,
        float: _FLOATS,
        bool: st.booleans(),
        type(None): st.none(),
    }
    return plain[hint]


def dataclass_values(kind: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    given_fields = {
        field.name: values_of(hints[field.name])
        for field in fields(kind)
        if field.name not in ("schema_version", "details")
    }
    if "details" in hints:
        # Further facts by name: a name comes once.
        given_fields["details"] = st.dictionaries(_TEXT, _TEXT, max_size=3).map(
            lambda details: tuple(details.items())
        )
    return st.builds(kind, **given_fields)

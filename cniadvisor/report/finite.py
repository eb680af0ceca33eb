"""No NaN and no infinity in a report: a missing value is an absent one, with a reason."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import cast


def not_finite(value: object, where: str = "") -> Iterator[str]:
    """Yield the place of every NaN or infinity inside ``value``, as in ``trials[3].started_s``.

    Looks into dataclasses, mappings, lists and tuples.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            yield f"{where} is {value}"
    elif is_dataclass(value):
        for field in fields(value):
            yield from not_finite(getattr(value, field.name), _joined(where, field.name))
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[object, object]", value).items():
            yield from not_finite(inner, _joined(where, str(key)))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(cast("Sequence[object]", value)):
            yield from not_finite(inner, f"{where}[{index}]")


def require_finite(value: object, where: str) -> None:
    """Refuse NaN and infinity.

    Raises:
        ValueError: naming the places. It is a fault of cniadvisor's own: a parser or a calculation
            let through what is not a number.
    """
    places = list(not_finite(value, where))
    if places:
        raise ValueError(f"not a finite number: {'; '.join(places[:3])} (a bug in cniadvisor)")


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name

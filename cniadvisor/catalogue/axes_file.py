"""``axes.toml``: what the priorities mean, and when a fact is old."""

from dataclasses import dataclass

from cniadvisor.advise.axes import Axis, By, Criterion
from cniadvisor.advise.catalogue import DEFAULT_AXIS
from cniadvisor.advise.vocabulary import TERMS, Kind
from cniadvisor.catalogue.tables import Table, parsed, suggestion

SCHEMA_VERSION = 1
_AXIS_KEYS = ("title", "why", "criteria", "worst_of", "by", "headline", "article")


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What the file holds."""

    axes: tuple[Axis, ...]
    stale_after_days: int


def parse_axes(text: str, *, source: str) -> Axes:
    """Read the axes.

    Raises:
        UsageError: it is not TOML, a key is unknown, missing or of the wrong type, or an axis is
            computed from something that is not there; names the file, the line and what to do.
    """
    table = parsed(text, source=source)
    table.only(("schema_version", "stale_after_days", "axes"))
    table.whole("schema_version", SCHEMA_VERSION, SCHEMA_VERSION)
    axes = tuple(_axis(name, one) for name, one in table.tables("axes"))
    computed = {axis.name for axis in axes if axis.criteria}
    for axis in axes:
        for part in axis.worst_of:
            if part not in computed:
                raise table.table("axes").error(
                    axis.name,
                    f"is the worst of {part}, which is no axis with criteria",
                    hint=suggestion(part, computed),
                )
    if DEFAULT_AXIS not in {axis.name for axis in axes}:
        raise table.error("axes", f"lacks [axes.{DEFAULT_AXIS}], which counts if nothing else does")
    return Axes(axes=axes, stale_after_days=table.whole("stale_after_days", 1, 36500))


def _axis(name: str, table: Table) -> Axis:
    table.only(_AXIS_KEYS)
    if sum(key in table for key in ("criteria", "worst_of", "by")) != 1:
        raise table.error("criteria", "or worst_of or by: exactly one of them must be there")
    headline = table.text("headline", "")
    if headline and headline not in TERMS:
        raise table.error("headline", "is not a known fact", hint=suggestion(headline, TERMS))
    axis = Axis(
        name=name,
        title=table.text("title"),
        why=table.text("why"),
        criteria=tuple(_criterion(table, one) for one in table.rows("criteria")),
        worst_of=table.names("worst_of"),
        by=_by(table),
        headline=headline,
        article=table.text("article", ""),
    )
    if not (axis.criteria or axis.worst_of or axis.by):
        raise table.error("criteria", "must not be empty")
    if axis.criteria and all(criterion.only_if for criterion in axis.criteria):
        raise table.error("criteria", "must have one without only_if")
    return axis


def _by(table: Table) -> By | None:
    if "by" not in table:
        return None
    value = table.text("by")
    if value not in list(By):
        raise table.error("by", f"must be one of {', '.join(By)}")
    return By(value)


def _criterion(axis: Table, table: Table) -> Criterion:
    for key in table:
        if key not in ("key", "least", "only_if"):
            raise axis.error("criteria", f"has an unknown key: {key}")
    key = table.text("key")
    if key not in TERMS:
        raise axis.error("criteria", f"names no known fact: {key}", hint=suggestion(key, TERMS))
    kind = TERMS[key].kind
    if (kind is Kind.NUMBER) != ("least" in table) or kind is Kind.VERSION:
        raise axis.error("criteria", f"{key}: numbers have a least, flags none, versions can't be")
    return Criterion(
        key=key,
        least=table.number("least") if "least" in table else None,
        only_if=table.text("only_if", ""),
    )

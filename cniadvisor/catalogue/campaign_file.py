"""``reference/NAME.toml``: one campaign of published measurements, or of our own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from cniadvisor.advise.reference import Campaign, Result
from cniadvisor.catalogue.tables import Table, parsed
from cniadvisor.domain.errors import UsageError

ResultOf = Callable[[Path], Result]
"""Says what a report is of, without its figures. Raises UsageError where there is none."""

SCHEMA_VERSION = 1
_KEYS = (
    "schema_version",
    "title",
    "author",
    "date",
    "url",
    "data_url",
    "provenance",
    "conditions",
    "cautions",
    "results",
)


def parse_campaign(
    text: str, *, name: str, source: str, folder: Path, result_of: ResultOf
) -> Campaign:
    """Read a campaign.

    Args:
        text: of the file.
        name: of the campaign.
        source: the file's name in messages.
        folder: where its reports are looked for.
        result_of: reads a report's head.

    Raises:
        UsageError: it is not TOML, a key is unknown, missing or of the wrong type, or a report
            can't be read; names the file, the line and what to do.
    """
    table = parsed(text, source=source)
    table.only(_KEYS)
    table.whole("schema_version", SCHEMA_VERSION, SCHEMA_VERSION)
    conditions = table.names("conditions")
    if not conditions:
        raise table.error("conditions", "must not be empty: a figure means nothing without them")
    return Campaign(
        name=name,
        title=table.text("title"),
        author=table.text("author"),
        date=table.day("date"),
        url=table.text("url", ""),
        data_url=table.text("data_url", ""),
        provenance=table.text("provenance"),
        conditions=conditions,
        cautions=table.names("cautions"),
        results=tuple(_result(one, folder, result_of) for one in table.rows("results")),
    )


def _result(table: Table, folder: Path, result_of: ResultOf) -> Result:
    if "report" in table:
        return _reported(table, folder, result_of)
    table.only(("cni", "variant", "version", "figures", "text"))
    return Result(
        cni=table.text("cni"),
        variant=table.text("variant", ""),
        version=table.text("version", ""),
        figures=_figures(table.table("figures")),
        text=table.text("text", ""),
    )


def _reported(table: Table, folder: Path, result_of: ResultOf) -> Result:
    table.only(("report", "text"))
    try:
        found = result_of(folder / table.text("report"))
    except UsageError as error:
        raise table.error("report", f"is no use: {error.message}", hint=error.hint) from error
    return replace(found, text=table.text("text", ""))


def _figures(table: Table) -> Mapping[str, float]:
    return {name: table.number(name) for name in table}

"""``reference/NAME.toml``: one campaign of published measurements, or of our own."""

from collections.abc import Mapping

from cniadvisor.advise.reference import Campaign, Result
from cniadvisor.catalogue.tables import Table, parsed

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


def parse_campaign(text: str, *, name: str, source: str) -> Campaign:
    """Read a campaign.

    Raises:
        UsageError: it is not TOML, a key is unknown, missing or of the wrong type; names the file,
            the line and what to do.
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
        results=tuple(_result(one) for one in table.rows("results")),
    )


def _result(table: Table) -> Result:
    table.only(("cni", "variant", "version", "figures", "text"))
    return Result(
        cni=table.text("cni"),
        variant=table.text("variant", ""),
        version=table.text("version", ""),
        figures=_figures(table.table("figures")),
        text=table.text("text", ""),
    )


def _figures(table: Table) -> Mapping[str, float]:
    return {name: table.number(name) for name in table}

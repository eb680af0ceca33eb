"""``cnis/NAME.toml``: what is known about one CNI."""

import re
from collections.abc import Mapping

from cniadvisor.advise.profile import (
    Evidence,
    Fact,
    Migration,
    Note,
    Option,
    Profile,
    Role,
    Source,
    Value,
)
from cniadvisor.advise.questionnaire import ANOTHER_RUNS, NOTHING_RUNS
from cniadvisor.advise.vocabulary import TERMS, Kind, version_of
from cniadvisor.catalogue.tables import Table, parsed, suggestion

SCHEMA_VERSION = 1

MOST_OPTIONS = 16
"""Options that can be chosen: every combination of those that matter is tried."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_KEYS = (
    "schema_version",
    "name",
    "title",
    "role",
    "version",
    "installed_by",
    "sources",
    "facts",
    "options",
    "notes",
    "migrations",
)
_FACT_KEYS = ("value", "text", "source")
_OPTION_KEYS = (
    "title",
    "how",
    "only_on",
    "not_on",
    "automatic",
    "excludes",
    "requires",
    "facts",
)


def parse_profile(text: str, *, source: str) -> Profile:
    """Read a profile.

    Raises:
        UsageError: it is not TOML, a key is unknown, missing or of the wrong type, or refers to
            something that is not there; names the file, the line and what to do.
    """
    table = parsed(text, source=source)
    table.only(_KEYS)
    table.whole("schema_version", SCHEMA_VERSION, SCHEMA_VERSION)
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise table.error("name", "must be a word of a-z, 0-9 and - of at most 40 characters")
    if name in (NOTHING_RUNS, ANOTHER_RUNS):
        raise table.error("name", f"must be another: {name} is an answer of the questionnaire")
    sources = {key: _source(one) for key, one in table.tables("sources")}
    reader = _Facts(name, sources)
    role = _role(table)
    facts = reader.facts(table)
    if role is Role.PRIMARY and "min_kernel" not in facts:
        raise table.error("facts", "lacks [facts.min_kernel]: every CNI needs some kernel")
    options = tuple(reader.option(key, one) for key, one in table.tables("options"))
    _check_options(table, options)
    return Profile(
        name=name,
        title=table.text("title"),
        role=role,
        version=table.text("version"),
        installed_by=table.text("installed_by"),
        facts=facts,
        options=options,
        notes=tuple(reader.note(one) for one in table.rows("notes")),
        migrations=tuple(reader.migration(one) for one in table.rows("migrations")),
        origin=source,
    )


def _role(table: Table) -> Role:
    value = table.text("role")
    if value not in list(Role):
        raise table.error("role", "must be primary or meta")
    return Role(value)


def _source(table: Table) -> Source:
    table.only(("what", "version", "date", "kind", "url"))
    kind = table.text("kind")
    if kind not in list(Evidence):
        raise table.error("kind", "is unknown", hint=f"there is {', '.join(Evidence)}")
    url = table.text("url", "")
    if url and not url.startswith("https://"):
        raise table.error("url", "must begin with https://")
    return Source(
        what=table.text("what"),
        version=table.text("version"),
        date=table.day("date"),
        kind=Evidence(kind),
        url=url,
    )


class _Facts:
    """Reads facts, which all need the CNI's name and its sources."""

    def __init__(self, cni: str, sources: Mapping[str, Source]) -> None:
        self._cni = cni
        self._sources = sources

    def facts(self, table: Table, *, option: str = "") -> Mapping[str, Fact]:
        found: dict[str, Fact] = {}
        for key, one in table.tables("facts"):
            if key not in TERMS:
                raise table.table("facts").error(
                    key, "is not a known fact", hint=suggestion(key, TERMS)
                )
            one.only(_FACT_KEYS)
            found[key] = Fact(
                cni=self._cni,
                key=key,
                value=_value(one, TERMS[key].kind),
                text=one.text("text"),
                source=self._source_of(one),
                option=option,
            )
        return found

    def option(self, name: str, table: Table) -> Option:
        table.only(_OPTION_KEYS)
        return Option(
            name=name,
            title=table.text("title"),
            how=table.text("how"),
            facts=self.facts(table, option=name),
            only_on=table.names("only_on"),
            not_on=table.names("not_on"),
            automatic=table.flag("automatic"),
            excludes=table.names("excludes"),
            requires=table.names("requires"),
        )

    def note(self, table: Table) -> Note:
        table.only(("keys", "text", "source", "only_on", "not_on", "alternative"))
        keys = table.names("keys")
        if not keys:
            raise table.error("keys", "must name an axis or a fact at which the note is shown")
        return Note(
            keys=keys,
            fact=self._remark("note", table),
            alternative=table.flag("alternative"),
            only_on=table.names("only_on"),
            not_on=table.names("not_on"),
        )

    def migration(self, table: Table) -> Migration:
        table.only(("from", "live", "text", "source", "only_on", "not_on"))
        origins = table.names("from")
        if not origins:
            raise table.error("from", 'must name CNIs, or "other" for any')
        return Migration(
            origins=origins,
            live=table.flag("live"),
            fact=self._remark("migration", table),
            only_on=table.names("only_on"),
            not_on=table.names("not_on"),
        )

    def _remark(self, key: str, table: Table) -> Fact:
        return Fact(
            cni=self._cni,
            key=key,
            value=None,
            text=table.text("text"),
            source=self._source_of(table),
        )

    def _source_of(self, table: Table) -> Source:
        name = table.text("source")
        if name not in self._sources:
            raise table.error(
                "source",
                f"names {name}, but there is no [sources.{name}]",
                hint=suggestion(name, self._sources),
            )
        return self._sources[name]


def _value(table: Table, kind: Kind) -> Value:
    if kind is Kind.NUMBER:
        return table.number("value")
    if kind is Kind.FLAG:
        table.raw("value")
        return table.flag("value")
    value = table.text("value")
    try:
        version_of(value)
    except ValueError:
        raise table.error("value", 'must be a version in quotes, like "5.10"') from None
    return value


def _check_options(table: Table, options: tuple[Option, ...]) -> None:
    names = {option.name for option in options}
    if sum(not option.automatic for option in options) > MOST_OPTIONS:
        raise table.error("options", f"must be at most {MOST_OPTIONS}, automatic ones not counted")
    for option in options:
        for other in (*option.excludes, *option.requires):
            if other not in names:
                raise table.table("options").error(
                    option.name,
                    f"excludes or requires {other}, which is no option",
                    hint=suggestion(other, names),
                )

"""What is known about one CNI: facts, each with its source, version and date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str
"""A fact's value; a kernel version is text."""


class Evidence(StrEnum):
    """How a fact is known. ``inference`` was read nowhere: it follows from other facts."""

    SOURCE = "source"
    DOCUMENTATION = "documentation"
    OBSERVATION = "observation"
    MEASUREMENT = "measurement"
    INFERENCE = "inference"


class Role(StrEnum):
    """``primary`` wires pods' interface; ``meta`` adds further ones and needs a primary."""

    PRIMARY = "primary"
    META = "meta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact was read: what, in which version, when that was released or read."""

    what: str
    version: str
    date: date
    kind: Evidence
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known about a CNI.

    Attributes:
        cni: whose it is.
        key: one of the vocabulary's; ``note`` for a remark, ``migration`` for a way to get there.
        value: None for a remark.
        text: the sentence that is shown.
        option: the option it holds with; empty for the CNI as it is installed.
    """

    cni: str
    key: str
    value: Value | None
    text: str
    source: Source
    option: str = ""

    def age_days(self, today: date) -> int:
        """Return how old the knowledge is."""
        return (today - self.source.date).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that can be switched on, and the facts that hold then.

    Attributes:
        how: the setting.
        only_on: distributions it exists on; empty for all.
        not_on: distributions it doesn't exist on.
        automatic: how the CNI comes on these distributions: always on there.
        excludes: options it can't be combined with.
        requires: options it needs.
    """

    name: str
    title: str
    how: str
    facts: Mapping[str, Fact]
    only_on: tuple[str, ...] = ()
    not_on: tuple[str, ...] = ()
    automatic: bool = False
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()

    def exists_on(self, distribution: str) -> bool:
        """Whether it can be had on a distribution ("" for one without peculiarities)."""
        return _exists_on(distribution, only_on=self.only_on, not_on=self.not_on)


def _exists_on(distribution: str, *, only_on: tuple[str, ...], not_on: tuple[str, ...]) -> bool:
    return distribution not in not_on and (not only_on or distribution in only_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark to be shown where one of ``keys`` (axes or fact keys) matters.

    ``alternative``: only while another CNI is recommended ("it can do that, too"). ``only_on`` and
    ``not_on`` as for an option.
    """

    keys: tuple[str, ...]
    fact: Fact
    alternative: bool = False
    only_on: tuple[str, ...] = ()
    not_on: tuple[str, ...] = ()

    def exists_on(self, distribution: str) -> bool:
        """Whether it holds on a distribution ("" for one without peculiarities)."""
        return _exists_on(distribution, only_on=self.only_on, not_on=self.not_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How one gets here from other CNIs (``other``: from any); ``live``: while the cluster runs.

    ``only_on`` and ``not_on`` as for an option.
    """

    origins: tuple[str, ...]
    live: bool
    fact: Fact
    only_on: tuple[str, ...] = ()
    not_on: tuple[str, ...] = ()

    def exists_on(self, distribution: str) -> bool:
        """Whether it can be taken on a distribution ("" for one without peculiarities)."""
        return _exists_on(distribution, only_on=self.only_on, not_on=self.not_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One CNI. ``installed_by`` says which installation ``facts`` are about."""

    name: str
    title: str
    role: Role
    version: str
    installed_by: str
    facts: Mapping[str, Fact]
    options: tuple[Option, ...] = ()
    notes: tuple[Note, ...] = ()
    migrations: tuple[Migration, ...] = ()
    origin: str = field(default="", compare=False)
    """The file it was read from, for messages."""

    def all_facts(self) -> tuple[Fact, ...]:
        """Return every fact, those of options, notes and migrations included."""
        return (
            *self.facts.values(),
            *(fact for option in self.options for fact in option.facts.values()),
            *(note.fact for note in self.notes),
            *(migration.fact for migration in self.migrations),
        )

"""Published campaigns: results of others, with their conditions. Shown beside, never mixed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a campaign found for one CNI in one variant.

    ``figures`` are name with unit -> value, as published or as computed from the raw data;
    ``text`` says what was published in words only.
    """

    cni: str
    variant: str
    version: str
    figures: Mapping[str, float]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One set of published measurements.

    Attributes:
        provenance: whose they are: published by others, or our own runs.
        conditions: under which they were taken; a figure means nothing without them.
        cautions: what they don't say.
    """

    name: str
    title: str
    author: str
    date: date
    url: str
    data_url: str
    provenance: str
    conditions: tuple[str, ...]
    cautions: tuple[str, ...]
    results: tuple[Result, ...]

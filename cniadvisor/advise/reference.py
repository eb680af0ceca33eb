"""Campaigns of measurements, others' and our own, with their conditions: shown beside yours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a campaign found for one CNI in one variant.

    ``figures`` are name with unit -> value, as published or as computed from the raw data;
    ``text`` says what was published in words only. Where there is a ``report`` all figures are in
    it, with their intervals, and it is read when they are shown.
    """

    cni: str
    variant: str
    version: str
    figures: Mapping[str, float]
    text: str = ""
    report: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One set of measurements.

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

    @property
    def reports(self) -> tuple[Path, ...]:
        """The reports its results are in; none for what others published."""
        return tuple(one.report for one in self.results if one.report is not None)

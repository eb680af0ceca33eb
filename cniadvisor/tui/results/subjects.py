"""The reports that are looked at together: their names, letters and colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from cniadvisor.domain.report import Report
from cniadvisor.stats.likeness import Unlike, unlike_conditions
from cniadvisor.tui.charts.chart import FURTHER
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording.subject import LETTERS, told_apart

MOST_DRAWN = len(FURTHER)
"""More lines than this nobody tells apart; the text has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Reports with what each is called, in their order.

    ``unlike`` are the conditions in which they are not alike; empty for one report.
    """

    reports: tuple[Report, ...]
    names: tuple[str, ...]
    unlike: tuple[Unlike, ...]

    @property
    def alone(self) -> bool:
        """Whether there is only one report."""
        return len(self.reports) == 1

    @property
    def drawn(self) -> range:
        """The places of the reports that a chart has room for."""
        return range(min(len(self.reports), MOST_DRAWN))

    def mark(self, place: int) -> str:
        """Return the letter that stands beside a report's lines; ``p`` (pod) for one alone."""
        return "p" if self.alone else LETTERS[place]

    def meaning(self, place: int) -> Meaning:
        """Return the meaning of the colour of a report's lines."""
        return Meaning.POD if self.alone else FURTHER[place % len(FURTHER)]


def subjects_of(reports: Sequence[Report]) -> Subjects:
    """Return up to 26 reports as they are looked at together."""
    kept = tuple(reports[: len(LETTERS)])
    return Subjects(
        reports=kept,
        names=told_apart(kept),
        unlike=unlike_conditions(kept) if len(kept) > 1 else (),
    )

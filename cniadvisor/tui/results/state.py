"""What the explorer is looking at, as a value: list, marks, tab, view; and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from cniadvisor.report.library import Entry
from cniadvisor.tui.results.listing import Order, matching, ordered
from cniadvisor.tui.results.topics import Topic, View, neighbour, next_view, views_of
from cniadvisor.wording.subject import LETTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """The list of reports.

    Attributes:
        every: all that were found so far.
        wanted: the words of the filter.
        marked: paths of the reports that are looked at together, in the order of their letters.
        reading: more may come.
    """

    every: tuple[Entry, ...] = ()
    wanted: str = ""
    order: Order = Order.NEWEST
    marked: tuple[Path, ...] = ()
    reading: bool = False

    @property
    def shown(self) -> tuple[Entry, ...]:
        """The entries to list, in their order."""
        return ordered(matching(self.every, self.wanted), self.order)

    def letter(self, entry: Entry) -> str:
        """Return what a marked report is called; empty for the others."""
        return LETTERS[self.marked.index(entry.path)] if entry.path in self.marked else ""

    def with_mark_turned(self, entry: Entry) -> Self:
        """Mark a report, or take its mark away; what can't be read, and a 27th, stays unmarked."""
        if entry.path in self.marked:
            left = tuple(path for path in self.marked if path != entry.path)
            return replace(self, marked=left)
        if entry.problem or len(self.marked) == len(LETTERS):
            return self
        return replace(self, marked=(*self.marked, entry.path))

    def looked_at(self, current: Entry | None) -> tuple[Entry, ...]:
        """Return what the charts are of: the marked reports, or else the one under the cursor."""
        by_path = {entry.path: entry for entry in self.every}
        marked = tuple(by_path[path] for path in self.marked if path in by_path)
        return marked or ((current,) if current is not None else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """Which chart is shown of what is looked at. A view that a topic has not is its first one."""

    topics: tuple[Topic, ...] = ()
    topic: Topic | None = None
    view: View = View.ROUNDS
    from_zero: bool = False

    def of(self, topics: Sequence[Topic]) -> Self:
        """Return the state for other reports: the same tab if they have it."""
        topic = self.topic if self.topic in topics else (topics[0] if topics else None)
        return replace(self, topics=tuple(topics), topic=topic).fitting()

    def fitting(self) -> Self:
        """Return the state with a view that its topic has."""
        if self.topic is None or self.view in views_of(self.topic):
            return self
        return replace(self, view=views_of(self.topic)[0])

    def on_topic(self, place: int) -> Self:
        """Go to the tab at a place."""
        return replace(self, topic=self.topics[place]).fitting()

    def moved(self, step: int) -> Self:
        """Go so many tabs on."""
        if self.topic is None:
            return self
        return replace(self, topic=neighbour(self.topics, self.topic, step)).fitting()

    def on_next_view(self) -> Self:
        """Go to the next chart of the topic."""
        return self if self.topic is None else replace(self, view=next_view(self.topic, self.view))

    @property
    def words(self) -> str:
        """Say which of how many charts it is, and where its axis begins."""
        if self.topic is None:
            return ""
        views = views_of(self.topic)
        axis = axis_words(from_zero=self.from_zero)
        if self.view is View.LOADS:
            axis = "bars from zero"
        which = f"{self.view.value}, {views.index(self.view) + 1} of {len(views)}"
        return f"Chart: {which}; {axis}."


def axis_words(*, from_zero: bool) -> str:
    """Say where a vertical axis begins, because heights are compared by eye."""
    return "axis from zero" if from_zero else "axis from the lowest figure"

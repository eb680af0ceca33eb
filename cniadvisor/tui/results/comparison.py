"""What the comparison shows: how to choose reports, the question, or the ratios."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.measurement import TestName
from cniadvisor.tui.results.subjects import Subjects
from cniadvisor.tui.results.topics import neighbour
from cniadvisor.wording.comparing import (
    Named,
    compare_text,
    compared_tests,
    lettered_lines,
    lines_of_test,
    unlike_lines,
)
from cniadvisor.wording.results import problem_lines
from cniadvisor.wording.words import wrapped

HOW_TO_CHOOSE = (
    "Choose what to compare on the Results screen: space marks a report, c compares the marked "
    "ones. Two to 26 reports can be compared."
)

QUESTION = (
    "What differs may be the machines and not the CNI. Press i to compare all the same: each "
    "report is still held against its own baseline only."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonState:
    """What is compared, and what a person decided about it.

    Attributes:
        names: of the files, as many as there are subjects.
        insisted: reports of unlike conditions are compared, too.
        raw: medians are told as well.
        test: whose chart is shown.
    """

    reading: bool = False
    subjects: Subjects | None = None
    names: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    problems: tuple[CniAdvisorError, ...] = ()
    insisted: bool = False
    raw: bool = False
    test: TestName | None = None
    from_zero: bool = False

    @property
    def comparable(self) -> bool:
        """Whether there are at least two reports to compare."""
        return self.subjects is not None and len(self.subjects.reports) > 1

    @property
    def asks(self) -> bool:
        """Whether the conditions are unlike and nobody has insisted yet."""
        return self.subjects is not None and bool(self.subjects.unlike) and not self.insisted

    @property
    def compared(self) -> Subjects | None:
        """What is set side by side now; None while there is nothing, or a question."""
        return self.subjects if self.comparable and not self.asks else None

    @property
    def tests(self) -> tuple[TestName, ...]:
        """The tests there are charts of."""
        return () if self.subjects is None else compared_tests(self.subjects.reports)

    @property
    def shown_test(self) -> TestName | None:
        """The test whose chart is shown."""
        return self.test if self.test in self.tests else next(iter(self.tests), None)

    def moved(self, step: int) -> Self:
        """Go so many tests on."""
        shown = self.shown_test
        if shown is None:
            return self
        found = neighbour(self.tests, shown, step)
        return replace(self, test=next(test for test in self.tests if test == found))


def verdict_text(state: ComparisonState, width: int) -> str:
    """Return the ratios of the test whose chart is shown; empty while nothing is compared."""
    compared, test = state.compared, state.shown_test
    if compared is None or test is None:
        return ""
    return "\n".join(lines_of_test(compared.reports, test, raw=state.raw, width=width))


def rest_text(state: ComparisonState, width: int) -> str:
    """Return what there is to read beside that: who is who, and the other tests."""
    if state.reading:
        return "Reading."
    sections = [problem_lines(state.problems, width=width)]
    if state.subjects is None or not state.comparable:
        sections.append(wrapped(HOW_TO_CHOOSE, width=width))
        return _joined(sections)
    named = _named(state)
    if state.asks:
        sections += [
            wrapped("These reports were not measured under like conditions.", width=width),
            unlike_lines(state.subjects.unlike, width=width),
            wrapped(QUESTION, width=width),
            lettered_lines(named, width=width),
        ]
        return _joined(sections)
    told = compare_text(
        named,
        state.subjects.unlike,
        raw=state.raw,
        width=width,
        tests=[test for test in state.tests if test is not state.shown_test],
    )
    return _joined([*sections, told.splitlines()])


def whole_text(state: ComparisonState) -> str:
    """Return the comparison as ``cniadvisor compare`` prints it; empty while there is none."""
    if state.compared is None:
        return ""
    return compare_text(_named(state), state.compared.unlike, raw=state.raw)


def _named(state: ComparisonState) -> list[Named]:
    reports = state.subjects.reports if state.subjects is not None else ()
    return [
        Named(name=name, report=report) for name, report in zip(state.names, reports, strict=True)
    ]


def _joined(sections: list[list[str]]) -> str:
    return "\n\n".join("\n".join(section) for section in sections if section)

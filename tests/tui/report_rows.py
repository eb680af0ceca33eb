"""What the Live screen's table must say at the end of a run, from the run's report alone."""

from cniadvisor.domain.measurement import FIGURES
from cniadvisor.domain.report import Report
from cniadvisor.wording.live import ratio_words
from cniadvisor.wording.words import quantity


def require_table_of(report: Report, screen: str) -> None:
    """Hold each line of the table against the report.

    Args:
        screen: its text, wide enough for every column.

    Raises:
        AssertionError: a test has no line, or its line lacks a figure.
    """
    assert report.comparisons
    lines = screen.splitlines()
    for comparison in report.comparisons:
        test = comparison.test
        line = next((line for line in lines if line.split()[:1] == [test.value]), None)
        assert line is not None, f"{test} has no line in\n{screen}"
        medians = [quantity(s.median, s.unit) for s in report.summaries if s.test is test]
        ratio = ratio_words(comparison, higher_is_better=FIGURES[test].higher_is_better)
        assert len(medians) == 2
        for words in (*medians, *ratio, comparison.verdict.value):
            assert words in line, f"{words!r} is in the report, but the line is {line!r}"

from collections.abc import Callable

import pytest

from cniadvisor.domain.report import Report
from cniadvisor.stats.likeness import Unlike
from cniadvisor.wording.comparing import Named, compare_text
from cniadvisor.wording.report import report_text
from cniadvisor.wording.trial import trial_lines
from cniadvisor.wording.words import table

UNLIKE = [Unlike(condition="kernel of the client node", values=("6.12.48", "6.1.0"))]


def shown(report: Report, width: int) -> str:
    return report_text(report, width=width)


def compared(report: Report, width: int) -> str:
    both = [Named(name="a" * 50, report=report), Named(name="b.toml", report=report)]
    return compare_text(both, UNLIKE, raw=True, width=width)


def every_trial(report: Report, width: int) -> str:
    return "\n".join(
        line for trial in report.trials for line in trial_lines(trial, streams=4, width=width)
    )


@pytest.mark.parametrize("width", [30, 56, 79])
@pytest.mark.parametrize("told", [shown, compared, every_trial])
def test_no_line_is_wider_than_there_is_room(
    report: Report, told: Callable[[Report, int], str], width: int
) -> None:
    assert max(len(line) for line in told(report, width).splitlines()) <= width


def test_words_are_the_same_in_any_width(report: Report) -> None:
    # Tables become sentences, so only what is no table is held against each other.
    def told(width: int) -> set[str]:
        return set(report_text(report, width=width).split())

    assert {word for word in told(80) - told(500) if word.isalpha()} == set()


def test_a_table_without_room_becomes_a_sentence_a_row() -> None:
    rows = [("pod", "3", "8.91 Gbit/s"), ("host", "3", "9.40 Gbit/s")]
    header = ("path", "n", "median")

    assert table(header, rows, width=20) == [
        "  pod: n 3, median",
        "    8.91 Gbit/s",
        "  host: n 3, median",
        "    9.40 Gbit/s",
    ]
    assert table(header, rows, width=30) == table(header, rows)

"""The numbered menu: one line at a time, and every entry a command that could be typed."""

from collections.abc import Iterator

import pytest

from cniadvisor.headless.plain_menu import Asker, Item, Words, entries, run_menu


class Offered:
    def __init__(self, reports: int = 0, recordings: int = 0) -> None:
        self._reports = reports
        self._recordings = recordings

    def suites(self) -> list[Item]:
        return [Item(value=name, words=name) for name in ("quick", "standard")]

    def tests(self) -> list[Item]:
        return [Item(value=name, words=name) for name in ("tcp", "udp")]

    def wirings(self) -> list[Item]:
        return [Item(value=name, words=name) for name in ("flannel-vxlan", "canal")]

    def reports(self) -> list[Item]:
        return [Item(value=f"/r/{n}.toml", words=f"report {n}") for n in range(self._reports)]

    def references(self) -> list[Item]:
        return [Item(value="/ref.toml", words="Reference, not yours")] if self._reports else []

    def recordings(self) -> list[Item]:
        return [Item(value=f"/r/{n}.jsonl", words=f"run {n}") for n in range(self._recordings)]


def talk(
    *answers: str, offered: Offered | None = None, read_only: bool = False
) -> tuple[list[Words], list[str]]:
    """Return what was run and what was said when these lines are typed."""
    lines: Iterator[str] = iter(answers)
    told: list[str] = []
    ran: list[Words] = []

    def read() -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    asker = Asker(read=read, tell=told.append)
    run_menu(entries(offered or Offered()), asker, do=ran.append, read_only=read_only)
    return ran, told


def number(words: str, *, read_only: bool = False) -> str:
    """Return the number of the entry that says this."""
    _, told = talk("", read_only=read_only)
    return next(line.split(".")[0] for line in told if words in line)


def test_an_empty_line_or_the_end_of_input_leaves() -> None:
    assert talk("")[0] == []
    assert talk()[0] == []
    assert talk(number("Run a benchmark"))[0] == [], "and so in the middle of a question"


def test_a_wrong_number_is_said_and_asked_again() -> None:
    ran, told = talk("99", "0", "-1", "x", "²", "1", "")
    assert ran == [("detect",)]
    assert told.count("There is no number 99.") == 1
    assert sum("There is no number" in line for line in told) == 5


@pytest.mark.parametrize(
    ("entry", "answers", "words"),
    [
        ("What runs", (), ("detect",)),
        ("Why we think so", (), ("detect", "--explain")),
        ("without creating", ("2", ""), ("bench", "--dry-run", "--suite", "standard")),
        ("Run a benchmark", ("", ""), ("bench", "--headless")),
        ("this machine, without", ("2", "", ""), ("lab", "--headless", "--wiring", "canal")),
        ("this machine, without", ("", "", "1,2"), ("lab", "--headless", "--tests", "tcp,udp")),
        ("Hear a recorded run", ("1",), ("replay", "/r/0.jsonl")),
        ("Read a report", ("2",), ("show", "/r/1.toml")),
        ("Compare", ("1 2",), ("compare", "/r/0.toml", "/r/1.toml")),
        ("CSV, JSON", ("2", "", "1"), ("export", "--format", "json", "/r/0.toml")),
        ("CSV", ("", "x", "1"), ("export", "--format", "csv", "--out", "x", "/r/0.toml")),
        ("CNI that fits", ("",), ("advise",)),
        ("CNI that fits", ("2",), ("advise", "--report", "/r/1.toml")),
        ("left behind", (), ("cleanup",)),
        ("Versions", (), ("info",)),
        ("settings in force", (), ("config", "show")),
    ],
)
def test_every_entry_is_a_command(entry: str, answers: tuple[str, ...], words: Words) -> None:
    ran, _ = talk(number(entry), *answers, offered=Offered(reports=2, recordings=1))
    assert ran == [words]


def test_what_is_not_there_is_said() -> None:
    assert "0 reports" in " ".join(talk(number("Read a report"), "")[1])
    assert "no recording" in " ".join(talk(number("Hear a recorded run"), "")[1])
    ran, told = talk(number("Compare"), "1", "", offered=Offered(reports=2))
    assert ran == []
    assert "This needs 2 reports." in told


def test_a_report_can_be_compared_with_a_reference() -> None:
    ran, told = talk(number("Compare"), "1 2", offered=Offered(reports=1))
    assert ran == [("compare", "/r/0.toml", "/ref.toml")]
    assert "2. Reference, not yours" in told


def test_a_wrong_number_among_several_is_asked_again() -> None:
    ran, told = talk(number("Read a report"), "1 7", "2", offered=Offered(reports=2))
    assert ran == [("show", "/r/1.toml")]
    assert "One of these is no number of the list." in told


def test_read_only_offers_nothing_that_creates_or_removes() -> None:
    _, told = talk("", read_only=True)
    text = " ".join(told)
    for words in ("Run a benchmark", "left behind"):
        assert words not in text
    assert "without a cluster" in text, "it makes nothing outside its own namespaces"
    assert number("Read a report", read_only=True) != number("Read a report")


def test_it_is_plain_lines() -> None:
    _, told = talk("")
    assert all(line.isascii() and line.isprintable() and line for line in told)

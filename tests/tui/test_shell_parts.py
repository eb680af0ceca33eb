"""The pure parts of the shell: lines that are cut, keys that fit, searches, numbers, words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cniadvisor.domain.errors import AccessError, UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.choices import Choice, found
from cniadvisor.tui.cutting import fitted, shortened
from cniadvisor.tui.help import help_text, shown_keys
from cniadvisor.tui.keymap import KEYMAP
from cniadvisor.tui.numbers import checked_number, checked_whole
from cniadvisor.tui.symbols import ASCII, UNICODE
from cniadvisor.tui.widgets.key_bar import ShownKey, fitting
from cniadvisor.tui.widgets.top_bar import head_line
from cniadvisor.wording.overview import (
    age_words,
    cluster_words,
    detect_command,
    error_text,
    offers_text,
    place_words,
)

ARN = "arn:aws:eks:eu-west-1:123456789012:cluster/payments-staging"


def test_a_long_name_keeps_its_end_which_tells_it_apart() -> None:
    assert shortened("dev", 10) == "dev"
    assert shortened(ARN, 24) == "arn:aws…payments-staging"
    assert len(shortened(ARN, 24)) == 24


@given(text=st.text(max_size=80), width=st.integers(min_value=-3, max_value=90))
def test_no_line_is_wider_than_asked(text: str, width: int) -> None:
    assert cell_len(shortened(text, width)) <= max(width, 0)
    assert cell_len(fitted(text, width)) == max(width, 0)
    assert cell_len(head_line("cniadvisor", "Overview", text, width)) <= max(width, 0)


def test_the_place_stands_at_the_right() -> None:
    line = head_line("cniadvisor", "Plan", "dev at 192.0.2.1:6443", 60)
    assert line == " cniadvisor  Plan                     dev at 192.0.2.1:6443 "
    assert len(line) == 60


KEYS = [ShownKey(key=name, display=name, words="words") for name in "abcdef"]


@pytest.mark.parametrize(
    ("width", "kept"), [(200, "abcdef"), (54, "abcdef"), (53, "abcdef"), (52, "abcef"), (5, "ef")]
)
def test_help_and_leaving_stay_however_narrow(width: int, kept: str) -> None:
    assert "".join(key.key for key in fitting(KEYS, width)) == kept


def test_one_key_or_none_is_no_trouble() -> None:
    assert fitting([], 80) == []
    assert fitting(KEYS[:1], 1) == KEYS[:1]


CHOICES = (
    Choice(value="node1", words="node1, amd64, zone a"),
    Choice(value="node2", words="node2, arm64, zone b"),
)


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ("", ["node1", "node2"]),
        ("NODE2", ["node2"]),
        ("zone amd", ["node1"]),
        ("x", []),
        (" ", ["node1", "node2"]),
    ],
)
def test_a_search_wants_every_word_whatever_its_case(wanted: str, values: list[str]) -> None:
    assert [choice.value for choice in found(CHOICES, wanted)] == values


@given(st.text(max_size=30))
def test_what_is_taken_for_a_number_is_one(line: str) -> None:
    if checked_whole(1, 100)(line) is None:
        assert 1 <= int(line) <= 100
    if checked_number(0.1)(line) is None:
        assert 0.1 <= float(line) < float("inf")


@pytest.mark.parametrize("groups", [(), *((name,) for name in KEYMAP), ("results", "list")])
@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_help_fits_and_names_the_keys_that_hold(groups: tuple[str, ...], width: int) -> None:
    text = help_text(groups, {"app.quit": "ctrl+x"}, ASCII, width)
    assert all(len(line) <= width for line in text.splitlines())
    assert "ctrl+x" in text
    assert UNICODE.good not in text


def test_keys_are_written_as_on_the_keyboard() -> None:
    assert shown_keys("question_mark,f1") == "? or f1"
    assert shown_keys("left_square_bracket") == "["


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86400, "1 day ago"),
        (1e7, "115 days ago"),
    ],
)
def test_ages(seconds: float, words: str) -> None:
    assert age_words(seconds) == words


def test_places_and_clusters() -> None:
    assert place_words("dev", "") == "dev"
    assert place_words("d\x1bev", "h:1") == "dev at h:1"
    assert cluster_words("1.36.1", 1) == "Kubernetes 1.36.1, 1 node"
    assert cluster_words("", None) == "Kubernetes of unknown version, nodes can't be counted"


def test_an_error_says_what_is_missing_once() -> None:
    told = AccessError("a right is missing: list nodes", right="list nodes", hint="ask for it")
    assert error_text(told) == "a right is missing: list nodes\nWhat to do: ask for it"
    silent = AccessError("no request is accepted", right="list nodes")
    assert error_text(silent) == "no request is accepted\nMissing right: list nodes"
    assert error_text(UsageError("x" * 50), width=20).count("\n") == 2


def test_offers_are_what_there_is() -> None:
    assert offers_text(lab=False, replay=False) == ""
    assert "recorded run" not in offers_text(lab=True, replay=False)
    assert "lab" not in offers_text(lab=False, replay=True)


def test_the_command_quotes_what_a_shell_would_split() -> None:
    settings = Settings(context="a b", kubeconfig="/k")
    assert detect_command(settings) == (
        "cniadvisor detect --explain --kubeconfig /k --context 'a b'"
    )

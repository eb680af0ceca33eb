"""What iperf3 3.18 really printed, and what it might print when it is cut off."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.driver import Second
from cniadvisor.bench.drivers.iperf3 import Ended, Errored, Started, parse_line

GOLDEN = Path(__file__).parents[2] / "golden" / "iperf3-3.18"


def parsed(name: str) -> list[object]:
    return [parse_line(line) for line in (GOLDEN / name).read_bytes().splitlines()]


@pytest.mark.parametrize("name", ["tcp.jsonl", "tcp-multi.jsonl"])
def test_the_figure_is_the_tools_own_field(name: str) -> None:
    last = json.loads((GOLDEN / name).read_bytes().splitlines()[-1])["data"]

    start, first, second, end = parsed(name)

    assert isinstance(end, Ended)
    assert end.bits_per_s == last["sum_received"]["bits_per_second"]
    assert end.received_bytes == last["sum_received"]["bytes"]
    assert end.retransmits == last["sum_sent"]["retransmits"]
    assert end.sender_congestion == "bbr"
    assert start == Started(version="3.18")
    assert isinstance(first, Second)
    assert isinstance(second, Second)
    assert 0.9 < first.end_s < 1.1
    assert 1.9 < second.end_s < 2.1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("refused.jsonl", "Connection refused"),
        ("busy.jsonl", "the server is busy"),
        ("killed.jsonl", "control socket has closed"),
    ],
)
def test_a_failure_is_told_in_the_tools_words_and_has_no_figure(name: str, words: str) -> None:
    told = parsed(name)

    assert any(isinstance(item, Errored) and words in item.message for item in told)
    assert not any(isinstance(item, Ended) for item in told)


@given(cut=st.integers(min_value=0, max_value=5000))
def test_a_cut_line_is_never_a_figure(cut: int) -> None:
    line = (GOLDEN / "tcp.jsonl").read_bytes().splitlines()[-1]
    assert cut >= len(line) or parse_line(line[:cut]) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sum", "sum_received", "sum_sent", "bits_per_second", "end", "bytes"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    event=st.sampled_from(["start", "interval", "end", "error", "new"]) | json_values,
    data=json_values,
)
def test_any_json_is_read_without_raising_and_gives_finite_figures(
    event: object, data: object
) -> None:
    told = parse_line(json.dumps({"event": event, "data": data}).encode())
    if isinstance(told, Ended):
        assert told.bits_per_s >= 0
        assert told.bits_per_s < float("inf")


@given(line=st.binary(max_size=200))
def test_garbage_is_ignored(line: bytes) -> None:
    assert parse_line(line) is None or line.strip().startswith(b"{")

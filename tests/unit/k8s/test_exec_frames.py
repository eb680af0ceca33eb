import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.k8s.exec_frames import LineSplitter, Tail, exit_status


def split(pieces: list[bytes]) -> list[bytes]:
    splitter = LineSplitter()
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    rest = splitter.rest()
    return lines if rest is None else [*lines, rest]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=12))
def test_lines_do_not_depend_on_how_the_stream_is_cut(stream: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in itertools.pairwise(places)]
    expected = stream.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert split(pieces) == expected


def test_a_character_cut_in_two_stays_whole() -> None:
    word = "träge\n".encode()
    assert split([word[:3], word[3:]]) == ["träge".encode()]


def test_a_line_that_never_ends_is_bounded() -> None:
    splitter = LineSplitter(longest=10)
    assert splitter.feed(b"x" * 10) == []
    with pytest.raises(EndpointLost, match="more than 10 bytes"):
        splitter.feed(b"x")


def test_a_long_stream_of_short_lines_is_not_a_long_line() -> None:
    splitter = LineSplitter(longest=10)
    for _ in range(100):
        assert splitter.feed(b"12345\n6789") in ([b"12345"], [b"678912345"])


@given(st.lists(st.binary(max_size=40)), st.integers(1, 64))
def test_a_tail_keeps_the_last_bytes(pieces: list[bytes], limit: int) -> None:
    tail = Tail(limit=limit)
    for piece in pieces:
        tail.feed(piece)
    assert tail.text() == b"".join(pieces)[-limit:].decode(errors="replace")


def failure(code: object, *, reason: str = "NonZeroExitCode") -> bytes:
    causes = [{"reason": "ExitCode", "message": code}]
    status = {"status": "Failure", "reason": reason, "message": "m", "details": {"causes": causes}}
    return json.dumps(status).encode()


def test_success_is_zero() -> None:
    assert exit_status(b'{"metadata":{},"status":"Success"}') == 0


@given(st.integers(0, 255))
def test_a_non_zero_exit_is_read_from_its_cause(code: int) -> None:
    assert exit_status(failure(str(code))) == code


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (b"", "no reason given"),
        (b"not json", "not json"),
        (b"\xff\xfe", "command was lost"),
        (b"[]", r"\[\]"),
        (b'{"status":"Failure","message":"pod is \\u001b[31mgone"}', r"pod is \[31mgone"),
        (failure("12x"), "m"),
        (failure("-1"), "m"),
        (failure("²"), "m"),
        (failure(3), "m"),
        (failure("3", reason="InternalError"), "m"),
        (b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":7}}', "lost"),
    ],
)
def test_anything_else_is_a_lost_command(frame: bytes, said: str) -> None:
    with pytest.raises(EndpointLost, match=said):
        exit_status(frame)


@given(st.binary(max_size=200))
def test_garbage_is_never_an_exit_status(frame: bytes) -> None:
    with pytest.raises(EndpointLost):
        exit_status(frame)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["Failure", "Succes", ""]) | json_values,
            "reason": st.sampled_from(["NonZeroExitCode", "InternalError"]) | json_values,
            "message": json_values,
            "details": json_values
            | st.fixed_dictionaries({"causes": json_values | st.lists(json_values)}),
        },
    )
)
def test_a_status_of_any_shape_is_no_exit_status_by_chance(status: dict[str, object]) -> None:
    if status.get("status") == "Success":
        return
    with pytest.raises(EndpointLost):
        exit_status(json.dumps(status).encode())

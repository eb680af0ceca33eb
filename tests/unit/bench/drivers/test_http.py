"""What wrk 4.1.0 with our script really printed, and what the driver makes of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.driver import Measurement, Running, TrialFailed
from cniadvisor.bench.drivers.http import Finished, WrkGoodput, parse_line

Make = Callable[..., Any]
Read = Callable[[str], bytes]
GOLDEN = Path(__file__).parents[3] / "golden" / "wrk-4.1.0"
DONE = (GOLDEN / "1m.txt").read_bytes().splitlines()[-1]


@pytest.fixture
def wrk(ends: Make, answer: Make, golden: Read) -> Make:
    """Return a maker of ends where wrk prints a golden file."""

    def make(name: str, status: int = 0) -> Any:
        error = GOLDEN / f"{name}.stderr"
        printed = answer(
            golden(f"wrk-4.1.0/{name}.txt"), status, error.read_text() if error.exists() else ""
        )
        version = answer(golden("wrk-4.1.0/version.txt"), 1)

        def wrk(argv: tuple[str, ...]) -> Any:
            return version if "--version" in argv else printed

        return ends({"wrk": wrk})

    return make


async def test_the_figure_is_wrks_own_bytes_over_its_own_time(wrk: Make) -> None:
    both = wrk("1m")

    measured = await both.measured(WrkGoodput(threads=2))

    own = json.loads(DONE)
    assert measured.figures["goodput_mbit_per_s"] == pytest.approx(
        own["bytes"] * 8 / own["duration_us"], rel=1e-12
    )
    assert measured.figures["requests_per_s"] == own["requests"] / (own["duration_us"] / 1e6)
    assert measured.figures["slow_requests"] == 0
    assert measured.payload_bytes == own["bytes"]
    assert (measured.tool, measured.tool_version) == ("wrk", "4.1.0-4+b1")


async def test_the_timed_part_begins_when_the_script_says_so(wrk: Make) -> None:
    told = await wrk("1m").told(WrkGoodput(threads=2))

    assert [type(item) for item in told] == [Running, Measurement]


async def test_the_command_asks_for_the_object_over_kept_connections(wrk: Make) -> None:
    both = wrk("1m")

    await both.told(WrkGoodput(threads=128), seconds=1.2)

    argv = " ".join(both.client.started[0])
    assert "--threads 16 --connections 16 --duration 2s --timeout 2s" in argv
    assert argv.endswith("http://10.0.0.2:5001/1m")
    assert both.client.deadlines == [17]


async def test_an_ipv6_address_stands_in_brackets(wrk: Make) -> None:
    both = wrk("1m")
    both.server.address = "fd00::2"

    await both.told(WrkGoodput(threads=1))

    assert both.client.started[0][-1] == "http://[fd00::2]:5001/1m"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("refused", 1, "unable to connect to 127.0.0.1:8999 Connection refused"),
        ("missing", 0, "18242 status errors beside 18242 answered requests"),
        ("killed", 0, "16 read errors, 12063 write errors beside 853 answered requests"),
        ("no-script", 0, "cannot open /nothing.lua"),
        ("1m", 124, r"exit status 124\): it ended without its result"),
    ],
)
async def test_a_failure_is_told_in_wrks_words(
    wrk: Make, name: str, status: int, words: str
) -> None:
    with pytest.raises(TrialFailed, match=words):
        await wrk(name, status).told(WrkGoodput(threads=2))


async def test_nothing_answered_is_no_figure(ends: Make, answer: Make) -> None:
    event = json.loads(DONE) | {"requests": 0}
    both = ends({"wrk": [answer(json.dumps(event).encode())]})

    with pytest.raises(TrialFailed, match="no request was answered"):
        await both.told(WrkGoodput(threads=2))


async def test_a_missing_tool_is_told_before_the_first_trial(ends: Make, answer: Make) -> None:
    both = ends({"wrk": [answer(b"", 127, "exec: wrk: not found")]})

    with pytest.raises(TrialFailed, match=r"wrk \(exit status 127\): exec: wrk: not found"):
        await WrkGoodput(threads=1).prepare(both.client, both.server)


def test_a_server_that_hangs_is_a_slow_one_to_wrk() -> None:
    told = parse_line((GOLDEN / "hangs.txt").read_bytes().splitlines()[-1])

    assert isinstance(told, Finished)
    assert told.errors == {}
    assert told.slow_requests == 0


@given(cut=st.integers(0, len(DONE) - 1))
def test_a_cut_line_is_never_a_figure(cut: int) -> None:
    assert parse_line(DONE[:cut]) is None


@pytest.mark.parametrize("key", ["bytes", "duration_us", "requests", "errors"])
def test_a_result_that_lacks_a_count_is_none(key: str) -> None:
    event = json.loads(DONE)
    del event[key]

    assert parse_line(json.dumps(event).encode()) is None


anything = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3)


@given(
    event=st.fixed_dictionaries(
        {"event": st.just("done")},
        optional={
            "bytes": anything,
            "duration_us": anything,
            "requests": anything,
            "errors": anything | st.dictionaries(st.sampled_from(["connect", "read"]), anything),
        },
    )
)
def test_any_json_is_read_without_raising(event: dict[str, object]) -> None:
    told = parse_line(json.dumps(event).encode())
    assert told is None or isinstance(told, Finished)


@given(line=st.binary(max_size=100))
def test_garbage_is_ignored(line: bytes) -> None:
    assert parse_line(line) is None

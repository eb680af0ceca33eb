"""What sockperf 3.7 really printed, and what the driver makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.driver import Measurement, Running, TrialFailed
from cniadvisor.bench.drivers.sockperf import Protocol, SockperfLatency, parse

Make = Callable[..., Any]
Read = Callable[[str], bytes]
PRINTED = (Path(__file__).parents[3] / "golden" / "sockperf-3.7" / "udp.txt").read_bytes()


@pytest.fixture
def sockperf(ends: Make, answer: Make, golden: Read) -> Make:
    """Return a maker of ends where sockperf prints a golden file."""

    def make(name: str, status: int = 0) -> Any:
        return ends({"sockperf": [answer(golden(f"sockperf-3.7/{name}.txt"), status)]})

    return make


@pytest.mark.parametrize(
    ("protocol", "p50", "p90", "p99", "messages"),
    [
        (Protocol.TCP, 17.292, 25.377, 92.963, 63404),
        (Protocol.UDP, 17.923, 92.362, 189.614, 44611),
    ],
)
async def test_the_figures_are_sockperfs_own(
    sockperf: Make, protocol: Protocol, p50: float, p90: float, p99: float, messages: int
) -> None:
    told = await sockperf(protocol).told(SockperfLatency(protocol=protocol))

    assert [type(item) for item in told] == [Running, Measurement]
    assert told[-1].figures == {
        "rtt_p50_us": p50,
        "rtt_p90_us": p90,
        "rtt_p99_us": p99,
        "messages": messages,
        "dropped": 0,
        "duplicated": 0,
        "out_of_order": 0,
    }
    assert told[-1].facts == {}
    assert told[-1].payload_bytes == messages * 64
    assert (told[-1].tool, told[-1].tool_version) == ("sockperf", "3.7-no.git")


async def test_the_timed_part_begins_when_sockperf_says_so(ends: Make, answer: Make) -> None:
    unsaid = PRINTED.replace(b"Starting test...", b"")

    told = await ends({"sockperf": [answer(unsaid)]}).told(SockperfLatency(protocol=Protocol.UDP))

    assert [type(item) for item in told] == [Measurement]


async def test_the_whole_round_trip_is_asked_for_at_its_own_server(sockperf: Make) -> None:
    tcp, udp = sockperf("tcp"), sockperf("udp")

    await tcp.told(SockperfLatency(protocol=Protocol.TCP))
    await udp.told(SockperfLatency(protocol=Protocol.UDP))

    assert " ".join(tcp.client.started[0]) == (
        "sockperf ping-pong --tcp --ip 10.0.0.2 --port 5004 --time 2 --msg-size 64 --full-rtt"
    )
    assert " ".join(udp.client.started[0]) == (
        "sockperf ping-pong --ip 10.0.0.2 --port 5005 --time 2 --msg-size 64 --full-rtt"
    )


@pytest.mark.parametrize(("limit", "mps"), [(99.0, "193359"), (0.512, "1000"), (0.0001, "1")])
async def test_a_low_limit_holds_the_messages_back(sockperf: Make, limit: float, mps: str) -> None:
    both = sockperf("udp")

    await both.told(SockperfLatency(protocol=Protocol.UDP, max_rate_mbit_per_s=limit))

    assert both.client.started[0][-2:] == ("--mps", mps)


async def test_a_high_limit_is_kept_without_a_word(sockperf: Make) -> None:
    both = sockperf("udp")

    await both.told(SockperfLatency(protocol=Protocol.UDP, max_rate_mbit_per_s=100))

    assert "--mps" not in both.client.started[0]


@pytest.mark.parametrize(
    ("name", "status", "protocol", "words"),
    [
        ("refused-tcp", 0, Protocol.TCP, "Can`t connect socket .errno=111 Connection refused"),
        ("killed-tcp", 7, Protocol.TCP, "A connection was forcibly closed by a peer"),
        ("refused-udp", 0, Protocol.UDP, "No messages were received from the server"),
        ("killed-udp", 0, Protocol.UDP, "No messages were received from the server"),
        ("hangs-udp", 0, Protocol.TCP, "no answer came any more after 1.08 of 1.55 s"),
        ("lost-udp", 0, Protocol.UDP, "no answer came any more after 0.32 of 1.55 s"),
        ("udp", 124, Protocol.UDP, "exit status 124"),
    ],
)
async def test_a_failure_has_no_figure_whatever_the_exit_status(
    sockperf: Make, name: str, status: int, protocol: Protocol, words: str
) -> None:
    with pytest.raises(TrialFailed, match=words):
        await sockperf(name, status).told(SockperfLatency(protocol=protocol))


async def test_a_udp_trial_that_was_cut_short_late_counts_and_says_so(sockperf: Make) -> None:
    told = await sockperf("hangs-udp").told(SockperfLatency(protocol=Protocol.UDP))

    assert told[-1].figures["rtt_p50_us"] == 18.664
    assert told[-1].facts["cut_short"] == (
        "no answer came any more after 1.08 of 1.55 s: a datagram was lost or the server hung"
    )


@given(cut=st.integers(0, PRINTED.index(b"<MIN>") + 5))
def test_a_cut_output_is_never_a_figure(cut: int) -> None:
    assert parse(PRINTED[:cut]) is None


@given(at=st.integers(0, len(PRINTED) - 1), rubbish=st.binary(min_size=1, max_size=8))
def test_rubbish_in_the_output_is_read_without_raising(at: int, rubbish: bytes) -> None:
    parse(PRINTED[:at] + rubbish + PRINTED[at + len(rubbish) :])


@given(text=st.binary(max_size=200))
def test_garbage_is_ignored(text: bytes) -> None:
    assert parse(text) is None

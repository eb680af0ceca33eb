"""What iperf3 3.18 really printed for UDP, and what a search makes of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cniadvisor.bench.driver import Measurement, Running, Second, TrialFailed
from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.bench.drivers.iperf3_udp import Iperf3Udp
from cniadvisor.bench.drivers.iperf3_udp_max import Iperf3UdpMax

Make = Callable[..., Any]
Read = Callable[[str], bytes]


def last_event(lines: bytes) -> dict[str, Any]:
    return json.loads(lines.splitlines()[-1])["data"]


async def test_goodput_and_loss_are_the_tools_own_fields(
    ends: Make, answer: Make, golden: Read
) -> None:
    printed = golden("iperf3-3.18/udp.jsonl")
    both = ends({"iperf3": [answer(printed)]})

    told = await both.told(Iperf3Udp())

    assert [type(item) for item in told] == [Running, Second, Second, Measurement]
    received, sent = last_event(printed)["sum_received"], last_event(printed)["sum_sent"]
    figures = told[-1].figures
    assert figures["goodput_mbit_per_s"] == received["bits_per_second"] / 1e6
    assert figures["loss_percent"] == received["lost_percent"] == 50.764001397757234
    assert figures["jitter_ms"] == received["jitter_ms"]
    assert figures["offered_mbit_per_s"] == sent["bits_per_second"] / 1e6
    arrived = received["packets"] - received["lost_packets"]
    assert figures["datagrams_per_s"] == arrived / received["seconds"]
    assert told[-1].payload_bytes == received["bytes"] == arrived * 1372
    assert told[-1].tool_version == "3.18"


async def test_datagrams_that_arrived_twice_are_no_negative_loss(
    ends: Make, answer: Make, golden: Read
) -> None:
    *others, last = golden("iperf3-3.18/udp-20m.jsonl").splitlines()
    event = json.loads(last)
    event["data"]["sum_received"] |= {"lost_packets": -3, "lost_percent": -0.2}
    printed = b"\n".join([*others, json.dumps(event).encode()])

    told = await ends({"iperf3": [answer(printed)]}).told(Iperf3Udp())

    assert told[-1].figures["loss_percent"] == 0.0


async def test_the_sender_does_not_hold_back_and_datagrams_fit_a_pods_mtu(
    ends: Make, answer: Make, golden: Read
) -> None:
    both = ends({"iperf3": [answer(golden("iperf3-3.18/udp.jsonl"))]})

    await both.told(Iperf3Udp())

    argv = " ".join(both.client.started[0])
    assert "--reverse --time 2 --udp --bitrate 0 --length 1372" in argv


async def test_a_limit_is_the_bitrate_of_all_streams_together(
    ends: Make, answer: Make, golden: Read
) -> None:
    both = ends({"iperf3": [answer(golden("iperf3-3.18/udp.jsonl"))]})
    await both.told(Iperf3Udp(max_rate_mbit_per_s=80))
    assert "--bitrate 80000000" in " ".join(both.client.started[0])

    both = ends({"iperf3": [answer(golden("iperf3-3.18/tcp-multi.jsonl"))]})
    await both.told(Iperf3Tcp(streams=4, max_rate_mbit_per_s=100))
    await both.told(Iperf3Tcp(streams=4))
    assert "--parallel 4 --bitrate 25000000" in " ".join(both.client.started[0])
    assert "--bitrate" not in both.client.started[1]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("udp-refused.jsonl", 1, "Connection refused"),
        ("udp-killed.jsonl", 1, "control socket has closed"),
        ("udp-all-lost.jsonl", 0, "none of 1826 datagrams arrived"),
        ("tcp.jsonl", 0, "did not tell how many datagrams were lost"),
        ("nothing.txt", 0, "ended without its result"),
    ],
)
async def test_a_failure_has_no_figure(
    ends: Make, answer: Make, golden: Read, name: str, status: int, words: str
) -> None:
    both = ends({"iperf3": [answer(golden(f"iperf3-3.18/{name}"), status)]})

    with pytest.raises(TrialFailed, match=words):
        await both.told(Iperf3Udp())


def transfer(
    rate: float,
    *,
    loss_percent: float,
    sent: float | None = None,
    heard: float = 1.0,
    seconds: float = 2.0,
) -> bytes:
    """Return what iperf3 prints when ``sent`` Mbit/s go out and a share of them is lost."""
    offered = rate if sent is None else sent
    count = 100_000
    expected = int(count * heard)
    lost = int(expected * loss_percent / 100)
    bits = offered * 1e6 * (1 - loss_percent / 100)
    received: dict[str, float] = {"bits_per_second": bits, "bytes": (expected - lost) * 1372}
    received["seconds"] = seconds
    received |= {"packets": expected, "lost_packets": lost, "lost_percent": loss_percent}
    end = {
        "sum_received": received | {"jitter_ms": 0.01},
        "sum_sent": {"bits_per_second": offered * 1e6, "packets": count},
    }
    events = [
        {"event": "start", "data": {"version": "iperf 3.18"}},
        {"event": "interval", "data": {"sum": {"end": 1.0, "bits_per_second": bits}}},
        {"event": "end", "data": end},
    ]
    return b"\n".join(json.dumps(event).encode() for event in events)


@pytest.fixture
def network(ends: Make, answer: Make) -> Make:
    """Return a maker of ends between which more than ``capacity`` Mbit/s is lost."""

    def make(*, capacity: float, sender: float = 1e9) -> Any:
        def printed(argv: tuple[str, ...]) -> Any:
            rate = float(argv[argv.index("--bitrate") + 1]) / 1e6 or 1000.0
            sent = min(rate, sender)
            loss = max(0.0, (1 - capacity / sent) * 100)
            return answer(transfer(rate, loss_percent=loss, sent=sent))

        return ends({"iperf3": printed})

    return make


def asked_rates(both: Any) -> list[float]:
    argvs = both.client.started
    return [float(argv[argv.index("--bitrate") + 1]) / 1e6 for argv in argvs]


async def searched(both: Any, driver: Iperf3UdpMax) -> Measurement:
    """Return what the first trial after the warm-up measures."""
    await both.measured(driver)
    both.client.started.clear()
    return (await both.told(driver))[-1]


async def test_a_search_begins_at_udps_goodput_and_brackets_the_capacity(network: Make) -> None:
    both = network(capacity=600)

    found = await searched(both, Iperf3UdpMax())

    assert asked_rates(both)[0] == pytest.approx(600)  # what full blast delivered in the warm-up
    assert found.figures["bracket_low_mbit_per_s"] <= 600
    assert found.figures["bracket_high_mbit_per_s"] > 600
    assert found.figures["highest_rate_mbit_per_s"] == found.figures["bracket_low_mbit_per_s"]
    steps = int(found.figures["steps"])
    assert steps <= 7
    assert set(found.facts) == {"result", *(f"step_{n}" for n in range(1, steps + 1))}
    assert found.facts["step_1"] == ("600.0 Mbit/s asked, 600.0 received, 0 % and 0 % lost: passed")


async def test_a_failing_rate_costs_one_transfer_and_a_passing_one_two(network: Make) -> None:
    both = network(capacity=600)

    found = await searched(both, Iperf3UdpMax())

    passed = sum(": passed" in fact for fact in found.facts.values())
    failed = sum(": failed" in fact for fact in found.facts.values())
    assert len(both.client.started) == 2 * passed + failed
    assert all("--time 2 " in " ".join(argv) for argv in both.client.started)


async def test_seconds_run_on_through_a_search(network: Make) -> None:
    both = network(capacity=600)
    driver = Iperf3UdpMax()
    await both.measured(driver)

    told = await both.told(driver)

    ends_s = [item.end_s for item in told if isinstance(item, Second)]
    assert ends_s == [1.0 + 2 * n for n in range(len(ends_s))]
    assert Iperf3UdpMax.tells_seconds, "or the core would tell the same seconds off the wire, too"
    assert sum(isinstance(item, Running) for item in told) == 1
    arrived = last_event(transfer(600, loss_percent=0))["sum_received"]["bytes"]
    assert told[-1].payload_bytes > arrived * (len(ends_s) - 1)


async def test_not_reached_is_a_result_without_a_figure(network: Make) -> None:
    both = network(capacity=600)
    driver = Iperf3UdpMax()
    await both.measured(driver)
    lossy = network(capacity=1)
    lossy.client.started.clear()

    found = (await lossy.told(driver))[-1]

    assert isinstance(found, Measurement)
    assert "highest_rate_mbit_per_s" not in found.figures
    assert found.figures["steps"] == 7
    assert found.figures["bracket_high_mbit_per_s"] == pytest.approx(600 / 64)
    assert found.facts["result"] == (
        "not reached: 9.4 Mbit/s, the lowest rate tried, lost more than 0.1 %"
    )


async def test_a_sender_that_cannot_keep_up_ends_the_search(network: Make) -> None:
    both = network(capacity=5000, sender=700)

    found = await searched(both, Iperf3UdpMax())

    assert found.figures["highest_rate_mbit_per_s"] == pytest.approx(700)
    assert "bracket_high_mbit_per_s" not in found.figures
    assert found.facts["result"] == "at least that: the sender could not send faster"


async def test_no_rate_above_the_limit_is_tried(network: Make) -> None:
    both = network(capacity=600)
    driver = Iperf3UdpMax(max_rate_mbit_per_s=50)

    await both.measured(driver)
    found = (await both.told(driver))[-1]

    assert max(asked_rates(both)) == pytest.approx(50)
    assert found.figures["highest_rate_mbit_per_s"] == pytest.approx(50)


async def test_a_path_that_dies_in_mid_trial_is_not_free_of_loss(ends: Make, answer: Make) -> None:
    both = ends({"iperf3": [answer(transfer(500, loss_percent=0, heard=0.5))]})

    with pytest.raises(TrialFailed, match="of 100000 datagrams none arrived after number 50000"):
        await both.told(Iperf3Udp())


async def test_what_is_sent_after_the_end_is_not_missed(ends: Make, answer: Make) -> None:
    """A busy machine tells the sender late that the test is over."""
    both = ends({"iperf3": [answer(transfer(500, loss_percent=0, heard=0.7, seconds=1))]})
    found = (await both.told(Iperf3Udp()))[-1]
    assert found.figures["loss_percent"] == 0

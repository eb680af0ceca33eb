"""What h2load 1.64.0 and the count of its log really printed, and what the driver makes of it."""

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.driver import Measurement, Running, TrialFailed
from cniadvisor.bench.drivers.http_latency import (
    H2loadLatency,
    Log,
    Summary,
    parse_log,
    parse_summary,
    percentile,
)

Make = Callable[..., Any]
Read = Callable[[str], bytes]
GOLDEN = Path(__file__).parents[3] / "golden" / "h2load-1.64.0"
PRINTED = (GOLDEN / "1k.txt").read_bytes()
LOG = PRINTED.splitlines()[-1]


@pytest.fixture
def h2load(ends: Make, answer: Make, golden: Read) -> Make:
    """Return a maker of ends where h2load prints a golden file."""

    def make(name: str, status: int = 0, stderr: str = "") -> Any:
        return ends(
            {
                "h2load": [answer(golden("h2load-1.64.0/version.txt"))],
                "cniadvisor-h2load": [answer(golden(f"h2load-1.64.0/{name}.txt"), status, stderr)],
            }
        )

    return make


async def test_the_percentiles_are_those_of_the_logs_lines(h2load: Make) -> None:
    both = h2load("1k")

    measured = await both.measured(H2loadLatency())

    times = sorted(
        int(time) for time, count in json.loads(LOG)["latency_us"].items() for _ in range(count)
    )
    assert len(times) == 1968
    assert measured.figures["latency_p50_us"] == times[983]
    assert measured.figures["latency_p90_us"] == times[1771]
    assert measured.figures["latency_p99_us"] == times[1948]
    assert measured.figures["latency_p50_us"] == pytest.approx(statistics.median(times), abs=5)
    assert measured.figures["requests"] == 1968
    assert measured.figures["requests_per_s"] == 984
    assert measured.payload_bytes == 2515104
    assert measured.facts == {}
    assert (measured.tool, measured.tool_version) == ("h2load", "1.64.0")


async def test_the_rate_is_that_of_all_clients_together(h2load: Make) -> None:
    both = h2load("1k")

    told = await both.told(H2loadLatency())

    assert [type(item) for item in told] == [Running, Measurement]
    argv = " ".join(both.client.started[0])
    assert "--h1 --clients 8 --threads 1 --rps 125 --duration 2 http://10.0.0.2:5001/1k" in argv


@pytest.mark.parametrize(("limit", "rps"), [(1000.0, "125"), (5.2, "62"), (0.001, "1")])
async def test_a_limit_lowers_the_rate(h2load: Make, limit: float, rps: str) -> None:
    both = h2load("1k")

    await both.told(H2loadLatency(max_rate_mbit_per_s=limit))

    argv = both.client.started[0]
    assert argv[argv.index("--rps") + 1] == rps


async def test_a_client_that_fell_behind_is_told(h2load: Make, answer: Make) -> None:
    lines = PRINTED.replace(b"984.00 req/s", b"947.00 req/s")
    both = h2load("1k")
    both.client.answers["cniadvisor-h2load"] = [answer(lines)]

    measured = await both.measured(H2loadLatency())

    assert measured.facts["fell_behind"].startswith(
        "1000 requests/s were asked for, 947 were answered"
    )
    assert measured.figures["requests_per_s"] == 947
    assert measured.figures["asked_requests_per_s"] == 1000


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("refused", 0, "no request was answered"),
        ("missing", 0, "not answered with status 200: 160 with status 404"),
        ("hangs", 0, r"no answer came any more after [01]\.\d of 2 s"),
        ("killed", 0, r"no answer came any more after [01]\.\d of 2 s"),
        ("1k", 124, "exit status 124"),
    ],
)
async def test_what_h2load_keeps_quiet_about_is_told(
    h2load: Make, name: str, status: int, words: str
) -> None:
    with pytest.raises(TrialFailed, match=words):
        await h2load(name, status).told(H2loadLatency())


async def test_without_its_log_it_has_no_figure(ends: Make, answer: Make) -> None:
    without = b"\n".join(PRINTED.splitlines()[:-1])
    both = ends({"cniadvisor-h2load": [answer(without, 1, "cniadvisor-h2load: wrote no log")]})

    with pytest.raises(TrialFailed, match="wrote no log"):
        await both.told(H2loadLatency())


def test_a_log_that_contradicts_itself_is_none() -> None:
    event = json.loads(LOG)
    event["statuses"]["200"] += 1

    assert parse_log(json.dumps(event).encode()) is None


def test_a_summary_is_read_in_whole_numbers() -> None:
    assert parse_summary(PRINTED) == Summary(
        requests_per_s=984.0, succeeded=1968, unsuccessful=0, received_bytes=2515104
    )
    failed = parse_summary((GOLDEN / "missing.txt").read_bytes())
    assert failed is not None
    assert failed.unsuccessful == 160


@given(cut=st.integers(0, len(LOG) - 1))
def test_a_cut_log_is_none(cut: int) -> None:
    assert parse_log(LOG[:cut]) is None


@given(cut=st.integers(0, len(PRINTED)))
def test_a_cut_summary_is_none_or_whole(cut: int) -> None:
    read = parse_summary(PRINTED[:cut])
    assert read is None or read == parse_summary(PRINTED)


anything = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3)
counts = st.dictionaries(st.sampled_from(["200", "-1", "7", "x"]), anything, max_size=3)


@given(statuses=anything | counts, latency=anything | counts, span=anything)
def test_any_json_is_read_without_raising(statuses: object, latency: object, span: object) -> None:
    event = {"event": "log", "statuses": statuses, "latency_us": latency, "span_us": span}
    told = parse_log(json.dumps(event).encode())
    assert told is None or isinstance(told, Log)


@given(text=st.binary(max_size=100))
def test_garbage_is_ignored(text: bytes) -> None:
    assert parse_log(text) is None
    assert parse_summary(text) is None


@given(values=st.lists(st.integers(0, 1000), min_size=1), percent=st.floats(0.1, 100))
def test_a_percentile_is_a_value_that_enough_values_do_not_exceed(
    values: list[int], percent: float
) -> None:
    histogram = {value: values.count(value) for value in values}

    found = percentile(histogram, percent)

    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 - 1e-6
    assert sum(value < found for value in values) < len(values) * percent / 100


def test_the_median_of_four_is_the_second() -> None:
    assert percentile({10: 1, 20: 1, 30: 1, 40: 1}, 50) == 20
    assert percentile({10: 99, 500: 1}, 99) == 10

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from cniadvisor.bench.endpoints import EndpointLost
from cniadvisor.domain.errors import AccessError, DeadlineError
from cniadvisor.k8s import logs as logs_module
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.exec import Container
from cniadvisor.k8s.logs import following_counters, last_words, read_tail
from tests.fakeapi.server import FakeApi, FakeLog

SAMPLER = Container(namespace="bench", pod="p", name="sampler")
KEY = ("bench", "p", "sampler")
PATH = "/api/v1/namespaces/bench/pods/p/log"
HEADER = b'{"sampler":1,"interface":"eth0","mtu":1450}\n'


def counter(t: float) -> bytes:
    return json.dumps({"t": t, "rx": 1, "tx": 2}).encode() + b"\n"


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    async with FakeApi.serve() as served:
        yield served


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_module, "_PAUSE_S", 0.01)


async def taken(connection: Connection, count: int) -> list[bytes]:
    seen: list[bytes] = []
    async with aclosing(following_counters(connection, SAMPLER, asyncio.Event())) as lines:
        async for line in lines:
            seen.append(line)
            if len(seen) == count:
                break
    return seen


async def test_lines_come_raw_wherever_the_stream_is_cut(
    api: FakeApi, connection: Connection
) -> None:
    api.logs[KEY] = FakeLog(chunks=[HEADER + b'{"t":1', b',"rx":1,"tx":2}\n'], ends=False)
    assert await taken(connection, 2) == [HEADER.strip(), b'{"t":1,"rx":1,"tx":2}']
    assert api.requests[0].query == {"container": "sampler", "follow": "true"}


@pytest.mark.parametrize("drops", [True, False])
async def test_a_cut_stream_goes_on_without_repeats(
    api: FakeApi, connection: Connection, *, drops: bool
) -> None:
    """The first stream breaks, or ends, in the middle of a line; the second repeats and goes on."""
    first = [HEADER, counter(1.0), counter(1.25), b'{"t":1.5,"r']
    api.logs[KEY] = FakeLog(chunks=first, pause_s=0.1, drops=drops)
    lines = following_counters(connection, SAMPLER, asyncio.Event())
    seen = [await anext(lines) for _ in range(3)]
    whole = [HEADER, *(counter(1 + 0.25 * n) for n in range(5))]
    api.logs[KEY] = FakeLog(chunks=whole, ends=False)
    seen += [await anext(lines) for _ in range(3)]
    await lines.aclose()
    times = [json.loads(line).get("t") for line in seen]
    assert times == [None, 1.0, 1.25, 1.5, 1.75, 2.0]
    follows = [request.query for request in api.requests if request.path == PATH]
    assert "sinceSeconds" not in follows[0]
    assert int(follows[1]["sinceSeconds"]) >= 5


async def test_a_cut_before_the_first_counter_does_not_repeat_the_header(
    api: FakeApi, connection: Connection
) -> None:
    api.logs[KEY] = FakeLog(chunks=[HEADER], drops=True)
    lines = following_counters(connection, SAMPLER, asyncio.Event())
    assert await anext(lines) == HEADER.strip()
    api.logs[KEY] = FakeLog(chunks=[HEADER, counter(1.0)], ends=False)
    assert await anext(lines) == counter(1.0).strip()
    await lines.aclose()


async def test_a_silent_stream_is_taken_up_again(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_module, "SILENCE_S", 0.2)
    api.logs[KEY] = FakeLog(chunks=[counter(1.0)], ends=False)
    lines = following_counters(connection, SAMPLER, asyncio.Event())
    assert await anext(lines) == counter(1.0).strip()
    api.logs[KEY] = FakeLog(chunks=[counter(1.0), counter(2.0)], ends=False)
    assert await anext(lines) == counter(2.0).strip()
    await lines.aclose()


async def test_closing_ends_it_at_once(api: FakeApi, connection: Connection) -> None:
    api.logs[KEY] = FakeLog(chunks=[counter(1.0)], ends=False)
    closed = asyncio.Event()
    seen: list[bytes] = []

    async def follow() -> None:
        async for line in following_counters(connection, SAMPLER, closed):
            seen.append(line)  # noqa: PERF401 - looked at while it grows

    task = asyncio.create_task(follow())
    while not seen:
        await asyncio.sleep(0.01)
    closed.set()
    async with asyncio.timeout(1):
        await task
    assert seen == [counter(1.0).strip()]


async def test_it_can_be_cancelled(api: FakeApi, connection: Connection) -> None:
    api.logs[KEY] = FakeLog(chunks=[], ends=False)
    task = asyncio.create_task(taken(connection, 1))
    while not api.requests:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_pod_that_is_gone_loses_the_endpoint(api: FakeApi, connection: Connection) -> None:
    with pytest.raises(EndpointLost, match="container sampler of pod bench/p"):
        await taken(connection, 1)


async def test_a_log_that_stays_away_loses_the_endpoint(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_module, "GIVE_UP_S", 0.1)
    api.logs[KEY] = FakeLog(chunks=[counter(1.0)])
    with pytest.raises(EndpointLost, match="the stream ended"):
        await taken(connection, 2)


async def test_a_missing_right_is_named(api: FakeApi, connection: Connection) -> None:
    api.deny("get pods/log in namespace bench")
    with pytest.raises(AccessError) as refusal:
        await taken(connection, 1)
    assert refusal.value.right == "get pods/log in namespace bench"


async def test_the_tail_of_a_log_is_fit_to_be_shown(api: FakeApi, connection: Connection) -> None:
    api.logs[KEY] = FakeLog(chunks=[b"one\n\x1b[31mred\xff\n"])
    assert await read_tail(connection, SAMPLER, lines=3) == ("one", "[31mred�")
    assert await last_words(connection, SAMPLER, lines=3) == "one / [31mred�"
    assert api.requests[0].query == {"container": "sampler", "tailLines": "3"}


async def test_a_log_that_cannot_be_read_has_no_last_words(connection: Connection) -> None:
    assert await last_words(connection, SAMPLER, lines=3) == ""


async def test_a_log_that_does_not_end_is_no_tail(
    api: FakeApi, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_module, "SILENCE_S", 0.1)
    api.logs[KEY] = FakeLog(chunks=[b"one\n"], pause_s=5)
    with pytest.raises(DeadlineError):
        await read_tail(connection, SAMPLER, lines=3)

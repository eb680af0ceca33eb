"""Following a collection across every way a watch can end, with a server that follows a script."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest

from cniadvisor.domain.errors import AccessError, ClusterError
from cniadvisor.k8s import watching
from cniadvisor.k8s.api_errors import GoneError, ServerError, StreamBrokenError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.watching import following

SILENCE = object()


def item(name: str, version: int, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": str(version)}, **more}


def event(kind: str, thing: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": thing}).encode()


class Scripted:
    """Answers lists and watches in the order of its script; an exception is raised instead."""

    def __init__(self, *script: Any) -> None:
        self._script = list(script)
        self.asked: list[str] = []

    def _next(self) -> Any:
        step = self._script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    async def listed(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append("list")
        version, *items = self._next()
        return {"metadata": {"resourceVersion": version}, "items": items}

    @asynccontextmanager
    async def stream_lines(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        self.asked.append(f"watch from {query['resourceVersion']}")
        yield self._lines(self._next())

    async def _lines(self, steps: list[Any]) -> AsyncGenerator[bytes]:
        for step in steps:
            if isinstance(step, Exception):
                raise step
            if step is SILENCE:
                await asyncio.sleep(60)
            yield step


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_PAUSE_S", 0.0)


async def states(server: Scripted, count: int) -> list[list[str]]:
    seen: list[list[str]] = []
    connection = cast("Connection", server)
    async with aclosing(following(connection, "/pods", {"labelSelector": "x"})) as following_:
        async for known in following_:
            seen.append(sorted(known))
            if len(seen) == count:
                break
    return seen


async def test_added_changed_deleted() -> None:
    server = Scripted(
        ("5", item("a", 3)),
        [
            event("ADDED", item("b", 6)),
            event("BOOKMARK", item("", 7)),
            event("MODIFIED", item("b", 8)),
            event("DELETED", item("a", 9)),
        ],
    )
    assert await states(server, 4) == [["a"], ["a", "b"], ["a", "b"], ["b"]]


async def test_a_watch_that_ends_is_resumed_where_it_was() -> None:
    server = Scripted(
        ("5",),
        [event("ADDED", item("a", 6)), event("BOOKMARK", item("", 8))],
        [event("ADDED", item("b", 9))],
    )
    assert await states(server, 3) == [[], ["a"], ["a", "b"]]
    assert server.asked == ["list", "watch from 5", "watch from 8"]


async def test_a_broken_watch_is_resumed() -> None:
    server = Scripted(
        ("5",),
        [event("ADDED", item("a", 6)), StreamBrokenError("cut")],
        ServerError("503", status=503),
        ClusterError("connection refused"),
        [event("DELETED", item("a", 7))],
    )
    assert await states(server, 3) == [[], ["a"], []]
    assert server.asked[2:] == ["watch from 6"] * 3


@pytest.mark.parametrize(
    "end",
    [
        [event("ERROR", {"kind": "Status", "code": 410})],
        GoneError("410"),
        [b'{"type":"ADDED","obj'],
    ],
)
async def test_a_forgotten_place_is_listed_anew(end: Any) -> None:
    server = Scripted(("5", item("a", 3), item("b", 4)), end, ("9", item("b", 4), item("c", 8)), [])
    assert await states(server, 2) == [["a", "b"], ["b", "c"]]
    assert server.asked == ["list", "watch from 5", "list"]


async def test_a_list_that_fails_is_tried_again() -> None:
    server = Scripted(ServerError("503", status=503), ("5", item("a", 3)))
    assert await states(server, 1) == [["a"]]


async def test_a_missing_right_ends_it() -> None:
    server = Scripted(("5",), AccessError("no", right="watch pods"))
    with pytest.raises(AccessError):
        await states(server, 2)


async def test_a_watch_that_falls_silent_is_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_SILENCE_S", 0.05)
    server = Scripted(("5",), [SILENCE], [event("ADDED", item("a", 6))])
    assert await states(server, 2) == [[], ["a"]]
    assert server.asked == ["list", "watch from 5", "watch from 5"]


async def test_what_a_reader_holds_does_not_change_under_it() -> None:
    server = Scripted(("5", item("a", 3)), [event("DELETED", item("a", 6))])
    connection = cast("Connection", server)
    held: list[Mapping[str, Any]] = []
    async with aclosing(following(connection, "/pods", {})) as following_:
        async for known in following_:
            held.append(known)
            if len(held) == 2:
                break
    assert [sorted(known) for known in held] == [["a"], []]

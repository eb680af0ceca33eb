"""The connection against a fake API server: requests, faults, streams, websockets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType

from cniadvisor.domain.errors import AccessError, ClusterError, DeadlineError, ExitCode
from cniadvisor.k8s.api_errors import (
    ConflictError,
    GoneError,
    InvalidError,
    NotFoundError,
    RefusedError,
    ServerError,
    StreamBrokenError,
)
from cniadvisor.k8s.connection import Connection, connect
from tests.fakeapi.server import ExecRequest, FakeApi, FakeExec, FakeLog, Pause

NODES = "/api/v1/nodes"
PODS = "/api/v1/pods"


def node(name: str) -> dict[str, object]:
    return {"metadata": {"name": name}}


@asynccontextmanager
async def connected(
    api: FakeApi, tmp_path: Path, *, timeout_s: float = 2, **kubeconfig: object
) -> AsyncGenerator[Connection]:
    path = api.write_kubeconfig(tmp_path / "config", **kubeconfig)  # pyright: ignore[reportArgumentType]
    async with connect(kubeconfig=str(path), timeout_s=timeout_s) as connection:
        yield connection


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    nodes = {"kind": "NodeList", "items": [node(f"node{n}") for n in range(5)]}
    async with FakeApi.serve({NODES: nodes, PODS: {"items": []}}) as served:
        yield served


async def names(connection: Connection, page_size: int = 2) -> list[str]:
    listed = await connection.listed(NODES, page_size=page_size)
    items = listed["items"]
    assert isinstance(items, list)
    return [str(item["metadata"]["name"]) for item in items]  # pyright: ignore


ALL = [f"node{n}" for n in range(5)]


async def test_get_sends_the_token_and_says_who_asks(api: FakeApi, tmp_path: Path) -> None:
    api.token = "s3cret"
    async with connected(api, tmp_path) as connection:
        version = await connection.get("/version")
    assert version["gitVersion"] == "v1.34.4"
    sent = api.requests[0].headers
    assert sent["Authorization"] == "Bearer s3cret"
    assert sent["User-Agent"].startswith("cniadvisor/")


async def test_the_connection_shows_no_secret(api: FakeApi, tmp_path: Path) -> None:
    api.token = "s3cret"
    async with connected(api, tmp_path, namespace="team") as connection:
        assert "s3cret" not in repr(connection)
        assert "s3cret" not in repr(connection._credentials)  # pyright: ignore
        assert connection.namespace == "team"
        assert connection.context == "fake"
        assert connection.cluster_host == f"127.0.0.1:{api.port}"


async def test_pages_are_put_together(api: FakeApi, tmp_path: Path) -> None:
    async with connected(api, tmp_path) as connection:
        assert await names(connection) == ALL
    assert [request.query.get("continue") for request in api.requests] == [None, "2:1", "4:2"]
    assert {request.query["limit"] for request in api.requests} == {"2"}


async def test_a_list_that_grew_too_old_is_read_again_from_the_start(
    api: FakeApi, tmp_path: Path
) -> None:
    api.fault(NODES, status=410, page=2)
    async with connected(api, tmp_path) as connection:
        assert await names(connection) == ALL
    assert len(api.requests) == 5


async def test_a_list_that_is_too_old_twice_is_told(api: FakeApi, tmp_path: Path) -> None:
    api.fault(NODES, status=410, page=2, times=2)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(GoneError):
            await names(connection)


async def test_pages_without_on_restart_do_not_hide_a_restart(api: FakeApi, tmp_path: Path) -> None:
    api.fault(NODES, status=410, page=2)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(GoneError):
            _ = [page async for page in connection.pages(NODES, page_size=2)]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_get_survives_a_busy_or_broken_server(
    api: FakeApi, tmp_path: Path, status: int
) -> None:
    api.fault(NODES, status=status, times=2)
    async with connected(api, tmp_path) as connection:
        assert await names(connection, page_size=9) == ALL
    assert len(api.requests) == 3


async def test_retry_after_is_honoured_and_bounded(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    api.fault(NODES, status=429, retry_after="2")
    api.fault(NODES, status=429, retry_after="86400")
    async with connected(api, tmp_path) as connection:
        monkeypatch.setattr("cniadvisor.k8s.connection._sleep", note)
        await connection.get(NODES)
    assert waited == [2.0, 5.0]


async def test_retries_are_bounded(api: FakeApi, tmp_path: Path) -> None:
    api.fault(NODES, status=503, times=99)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(ServerError, match="HTTP 503") as caught:
            await connection.get(NODES)
    assert caught.value.status == 503
    assert len(api.requests) == 4


async def test_a_create_is_not_repeated_when_the_server_broke(api: FakeApi, tmp_path: Path) -> None:
    path = "/api/v1/namespaces/x/pods"
    api.fault(path, method="POST", status=500)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(ServerError):
            await connection.create(path, {"metadata": {"name": "p"}})
    assert len(api.requests) == 1


async def test_a_create_is_repeated_when_the_server_was_too_busy_to_look(
    api: FakeApi, tmp_path: Path
) -> None:
    path = "/api/v1/namespaces/x/pods"
    api.fault(path, method="POST", status=429)
    async with connected(api, tmp_path) as connection:
        made = await connection.create(path, {"metadata": {"name": "p"}})
    assert made["metadata"]["namespace"] == "x"  # pyright: ignore
    assert len(api.created) == 1


@pytest.mark.parametrize("fault", [{"drop": True}, {"drop_in_body": True}])
async def test_a_get_survives_a_dropped_connection(
    api: FakeApi, tmp_path: Path, fault: dict[str, bool]
) -> None:
    api.fault(NODES, **fault)
    async with connected(api, tmp_path) as connection:
        assert await names(connection, page_size=9) == ALL


async def test_a_connection_that_always_drops_is_told(api: FakeApi, tmp_path: Path) -> None:
    api.fault(NODES, drop=True, times=99)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(ClusterError, match="broke"):
            await connection.get(NODES)


async def test_a_server_that_does_not_answer_is_a_deadline(api: FakeApi, tmp_path: Path) -> None:
    api.fault(NODES, delay_s=5)
    async with connected(api, tmp_path, timeout_s=0.2) as connection:
        with pytest.raises(DeadlineError, match="did not answer in time") as caught:
            await connection.get(NODES)
    assert caught.value.exit_code == ExitCode.TIMED_OUT


async def test_a_missing_right_is_named(api: FakeApi, tmp_path: Path) -> None:
    api.deny("list nodes", "create pods")
    async with connected(api, tmp_path) as connection:
        with pytest.raises(AccessError) as reading:
            await connection.get(NODES)
        with pytest.raises(AccessError) as writing:
            await connection.create("/api/v1/namespaces/x/pods", {"metadata": {"name": "p"}})
    assert reading.value.right == "list nodes"
    assert writing.value.right == "create pods in namespace x"
    assert writing.value.exit_code == ExitCode.CLUSTER


@pytest.mark.parametrize(
    "message",
    [
        'pods "p" is forbidden: exceeded quota: q, requested: cpu=1, used: cpu=9, limited: cpu=9',
        'pods "p" is forbidden: violates PodSecurity "restricted:latest": host namespaces',
        'admission webhook "w.example.com" denied the request: no',
    ],
)
async def test_refused_by_admission_is_no_missing_right(
    api: FakeApi, tmp_path: Path, message: str
) -> None:
    path = "/api/v1/namespaces/x/pods"
    api.fault(path, method="POST", status=403, message=message)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(RefusedError, match=message[:20]):
            await connection.create(path, {"metadata": {"name": "p"}})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidError),
        (404, NotFoundError),
        (409, ConflictError),
        (410, GoneError),
        (422, InvalidError),
        (302, ServerError),
        (418, ServerError),
    ],
)
async def test_each_status_has_its_error(
    api: FakeApi, tmp_path: Path, status: int, kind: type[ClusterError]
) -> None:
    api.fault("/version", status=status, message="so\x1b[31m it is")
    async with connected(api, tmp_path) as connection:
        with pytest.raises(kind) as caught:
            await connection.get("/version")
    assert "\x1b" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("raw", [b"<html>login</html>", b"[]", b"", b"\xff\xfe"])
async def test_what_is_no_api_server_is_told(api: FakeApi, tmp_path: Path, raw: bytes) -> None:
    api.fault("/version", raw=raw)
    async with connected(api, tmp_path) as connection:
        with pytest.raises(ServerError, match="no Kubernetes API server"):
            await connection.get("/version")


async def test_wrong_credentials_are_tried_once_more_and_told(api: FakeApi, tmp_path: Path) -> None:
    api.token = "right"
    async with connected(api, tmp_path, user={"token": "wr0ng"}) as connection:
        with pytest.raises(AccessError, match="have expired") as caught:
            await connection.get("/version")
    assert "wr0ng" not in str(caught.value) + caught.value.hint
    assert len(api.requests) == 2


async def test_a_token_renewed_in_the_file_is_used_after_a_401(
    api: FakeApi, tmp_path: Path
) -> None:
    api.token = "old"
    async with connected(api, tmp_path) as connection:
        await connection.get("/version")
        api.token = "new"
        api.write_kubeconfig(tmp_path / "config")
        await asyncio.gather(*(connection.get("/version") for _ in range(5)))


async def test_create_patch_delete(api: FakeApi, tmp_path: Path) -> None:
    path = "/api/v1/namespaces/x/pods"
    async with connected(api, tmp_path) as connection:
        await connection.create(path, {"metadata": {"name": "p", "labels": {"a": "1"}}})
        with pytest.raises(ConflictError):
            await connection.create(path, {"metadata": {"name": "p"}})
        changed = await connection.patch(f"{path}/p", {"metadata": {"labels": {"b": "2"}}})
        assert changed["metadata"]["labels"] == {"a": "1", "b": "2"}  # pyright: ignore
        await connection.delete(f"{path}/p", grace_period_s=0)
        await connection.delete(f"{path}/p")  # not there any more: success
    assert api.deleted == [f"{path}/p"]
    deletes = [request for request in api.requests if request.method == "DELETE"]
    assert deletes[0].body == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": "Background",
        "gracePeriodSeconds": 0,
    }
    patches = [request for request in api.requests if request.method == "PATCH"]
    assert patches[0].headers["Content-Type"] == "application/merge-patch+json"


LOG = "/api/v1/namespaces/x/pods/p/log"


async def lines_of(connection: Connection) -> list[bytes]:
    async with connection.stream_lines(LOG, {"container": "c", "follow": "true"}) as lines:
        return [line async for line in lines]


async def test_lines_come_whole_however_they_are_cut(api: FakeApi, tmp_path: Path) -> None:
    long = b"x" * 300_000
    umlaut = "ü".encode()
    chunks = [b"one\ntw", b"o\n\n", long[:100], long[100:], b"\n" + umlaut[:1], umlaut[1:]]
    api.logs["x", "p", "c"] = FakeLog(chunks=chunks, pause_s=0.01)
    async with connected(api, tmp_path) as connection:
        assert await lines_of(connection) == [b"one", b"two", b"", long, umlaut]


async def test_a_line_arrives_before_the_next_one(api: FakeApi, tmp_path: Path) -> None:
    api.logs["x", "p", "c"] = FakeLog(chunks=[b"first\n"], ends=False)
    async with (
        connected(api, tmp_path, timeout_s=0.2) as connection,
        connection.stream_lines(LOG, {"container": "c", "follow": "true"}) as lines,
    ):
        assert await anext(lines) == b"first"
        # Silence longer than the timeout is no failure.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(lines), 0.5)


async def test_a_stream_that_breaks_is_told_after_what_it_brought(
    api: FakeApi, tmp_path: Path
) -> None:
    api.logs["x", "p", "c"] = FakeLog(chunks=[b"first\n", b"sec"], pause_s=0.05, drops=True)
    async with (
        connected(api, tmp_path) as connection,
        connection.stream_lines(LOG, {"container": "c"}) as lines,
    ):
        assert await anext(lines) == b"first"
        with pytest.raises(StreamBrokenError):
            await anext(lines)


async def test_a_log_that_is_not_there(api: FakeApi, tmp_path: Path) -> None:
    async with connected(api, tmp_path) as connection:
        with pytest.raises(NotFoundError, match='pods "p" not found'):
            await lines_of(connection)


async def test_watch_tells_what_changes(api: FakeApi, tmp_path: Path) -> None:
    async with (
        connected(api, tmp_path) as connection,
        connection.stream_lines(PODS, {"watch": "true", "labelSelector": "run=1"}) as lines,
    ):
        api.add(PODS, {"metadata": {"name": "other", "labels": {"run": "2"}}})
        api.add(PODS, {"metadata": {"name": "mine", "labels": {"run": "1"}}})
        assert b'"name": "mine"' in await anext(lines)


EXEC = "/api/v1/namespaces/x/pods/p/exec"
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"


async def frames_of(
    connection: Connection, *argv: str, protocols: tuple[str, ...] = (V5, V4)
) -> list[bytes]:
    query = [("container", "c"), ("stdout", "true"), *(("command", part) for part in argv)]
    async with connection.websocket(EXEC, query, subprotocols=protocols) as socket:
        assert socket.protocol in protocols
        return [message.data async for message in socket if message.type is WSMsgType.BINARY]


async def test_exec_frames_and_arguments_arrive_as_they_are(api: FakeApi, tmp_path: Path) -> None:
    api.add(PODS, {"metadata": {"name": "p", "namespace": "x"}})
    api.on_exec = lambda _: FakeExec.failing(7, stderr=b"oh\n", stdout=b"\xc3")
    argv = ("sh", "-c", "echo a;b & c+d=%20 ü ?#\n")
    async with connected(api, tmp_path) as connection:
        frames = await frames_of(connection, *argv)
    assert frames[:3] == [b"\x01", b"\x01\xc3", b"\x02oh\n"]
    assert b'"message": "7"' in frames[3]
    assert api.execs == [ExecRequest(namespace="x", pod="p", container="c", argv=argv)]


async def test_exec_speaks_the_older_protocol_too(api: FakeApi, tmp_path: Path) -> None:
    api.add(PODS, {"metadata": {"name": "p", "namespace": "x"}})
    api.exec_protocols = (V4,)
    async with connected(api, tmp_path) as connection:
        assert (await frames_of(connection, "true"))[-1].startswith(b"\x03")


async def test_exec_that_drops_brings_no_status(api: FakeApi, tmp_path: Path) -> None:
    api.add(PODS, {"metadata": {"name": "p", "namespace": "x"}})
    api.on_exec = lambda _: FakeExec.dropped(b"half")
    async with connected(api, tmp_path) as connection:
        frames = await frames_of(connection, "true")
    assert frames == [b"\x01", b"\x01half"]


async def test_exec_frames_may_be_large_and_silence_long(api: FakeApi, tmp_path: Path) -> None:
    api.add(PODS, {"metadata": {"name": "p", "namespace": "x"}})
    large = b"y" * 6_000_000
    api.on_exec = lambda _: FakeExec(frames=[(1, b"a"), Pause(0.6), (1, large), (3, b"{}")])
    async with connected(api, tmp_path, timeout_s=0.2) as connection:
        frames = await frames_of(connection, "true")
    assert [len(frame) for frame in frames] == [1, 2, 6_000_001, 3]


async def test_a_refused_exec_is_told_in_the_servers_words(api: FakeApi, tmp_path: Path) -> None:
    async with connected(api, tmp_path) as connection:
        with pytest.raises(NotFoundError, match='pods "p" not found'):
            await frames_of(connection, "true")
        api.deny("create pods/exec")
        with pytest.raises(AccessError) as caught:
            await frames_of(connection, "true")
    assert caught.value.right == "create pods/exec in namespace x"


async def test_an_exec_refreshes_an_expired_token(api: FakeApi, tmp_path: Path) -> None:
    api.add(PODS, {"metadata": {"name": "p", "namespace": "x"}})
    api.token = "old"
    async with connected(api, tmp_path) as connection:
        api.token = "new"
        api.write_kubeconfig(tmp_path / "config")
        assert (await frames_of(connection, "true"))[-1].startswith(b"\x03")

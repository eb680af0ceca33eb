"""A fake Kubernetes API server on 127.0.0.1, for tests: real HTTP, real websockets, no cluster.

::

    async with FakeApi.serve(load_inventory_file(path)) as api:
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection: ...

What it serves is an inventory file: API path of a cluster-wide list -> list object (namespaced
lists and single objects are derived from it), any other path -> the object as it is,
``{"status": 404}`` -> that status. It understands limit/continue, labelSelector, fieldSelector,
watch, create (generateName too), merge patch, delete (a namespace takes its objects along, an owner
what it owns) and self-subject access reviews.

What a test may do with it:

* ``api.add(path, object)``: put an object into the cluster-wide list at ``path``;
* ``api.deny("list nodes")``: that right is missing (``... in namespace x`` for one namespace):
  403 in RBAC's words, and access reviews say no;
* ``api.allow_only("list nodes", ...)``: in the same words, all rights there are;
* ``api.fault(path, ...)``: the next ``times`` requests to ``path`` get a status, a Retry-After, a
  delay, a dropped connection, or raw bytes; ``page=2`` hits only the second page of a list,
  ``where={...}`` only requests with these query parameters;
* ``api.on_create.append(hook)``: ``hook(api, path, object)`` after each create, to play the
  controllers (give a Job its pod, set a status); :func:`with_service_account` is one;
* ``api.logs[namespace, pod, container] = FakeLog(...)``: chunks, with pauses, ended or dropped;
* ``api.on_exec = function``: :class:`ExecRequest` -> :class:`FakeExec`, what the websocket does;
* read ``api.requests``, ``api.created``, ``api.deleted``, ``api.execs`` afterwards.
"""

import asyncio
import copy
import json
import re
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from aiohttp import WSCloseCode, web

from tests.fakeapi.selectors import matches_fields, matches_labels
from tests.fakeapi.tls import ServerTls

JsonObject: TypeAlias = dict[str, Any]

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_SINGULAR_PATHS = ("/version", "/apis", "/api")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    body: JsonObject | None = None


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with the next ``times`` requests to a path."""

    path: str
    method: str = "GET"
    page: int | None = None
    where: dict[str, str] = field(default_factory=dict[str, str])
    times: int = 1
    status: int | None = None
    message: str = "injected"
    retry_after: str | None = None
    delay_s: float = 0.0
    drop: bool = False
    drop_in_body: bool = False
    raw: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class FakeLog:
    """A container's log: chunks as they go over the wire, not lines."""

    chunks: Sequence[bytes]
    pause_s: float = 0.0
    ends: bool = True
    drops: bool = False


@dataclass(frozen=True, kw_only=True)
class ExecRequest:
    """What an exec asked for."""

    namespace: str
    pod: str
    container: str | None
    argv: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FakeExec:
    """What an exec does: frames of (channel, bytes), with pauses between.

    After the frames ``hangs`` keeps the socket open until the client leaves, ``drops`` breaks the
    connection, otherwise it ends as a real API server ends it (no close frame).
    """

    frames: Sequence["tuple[int, bytes] | Pause"]
    hangs: bool = False
    drops: bool = False

    @classmethod
    def ok(cls, *stdout: bytes) -> Self:
        """Write ``stdout`` chunk by chunk and exit 0."""
        return cls(frames=[*((1, chunk) for chunk in stdout), (3, SUCCESS)])

    @classmethod
    def failing(cls, status: int, stderr: bytes = b"", stdout: bytes = b"") -> Self:
        """Write and exit with ``status``."""
        return cls(frames=[(1, stdout), (2, stderr), (3, exit_status(status))])

    @classmethod
    def dropped(cls, *stdout: bytes) -> Self:
        """Write and lose the connection before a status arrives."""
        return cls(frames=[(1, chunk) for chunk in stdout], drops=True)


@dataclass(frozen=True)
class Pause:
    """Seconds in which nothing is sent."""

    seconds: float


SUCCESS = b'{"metadata":{},"status":"Success"}'


def exit_status(status: int) -> bytes:
    """Return the channel 3 frame of a command that exits with ``status``."""
    return json.dumps(
        {
            "metadata": {},
            "status": "Failure",
            "message": f"command terminated with non-zero exit code: exit status {status}",
            "reason": "NonZeroExitCode",
            "details": {"causes": [{"reason": "ExitCode", "message": str(status)}]},
        }
    ).encode()


CreateHook: TypeAlias = Callable[["FakeApi", str, JsonObject], None]


class FakeApi:
    """See the module."""

    def __init__(self, objects: JsonObject | None = None, *, tls: ServerTls | None = None) -> None:
        self.objects: dict[str, JsonObject] = copy.deepcopy(objects) if objects else {}
        self.objects.setdefault("/version", {"gitVersion": "v1.34.4", "major": "1", "minor": "34"})
        self.objects.setdefault("/apis", {"kind": "APIGroupList", "groups": []})
        self.token: str | None = None
        self.requests: list[Request] = []
        self.created: list[tuple[str, JsonObject]] = []
        self.deleted: list[str] = []
        self.execs: list[ExecRequest] = []
        self.on_create: list[CreateHook] = []
        self.logs: dict[tuple[str, str, str], FakeLog] = {}
        self.on_exec: Callable[[ExecRequest], FakeExec] = lambda _: FakeExec.ok()
        self.exec_protocols: tuple[str, ...] = ("v5.channel.k8s.io", "v4.channel.k8s.io")
        self.port = 0
        self._tls = tls
        self._denied: list[str] = []
        self._allowed: frozenset[str] | None = None
        self._faults: list[Fault] = []
        self._watchers: list[tuple[str, str, asyncio.Queue[JsonObject]]] = []

    @classmethod
    @asynccontextmanager
    async def serve(
        cls, objects: JsonObject | None = None, *, tls: ServerTls | None = None, port: int = 0
    ) -> AsyncGenerator[Self]:
        """Serve an inventory file's content on 127.0.0.1; plain http without ``tls``."""
        api = cls(objects, tls=tls)
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{path:.*}", api._answer)
        runner = web.AppRunner(application, shutdown_timeout=0.01)
        await runner.setup()
        site = web.TCPSite(
            runner, "127.0.0.1", port, ssl_context=tls.server_context() if tls else None
        )
        await site.start()
        api.port = runner.addresses[0][1]
        try:
            yield api
        finally:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """Return the server's URL."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def write_kubeconfig(
        self,
        path: Path,
        *,
        user: JsonObject | None = None,
        cluster: JsonObject | None = None,
        namespace: str | None = None,
        context: str = "fake",
    ) -> Path:
        """Write a kubeconfig for this server; ``user`` and ``cluster`` are merged into it."""
        trust = {"certificate-authority": str(self._tls.authority)} if self._tls else {}
        token = {"token": self.token} if self.token else {}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [
                {"name": "fake", "cluster": {"server": self.url} | trust | (cluster or {})}
            ],
            "users": [{"name": "fake-user", "user": token | (user or {})}],
            "contexts": [
                {
                    "name": context,
                    "context": {"cluster": "fake", "user": "fake-user"}
                    | ({"namespace": namespace} if namespace else {}),
                }
            ],
        }
        path.write_text(json.dumps(document))  # JSON is YAML
        return path

    def add(self, path: str, item: JsonObject) -> JsonObject:
        """Put ``item`` into the cluster-wide list at ``path`` and tell the watchers."""
        stored = copy.deepcopy(item)
        metadata = stored.setdefault("metadata", {})
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata.setdefault("creationTimestamp", "2026-11-23T00:00:00Z")
        self._list(path).append(stored)
        self._tell("ADDED", path, stored)
        return stored

    def find(self, path: str, name: str, namespace: str | None = None) -> JsonObject | None:
        """Return the stored object itself; call :meth:`changed` after changing it."""
        for item in self._items(path):
            metadata = item["metadata"]
            if metadata["name"] == name and namespace in {None, metadata.get("namespace")}:
                return item
        return None

    def changed(self, path: str, item: JsonObject) -> None:
        """Tell the watchers that ``item`` of the list at ``path`` was modified."""
        self._tell("MODIFIED", path, item)

    def remove(self, path: str, item: JsonObject) -> None:
        """Take ``item`` out of the list at ``path``, with everything it owns or holds."""
        items = self._list(path)
        if item not in items:
            return
        items.remove(item)
        self._tell("DELETED", path, item)
        uid, name = item["metadata"].get("uid"), item["metadata"]["name"]
        for other in list(self.objects):
            for candidate in self._items(other):
                metadata: JsonObject = candidate["metadata"]
                references: list[JsonObject] = metadata.get("ownerReferences", [])
                owners = {owner.get("uid") for owner in references}
                held = path == "/api/v1/namespaces" and metadata.get("namespace") == name
                if held or uid in owners:
                    self.remove(other, candidate)

    def deny(self, *rights: str) -> None:
        """Take rights away; see the module. The verb may be ``*``."""
        self._denied += rights

    def allow_only(self, *rights: str) -> None:
        """Take away all rights but these; see the module."""
        self._allowed = frozenset(rights)

    def fault(self, path: str, **how: Any) -> None:
        """Inject a :class:`Fault`; without status, raw or drop it is only a delay."""
        self._faults.append(Fault(path=path, **how))

    # --- answering ---------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        path, query = request.path, dict(request.query)
        self.requests.append(
            Request(
                method=request.method,
                path=path,
                query=query,
                headers=dict(request.headers),
                body=body,
            )
        )
        if (response := await self._faulty(request, path, query)) is not None:
            return response
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return _status(401, "Unauthorized")
        where = _Place.of(path)
        if path == _REVIEWS:
            return web.json_response(self._reviewed(body or {}), status=201)
        verb = _verb(request.method, where, query)
        if where is not None and self._is_denied(verb, where):
            return _status(
                403,
                f'{where.resource} is forbidden: User "test" cannot {verb} resource '
                f'"{where.full_resource}" in API group "{where.group}"'
                + (
                    f' in the namespace "{where.namespace}"'
                    if where.namespace
                    else " at the cluster scope"
                ),
            )
        if where is not None and where.subresource == "log":
            return await self._log(request, where)
        if where is not None and where.subresource == "exec":
            return await self._exec(request, where)
        if where is None or (path in self.objects and "items" not in self.objects[path]):
            return self._plain(path)
        if request.method == "POST":
            return self._create(where, body or {})
        if where.name is not None:
            return self._one(request.method, where, body or {})
        if query.get("watch") in {"1", "true"}:
            return await self._watch(request, where, query)
        return self._listing(where, query)

    async def _faulty(
        self, request: web.Request, path: str, query: dict[str, str]
    ) -> web.StreamResponse | None:
        page = 1 + int(query["continue"].rpartition(":")[2]) if "continue" in query else 1
        for fault in self._faults:
            if (
                fault.times > 0
                and fault.path == path
                and fault.method == request.method
                and fault.page in {None, page}
                and fault.where.items() <= query.items()
            ):
                fault.times -= 1
                break
        else:
            return None
        await asyncio.sleep(fault.delay_s)
        if fault.drop:
            _cut(request)
            return web.Response()
        if fault.drop_in_body:
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"kind":')
            _cut(request)
            return response
        if fault.raw is not None:
            return web.Response(status=fault.status or 200, body=fault.raw)
        if fault.status is None:
            return None
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        return _status(fault.status, fault.message, headers=headers)

    def _plain(self, path: str) -> web.Response:
        value = self.objects.get(path)
        if value is None:
            return web.Response(status=404, text="404 page not found\n")
        if set(value) == {"status"}:
            return _status(value["status"], "recorded")
        return web.json_response(value)

    def _listing(self, where: "_Place", query: dict[str, str]) -> web.Response:
        stored = self.objects.get(where.collection)
        if stored is None:
            return web.Response(status=404, text="404 page not found\n")
        if "items" not in stored:
            return self._plain(where.collection)
        items = self.selected(where.collection, where.namespace, query)
        limit = int(query.get("limit", "0")) or len(items) or 1
        # A token as opaque as it needs to be: where to go on, and which page that is.
        start, _, page = query.get("continue", "0:0").partition(":")
        end = int(start) + limit
        metadata = {"resourceVersion": "1"}
        if end < len(items):
            metadata |= {"continue": f"{end}:{int(page) + 1}"}
        body = {key: value for key, value in stored.items() if key != "items"}
        return web.json_response(body | {"metadata": metadata, "items": items[int(start) : end]})

    def selected(
        self, collection: str, namespace: str | None, query: dict[str, str]
    ) -> list[JsonObject]:
        """Return the stored objects a list request asks for; paging comes after."""
        return [
            item
            for item in self.objects[collection]["items"]
            if namespace in {None, item["metadata"].get("namespace")}
            and matches_labels(query.get("labelSelector", ""), item)
            and matches_fields(query.get("fieldSelector", ""), item)
        ]

    def _create(self, where: "_Place", body: JsonObject) -> web.Response:
        item = copy.deepcopy(body)
        metadata = item.setdefault("metadata", {})
        if where.namespace:
            metadata["namespace"] = where.namespace
            if "/api/v1/namespaces" in self.objects and not self.find(
                "/api/v1/namespaces", where.namespace
            ):
                return _status(404, f'namespaces "{where.namespace}" not found')
        if "name" not in metadata:
            metadata["name"] = f"{metadata.get('generateName', '')}{uuid.uuid4().hex[:5]}"
        if self.find(where.collection, metadata["name"], where.namespace):
            return _status(409, f'{where.resource} "{metadata["name"]}" already exists')
        stored = self.add(where.collection, item)
        self.created.append((where.path, copy.deepcopy(stored)))
        for hook in self.on_create:
            hook(self, where.collection, stored)
        return web.json_response(stored, status=201)

    def _one(self, method: str, where: "_Place", body: JsonObject) -> web.Response:
        item = self.find(where.collection, where.name or "", where.namespace)
        if item is None:
            return _status(404, f'{where.resource} "{where.name}" not found')
        if method == "DELETE":
            self.deleted.append(where.path)
            self.remove(where.collection, item)
            return web.json_response({"kind": "Status", "status": "Success"})
        if method == "PATCH":
            _merge(item, body)
            self.changed(where.collection, item)
        return web.json_response(item)

    # --- access ------------------------------------------------------------------------------

    def _is_denied(self, verb: str, where: "_Place") -> bool:
        resource = where.full_resource + (f".{where.group}" if where.group else "")
        names = {f"{verb} {resource}", f"* {resource}"}
        # To RBAC a namespace lies within itself.
        within = where.namespace or (where.name if resource == "namespaces" else None)
        if within:
            names |= {f"{name} in namespace {within}" for name in list(names)}
        if self._allowed is not None and names.isdisjoint(self._allowed):
            return True
        if not where.namespace:
            # Denied cluster-wide but granted by a RoleBinding somewhere: "at the cluster scope".
            names |= {f"{name} at the cluster scope" for name in list(names)}
        return not names.isdisjoint(self._denied)

    def _reviewed(self, body: JsonObject) -> JsonObject:
        asked = body["spec"]["resourceAttributes"]
        where = _Place(
            path="",
            collection="",
            group=asked.get("group", ""),
            resource=asked["resource"],
            namespace=asked.get("namespace") or None,
            name=None,
            subresource=asked.get("subresource") or None,
        )
        return body | {"status": {"allowed": not self._is_denied(asked["verb"], where)}}

    # --- streams -----------------------------------------------------------------------------

    async def _log(self, request: web.Request, where: "_Place") -> web.StreamResponse:
        container = request.query.get("container", "")
        log = self.logs.get((where.namespace or "", where.name or "", container))
        if log is None:
            return _status(404, f'pods "{where.name}" not found')
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for chunk in log.chunks:
            await response.write(chunk)
            await asyncio.sleep(log.pause_s)
        if log.drops:
            _cut(request)
        elif not log.ends and request.query.get("follow") in {"1", "true"}:
            await asyncio.sleep(3600)
        return response

    async def _watch(
        self, request: web.Request, where: "_Place", query: dict[str, str]
    ) -> web.StreamResponse:
        queue: asyncio.Queue[JsonObject] = asyncio.Queue()
        watcher = (where.collection, where.namespace or "", queue)
        if "resourceVersion" not in query:
            for item in self._items(where.collection):
                queue.put_nowait({"type": "ADDED", "object": item})
        self._watchers.append(watcher)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(float(query.get("timeoutSeconds", "3600"))):
                    while True:
                        event = await queue.get()
                        item = event["object"]
                        if (
                            where.namespace in {None, item["metadata"].get("namespace")}
                            and matches_labels(query.get("labelSelector", ""), item)
                            and matches_fields(query.get("fieldSelector", ""), item)
                        ):
                            await response.write(json.dumps(event).encode() + b"\n")
        finally:
            self._watchers.remove(watcher)
        return response

    async def _exec(self, request: web.Request, where: "_Place") -> web.StreamResponse:
        asked = ExecRequest(
            namespace=where.namespace or "",
            pod=where.name or "",
            container=request.query.get("container"),
            argv=tuple(request.query.getall("command", [])),
        )
        if "/api/v1/pods" in self.objects and not self.find(
            "/api/v1/pods", asked.pod, asked.namespace
        ):
            return _status(404, f'pods "{asked.pod}" not found')
        if "*/*" not in request.headers.get("Accept", "*/*"):
            return web.Response(status=406, text="406: Not Acceptable\n")  # as a kubelet answers
        self.execs.append(asked)
        does = self.on_exec(asked)
        socket = web.WebSocketResponse(protocols=self.exec_protocols, autoping=True)
        await socket.prepare(request)
        # A real API server opens every output channel with an empty frame.
        await socket.send_bytes(b"\x01")
        for frame in does.frames:
            if isinstance(frame, Pause):
                await asyncio.sleep(frame.seconds)
            else:
                channel, data = frame
                await socket.send_bytes(bytes([channel]) + data)
        if does.hangs:
            with suppress(ConnectionError):
                async for _ in socket:
                    pass
            await socket.close(code=WSCloseCode.OK)
            return socket
        _cut(request)
        return socket

    # --- store -------------------------------------------------------------------------------

    def _list(self, path: str) -> list[JsonObject]:
        if "items" not in self.objects.get(path, {}):
            self.objects[path] = {"kind": "List", "apiVersion": "v1", "items": []}
        return self.objects[path]["items"]

    def _items(self, path: str) -> list[JsonObject]:
        """Return a copy of the list, safe to iterate while it changes."""
        return list(self.objects.get(path, {}).get("items", []))

    def _tell(self, kind: str, path: str, item: JsonObject) -> None:
        for collection, namespace, queue in self._watchers:
            if collection == path and namespace in {"", item["metadata"].get("namespace")}:
                queue.put_nowait({"type": kind, "object": copy.deepcopy(item)})


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A resource path taken apart; ``collection`` is the cluster-wide list it belongs to."""

    path: str
    collection: str
    group: str
    resource: str
    namespace: str | None
    name: str | None
    subresource: str | None

    _PATTERN: ClassVar = re.compile(
        r"(?P<prefix>/api/v1|/apis/(?P<group>[^/]+)/[^/]+)"
        r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
        r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<sub>[^/]+))?)?"
    )

    @property
    def full_resource(self) -> str:
        """The resource with its subresource, as RBAC writes it."""
        return self.resource + (f"/{self.subresource}" if self.subresource else "")

    @classmethod
    def of(cls, path: str) -> "_Place | None":
        match = cls._PATTERN.fullmatch(path)
        if match is None:
            return None
        return cls(
            path=path,
            collection=f"{match['prefix']}/{match['resource']}",
            group=match["group"] or "",
            resource=match["resource"],
            namespace=match["namespace"],
            name=match["name"],
            subresource=match["sub"],
        )


def with_service_account(api: FakeApi, path: str, made: JsonObject) -> None:
    """Give a new namespace its service account, as the controller does; for ``on_create``."""
    if path == "/api/v1/namespaces":
        account = {"metadata": {"name": "default", "namespace": made["metadata"]["name"]}}
        api.add("/api/v1/serviceaccounts", account)


def _verb(method: str, where: _Place | None, query: dict[str, str]) -> str:
    if where is not None and where.subresource == "exec":
        return "create"
    if method == "GET" and where is not None and where.name is None:
        return "watch" if query.get("watch") in {"1", "true"} else "list"
    return {"GET": "get", "POST": "create", "PATCH": "patch", "DELETE": "delete"}[method]


def _status(code: int, message: str, *, headers: dict[str, str] | None = None) -> web.Response:
    reasons = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "AlreadyExists"}
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reasons.get(code, "Unknown"),
        "code": code,
    }
    return web.json_response(body, status=code, headers=headers)


def _merge(target: JsonObject, patch: JsonObject) -> None:
    """Apply a JSON merge patch (RFC 7386)."""
    for key in patch:
        if patch[key] is None:
            target.pop(key, None)
        elif isinstance(patch[key], dict) and isinstance(target.get(key), dict):
            _merge(target[key], patch[key])
        else:
            target[key] = copy.deepcopy(patch[key])


def _cut(request: web.Request) -> None:
    """Break the connection at once, as a lost network does."""
    if request.transport is not None:
        request.transport.close()

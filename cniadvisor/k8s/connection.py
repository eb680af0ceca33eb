"""One connection to an API server: raw JSON requests, paged lists, streams and websockets.

Every failure leaves as a :class:`~cniadvisor.domain.errors.CniAdvisorError`. No credential is in
any message, log or repr.
"""

import asyncio
import hashlib
import json
import os
import random
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from yarl import URL

from cniadvisor import __version__
from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.domain.text import printable
from cniadvisor.k8s.api_errors import GoneError, NotFoundError
from cniadvisor.k8s.credentials import Credentials, load_credentials
from cniadvisor.k8s.failures import not_kubernetes, refused, stream_broke, unreachable
from cniadvisor.k8s.proxy import proxy_from_environment
from cniadvisor.k8s.shared_access import SharedAccess

__all__ = ["Connection", "connect"]

_NO_QUERY: Mapping[str, str] = MappingProxyType({})
_ATTEMPTS = 4
_RETRY_AFTER_AT_MOST_S = 5.0
_BROKEN_SERVER = {500, 502, 503, 504}
_REPEATABLE = {"GET", "DELETE"}
_CONTENT_TYPES = {
    "POST": "application/json",
    "DELETE": "application/json",
    "PATCH": "application/merge-patch+json",
}
_WEBSOCKET_HEARTBEAT_S = 20.0
# aiohttp's read buffer only paces the socket; lines are put together here, so any length is safe.
_STREAM_BUFFER_BYTES = 256 * 1024
_T = TypeVar("_T")
_sleep = asyncio.sleep


@asynccontextmanager
async def connect(
    *,
    kubeconfig: str | None = None,
    context: str | None = None,
    namespace: str | None = None,
    timeout_s: float = 10,
) -> AsyncGenerator["Connection"]:
    """Load the configuration and yield a connection; nothing is requested yet.

    Args:
        kubeconfig: file named by flag; None looks at KUBECONFIG, ~/.kube/config and, in a pod,
            the service account.
        context: context name; None is the current one.
        namespace: namespace to use by default; None is the context's, or ``default``.
        timeout_s: for connecting, and for each silence while an answer is awaited.

    Raises:
        UsageError: no kubeconfig, a wrong one, an unknown context, a missing plugin or file.
        AccessError, DeadlineError: the credential plugin failed or hangs.
    """
    credentials = await load_credentials(kubeconfig=kubeconfig, context=context)
    async with (
        _session() as rest,
        # A session of its own, because only here a refused upgrade must leave with its body.
        _session(
            raise_for_status=_refuse_upgrade,
            timeout=aiohttp.ClientTimeout(total=None, connect=timeout_s, sock_read=timeout_s),
        ) as ws,
    ):
        yield Connection(credentials, rest, ws, namespace=namespace, timeout_s=timeout_s)


class Connection:
    """Raw access to one API server.

    Attributes:
        context: context name, ``in-cluster`` in a pod.
        cluster_host: ``host:port`` of the API server, for people.
        cluster_id: tells clusters apart on this machine; letters and digits.
        namespace: the namespace to use by default.
        access: its credentials, for a client of another library.
    """

    def __init__(
        self,
        credentials: Credentials,
        rest: aiohttp.ClientSession,
        ws: aiohttp.ClientSession,
        *,
        namespace: str | None,
        timeout_s: float,
    ) -> None:
        self.context = credentials.context
        self.namespace = namespace or credentials.namespace or "default"
        self.cluster_host = _host_and_port(credentials.server)
        self.cluster_id = _cluster_id(credentials)
        proxy = credentials.proxy or proxy_from_environment(credentials.server, os.environ)
        self.access = SharedAccess(credentials=credentials, proxy=proxy)
        self._credentials = credentials
        self._rest = rest
        self._ws = ws
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"Connection(context={self.context!r}, cluster_host={self.cluster_host!r})"

    async def get(self, path: str, query: Mapping[str, str] = _NO_QUERY) -> JsonObject:
        """Return the object or list at ``path``; retried when the server is busy or broken.

        Raises:
            AccessError: 401, or 403 with the right that is missing.
            NotFoundError: 404.
            GoneError: 410.
            ServerError: 429 or 5xx that did not pass.
            ClusterError, DeadlineError: unreachable, or no answer in time.
        """
        return await self._json("GET", path, query)

    async def create(
        self, path: str, body: JsonObject, query: Mapping[str, str] = _NO_QUERY
    ) -> JsonObject:
        """Create ``body`` in the collection at ``path`` and return what was created.

        Raises:
            ConflictError: it exists already.
            InvalidError: the API server rejects it.
            RefusedError: refused by quota, pod security or a webhook.
            AccessError, NotFoundError, ServerError, ClusterError, DeadlineError: as :meth:`get`.
        """
        return await self._json("POST", path, query, body)

    async def patch(
        self, path: str, body: JsonObject, query: Mapping[str, str] = _NO_QUERY
    ) -> JsonObject:
        """Apply a JSON merge patch to the object at ``path``. Raises as :meth:`create`."""
        return await self._json("PATCH", path, query, body)

    async def delete(
        self,
        path: str,
        *,
        propagation: str | None = "Background",
        grace_period_s: int | None = None,
    ) -> None:
        """Delete the object at ``path``; not there is success. Raises as :meth:`get`."""
        options: JsonObject = {"kind": "DeleteOptions", "apiVersion": "v1"}
        if propagation is not None:
            options["propagationPolicy"] = propagation
        if grace_period_s is not None:
            options["gracePeriodSeconds"] = grace_period_s
        try:
            await self._json("DELETE", path, _NO_QUERY, options)
        except NotFoundError:
            return

    async def pages(
        self,
        path: str,
        query: Mapping[str, str] = _NO_QUERY,
        *,
        page_size: int = 500,
        on_restart: Callable[[], None] | None = None,
    ) -> AsyncGenerator[JsonObject]:
        """Yield the list at ``path`` page by page, each a list object as the API gave it.

        When the list grows too old under way (410) it is read once again from the start:
        ``on_restart`` is called first, and everything yielded before is void. Without
        ``on_restart`` the :class:`GoneError` is raised, because the caller could not know.
        """
        restarted, going_on = False, ""
        while True:
            page_query = dict(query) | {"limit": str(page_size)}
            if going_on:
                page_query["continue"] = going_on
            try:
                page = await self.get(path, page_query)
            except GoneError:
                if restarted or not going_on or on_restart is None:
                    raise
                restarted, going_on = True, ""
                on_restart()
                continue
            yield page
            metadata = page.get("metadata")
            token = metadata.get("continue") if isinstance(metadata, dict) else None
            if not isinstance(token, str) or not token:
                return
            going_on = token

    async def listed(
        self, path: str, query: Mapping[str, str] = _NO_QUERY, *, page_size: int = 500
    ) -> JsonObject:
        """Return the whole list at ``path`` as one list object. Raises as :meth:`get`."""
        whole: JsonObject = {}
        items: list[JsonValue] = []
        async for page in self.pages(path, query, page_size=page_size, on_restart=items.clear):
            whole = page
            more = page.get("items")
            items += more if isinstance(more, list) else []
        whole["items"] = items
        return whole

    @asynccontextmanager
    async def stream_lines(
        self, path: str, query: Mapping[str, str] = _NO_QUERY
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Open a log or watch stream; yields its lines, without the newline, as they arrive.

        Lines may have any length; silence may last for ever. Leaving the context closes it.

        Raises:
            StreamBrokenError: (while iterating) the connection broke before the stream ended.
            AccessError, NotFoundError, ...: (on entering) as :meth:`get`.
        """
        timeout = aiohttp.ClientTimeout(total=None, connect=self._timeout_s, sock_read=None)
        response = await self._answered("GET", path, query, timeout=timeout, take=_itself)
        try:
            yield self._lines(response, path)
        finally:
            response.close()

    @asynccontextmanager
    async def websocket(
        self, path: str, query: Sequence[tuple[str, str]], *, subprotocols: Sequence[str]
    ) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        """Open a websocket (exec, attach); messages may have any size, pings are sent.

        The caller reads ``WSMsgType.BINARY`` messages until the socket closes; aiohttp tells a
        broken connection as a message of type ERROR or CLOSED, never as an exception.

        Raises:
            AccessError: 401, or 403 with the right that is missing.
            NotFoundError, InvalidError, ServerError: the upgrade is refused, in the server's words.
            ClusterError, DeadlineError: unreachable, or no answer in time.
        """
        socket = await self._open_websocket(path, query, subprotocols)
        try:
            yield socket
        finally:
            await socket.close()

    async def _open_websocket(
        self, path: str, query: Sequence[tuple[str, str]], subprotocols: Sequence[str]
    ) -> aiohttp.ClientWebSocketResponse:
        refreshed = False
        while True:
            generation = self._credentials.generation
            try:
                return await self._ws.ws_connect(
                    self._url(path, query),
                    headers=await self._headers(accept="*/*"),
                    protocols=tuple(subprotocols),
                    heartbeat=_WEBSOCKET_HEARTBEAT_S,
                    max_msg_size=0,
                    proxy=self.access.proxy,
                    ssl=self._credentials.tls or True,
                    server_hostname=self._credentials.tls_server_name,
                )
            except _UpgradeRefused as answer:
                if answer.status == 401 and not refreshed:
                    refreshed = True
                    await self.access.refresh(generation)
                    continue
                raise self._refused("GET", path, dict(query), answer.status, answer.body) from None
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise unreachable(error, server=self.cluster_host) from None

    async def _json(
        self, method: str, path: str, query: Mapping[str, str], body: JsonObject | None = None
    ) -> JsonObject:
        timeout = aiohttp.ClientTimeout(
            total=None, connect=self._timeout_s, sock_read=self._timeout_s
        )
        raw = await self._answered(
            method, path, query, timeout=timeout, body=body, take=aiohttp.ClientResponse.read
        )
        try:
            answer: Any = json.loads(raw)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise not_kubernetes(path=path, server=self.cluster_host)
        return cast("JsonObject", answer)

    async def _answered(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        *,
        timeout: aiohttp.ClientTimeout,
        take: Callable[[aiohttp.ClientResponse], Awaitable[_T]],
        body: JsonObject | None = None,
    ) -> _T:
        """Send a request until it is answered well; return what ``take`` makes of the answer.

        Repeated, at most three times: 429 (the server did nothing yet), and for requests that
        may be repeated also 5xx and connections that break. A 401 refreshes the credentials once.
        """
        repeatable, refreshed, attempt = method in _REPEATABLE, False, 0
        while True:
            attempt += 1
            generation = self._credentials.generation
            try:
                response = await self._rest.request(
                    method,
                    self._url(path, list(query.items())),
                    headers=await self._headers(_CONTENT_TYPES.get(method)),
                    data=None if body is None else json.dumps(body).encode(),
                    timeout=timeout,
                    allow_redirects=False,
                    proxy=self.access.proxy,
                    ssl=self._credentials.tls or True,
                    server_hostname=self._credentials.tls_server_name,
                )
                try:
                    if response.status < 300:
                        return await take(response)
                    said = await response.read()
                except BaseException:
                    response.close()
                    raise
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if attempt == _ATTEMPTS or not repeatable or not _broke(error):
                    raise unreachable(error, server=self.cluster_host) from None
                await _sleep(_wait_s(None, attempt))
                continue
            status = response.status
            if status == 401 and not refreshed:
                refreshed = True
                await self.access.refresh(generation)
            elif attempt < _ATTEMPTS and (
                status == 429 or (repeatable and status in _BROKEN_SERVER)
            ):
                await _sleep(_wait_s(response.headers.get("Retry-After"), attempt))
            else:
                raise self._refused(method, path, query, status, said)

    async def _lines(self, response: aiohttp.ClientResponse, path: str) -> AsyncIterator[bytes]:
        parts: list[bytes] = []
        try:
            async for chunk in response.content.iter_any():
                head, *lines = chunk.split(b"\n")
                parts.append(head)
                for following in lines:
                    yield b"".join(parts)
                    parts = [following]
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise stream_broke(error, server=self.cluster_host, path=path) from None
        if any(parts):
            yield b"".join(parts)

    def _url(self, path: str, query: Sequence[tuple[str, str]]) -> URL:
        # Encoded here: yarl leaves ";" as it is, and Go drops such a query.
        encoded = f"?{urlencode(query)}" if query else ""
        return URL(self._credentials.server + quote(path, safe="/:@") + encoded, encoded=True)

    async def _headers(
        self, content_type: str | None = None, *, accept: str = "application/json"
    ) -> dict[str, str]:
        # A websocket's header reaches the kubelet, which makes no JSON there and answers 406.
        headers = {"Accept": accept, "User-Agent": f"cniadvisor/{__version__}"}
        if content_type:
            headers["Content-Type"] = content_type
        authorization = await self.access.authorization()
        if authorization:
            headers["Authorization"] = authorization
        return headers

    def _refused(
        self, method: str, path: str, query: Mapping[str, str], status: int, body: bytes
    ) -> CniAdvisorError:
        return refused(
            status,
            body,
            method=method,
            path=path,
            query=query,
            server=self.cluster_host,
            user_name=self._credentials.user_name,
        )


class _UpgradeRefused(Exception):  # noqa: N818 - says what happened; never leaves this module
    """An API server answered a websocket request with something else than 101."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


async def _refuse_upgrade(response: aiohttp.ClientResponse) -> None:
    if response.status != 101:
        body = await response.read()
        raise _UpgradeRefused(response.status, body)


def _session(**options: Any) -> aiohttp.ClientSession:  # noqa: ANN401 - handed on as they are
    # No limit: whoever reads much in parallel bounds it; here it would only hide in a timeout.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=_STREAM_BUFFER_BYTES,
        **options,
    )


async def _itself(response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    return response


def _broke(error: BaseException) -> bool:
    """Whether a connection that stood broke, as load balancers and restarts do it."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return False
    return isinstance(
        error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError)
    ) or (isinstance(error, aiohttp.ClientOSError) and not isinstance(error, TimeoutError))


def _wait_s(retry_after: str | None, attempt: int) -> float:
    """Return the seconds to wait before the next attempt; the server's wish is bounded."""
    if retry_after is not None and retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), _RETRY_AFTER_AT_MOST_S)
    return 0.2 * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter


def _host_and_port(server: str) -> str:
    parts = urlsplit(server)
    host = printable(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _cluster_id(credentials: Credentials) -> str:
    """Return a hash of where the API server is and of whom it is trusted by.

    A cluster that is made anew at the same address has a new authority.
    """
    told = [credentials.server.encode()]
    if credentials.tls is not None:
        told += sorted(credentials.tls.get_ca_certs(binary_form=True))
    return hashlib.sha256(b"\0".join(told)).hexdigest()[:32]

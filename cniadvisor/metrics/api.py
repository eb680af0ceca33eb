"""Reads from the API server through httpx, with credentials that another connection loaded.

They go to that server only: no redirect is followed, and no proxy, .netrc or certificate store is
taken from the environment; the proxy is the one the other connection uses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import httpx

from cniadvisor import __version__
from cniadvisor.domain.access import ApiAccess
from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, JsonObject, Read
from cniadvisor.domain.text import printable

TIMEOUT_S = 10.0
_KEPT_OPEN_S = 90.0

TransportFactory = Callable[[ApiAccess], httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of a read; ``clock_ahead_s`` is how far the server's clock is ahead of ours.

    None where the answer has no date; it is good to a second.
    """

    read: Read
    clock_ahead_s: float | None = None


class ApiReader:
    """Reads objects; close it when done. Nothing it returns or raises holds a credential."""

    def __init__(self, access: ApiAccess, *, transport: TransportFactory | None = None) -> None:
        self._access = access
        self._transport = transport or _transport
        self._client: httpx.AsyncClient | None = None
        self._generation = -1

    async def get(self, path: str, query: Mapping[str, str] | None = None, *, right: str) -> Answer:
        """Read ``path``; ``right`` names what it takes, for the outcome Forbidden.

        A 401 refreshes the credentials once. Never raises for what the server or the network does.
        """
        try:
            generation = self._access.generation
            answer = await self._asked(path, query or {})
            if answer.status_code == 401:
                await self._access.refresh(generation)
                answer = await self._asked(path, query or {})
        except CniAdvisorError as error:
            return Answer(read=Failed(reason=printable(error.message)))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            # Only the kind: a message may quote a URL with a proxy's password.
            return Answer(
                read=Failed(reason=f"the API server did not answer ({type(error).__name__})")
            )
        return Answer(read=self._outcome(answer, right), clock_ahead_s=_clock_ahead_s(answer))

    async def close(self) -> None:
        """Close what is open."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _asked(self, path: str, query: Mapping[str, str]) -> httpx.Response:
        authorization = await self._access.authorization()
        if self._client is None or self._generation != self._access.generation:
            await self.close()  # a refresh may have brought another client certificate
            self._generation = self._access.generation
            self._client = httpx.AsyncClient(
                transport=self._transport(self._access),
                trust_env=False,
                follow_redirects=False,
                timeout=TIMEOUT_S,
                headers={
                    "Accept": "application/json",
                    "User-Agent": f"cniadvisor/{__version__}",
                },
            )
        return await self._client.get(
            self._access.server + path,
            params=query,
            headers={"Authorization": authorization} if authorization else {},
            extensions=_server_name(self._access),
        )

    def _outcome(self, answer: httpx.Response, right: str) -> Read:
        status = answer.status_code
        if status == 401:
            user = printable(self._access.user_name)
            return Failed(
                reason=f'the credentials of user "{user}" are not accepted', status=status
            )
        if status == 403:
            return Forbidden(right=right, status=status)
        if status == 404:
            return Absent()
        if status != 200:
            return Failed(reason=f"the API server answers with HTTP {status}", status=status)
        body = _json(answer)
        if body is None:
            return Failed(reason="what answers is no Kubernetes API server: no JSON object")
        return Found(body=body)


def _transport(access: ApiAccess) -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(
        verify=access.tls or True,
        trust_env=False,
        proxy=None if access.proxy is None else httpx.Proxy(access.proxy),
        limits=httpx.Limits(keepalive_expiry=_KEPT_OPEN_S),
    )


def _server_name(access: ApiAccess) -> dict[str, Any]:
    # Through a proxy's tunnel httpcore 1 checks the certificate against the URL's host whatever
    # it is told here: that ends in a refusal, never in a certificate that was not checked.
    name = access.tls_server_name
    return {} if name is None else {"sni_hostname": name}


def _json(answer: httpx.Response) -> JsonObject | None:
    try:
        body: object = answer.json()
    except (ValueError, RecursionError):
        return None
    return cast("JsonObject", body) if isinstance(body, dict) else None


def _clock_ahead_s(answer: httpx.Response) -> float | None:
    try:
        told = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
    if told.tzinfo is None:
        return None
    # The header is cut to whole seconds: half a second is missing on average.
    return (told - datetime.now(UTC)).total_seconds() + 0.5

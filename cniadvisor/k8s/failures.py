"""Turns what goes wrong between us and an API server into sentences and exit codes.

Exit codes: whatever keeps us from talking to the server at all (refused, no route, DNS, TLS, a
connect timeout: a firewall that drops packets) is :class:`ClusterError` (3); a server that took
the request and does not answer in time is :class:`DeadlineError` (4).
"""

import json
import ssl
from collections.abc import Mapping
from typing import Any, cast

import aiohttp

from cniadvisor.domain.errors import AccessError, ClusterError, CniAdvisorError, DeadlineError
from cniadvisor.domain.text import printable
from cniadvisor.k8s.api_errors import (
    ConflictError,
    GoneError,
    InvalidError,
    NotFoundError,
    RefusedError,
    ServerError,
    StreamBrokenError,
)
from cniadvisor.k8s.rights import right_of, right_said

_ADMISSION_HINT = "use another namespace with --namespace, or ask the cluster's administrator"

# OpenSSL's X509_V_ERR_* numbers.
_CERTIFICATE_TROUBLE = {
    9: ("its certificate is not valid yet", "check this machine's clock"),
    10: (
        "its certificate has expired",
        "renew the API server's certificate, or check this machine's clock",
    ),
    **dict.fromkeys(
        (18, 19, 20, 21),
        (
            "its certificate was issued by an authority the kubeconfig does not trust",
            "fetch the kubeconfig anew (the cluster may have been rebuilt), "
            "or check that no proxy stands between",
        ),
    ),
    **dict.fromkeys(
        (62, 64),
        (
            "its certificate is for another name or address",
            "use a server name that the certificate holds, or set tls-server-name in the "
            "kubeconfig",
        ),
    ),
}


def unreachable(error: BaseException, *, server: str) -> CniAdvisorError:
    """Return the error for an exception of aiohttp, ssl or the socket layer.

    ``server`` is ``host:port`` for people.
    """
    where = f"the API server at {printable(server)}"
    certificate = _certificate_error(error)
    if certificate is not None:
        what, hint = _CERTIFICATE_TROUBLE.get(
            certificate.verify_code,
            (
                f"its certificate is not accepted: {printable(certificate.verify_message)}",
                "fetch the kubeconfig anew",
            ),
        )
        return ClusterError(f"{where} can't be trusted: {what}", hint=hint)
    tls = _tls_error(error)
    if tls is not None:
        return _tls_failure(tls, where)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return ClusterError(
            f"the proxy on the way to {where} can't be reached: {_os_reason(error)}",
            hint="check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY",
        )
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ClusterError(
            f"the proxy on the way to {where} refuses: HTTP {error.status}",
            hint="check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ClusterError(
            f"{where} can't be reached: its name can't be resolved",
            hint="check the server in the kubeconfig, the DNS and the VPN",
        )
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ClusterError(
            f"{where} can't be reached: no answer to the connection attempt",
            hint="check the network, the VPN and firewalls",
        )
    if isinstance(error, TimeoutError):
        return DeadlineError(
            f"{where} took a request and did not answer in time",
            hint="the API server is overloaded or the connection is bad; try again later",
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return ClusterError(
            f"{where} can't be reached: {_os_reason(error)}",
            hint="is the cluster up, and is this the right context?",
        )
    if isinstance(error, aiohttp.InvalidURL):
        return ClusterError(f"{where} has an invalid URL", hint="check the kubeconfig")
    return ClusterError(
        f"the connection to {where} broke ({type(error).__name__})",
        hint="try again; check the network if it stays so",
    )


def stream_broke(error: BaseException, *, server: str, path: str) -> CniAdvisorError:
    """Return the error for a stream that broke before its end."""
    return StreamBrokenError(
        f"the stream {printable(path)} from the API server at {printable(server)} broke "
        f"({type(error).__name__})",
        hint="try again; check the network if it stays so",
    )


def refused(
    status: int,
    body: bytes,
    *,
    method: str,
    path: str,
    query: Mapping[str, str],
    server: str,
    user_name: str,
) -> CniAdvisorError:
    """Return the error for an answer with ``status`` >= 300."""
    said = _said(body)
    told = f": {said}" if said else ""
    what = f"{method} {printable(path, limit=300)}"
    if status == 401:
        return AccessError(
            f"the API server at {printable(server)} does not accept the credentials of user "
            f'"{printable(user_name)}": they are wrong or have expired',
            hint="log in again, or fetch the kubeconfig anew",
        )
    if status == 403:
        # Admission (quota, pod security, webhooks) answers 403 as well, and names no right.
        right = right_said(said) or right_of(method, path, query)
        if method not in {"GET", "HEAD"} and said and right_said(said) is None:
            return RefusedError(f"the cluster refuses to {right}{told}", hint=_ADMISSION_HINT)
        return AccessError(
            f"the right to {right} is missing{told}",
            right=right,
            hint="`cniadvisor rbac` prints the rights that are needed",
        )
    if status == 404:
        return NotFoundError(
            f"not found: {what}{told}", hint="it does not exist, or was removed meanwhile"
        )
    if status == 409:
        return ConflictError(
            f"{what} conflicts with what is there{told}", hint="run it again, or clean up first"
        )
    if status == 410:
        return GoneError(f"{what} is too old{told}", hint="try again")
    if status in {400, 422}:
        hint = "the API server's own words say what it does not accept"
        if b"HTTP request to an HTTPS server" in body:
            hint = "set the server in the kubeconfig to https://"
        return InvalidError(f"the API server rejects {what}{told}", hint=hint)
    if 300 <= status < 400:
        return ServerError(
            f"the API server at {printable(server)} redirects {what} elsewhere",
            status=status,
            hint="is the server in the kubeconfig an API server, or a login page before it?",
        )
    busy = "is overloaded (429)" if status == 429 else f"failed with HTTP {status}"
    return ServerError(
        f"the API server at {printable(server)} {busy} on {what}{told}",
        status=status,
        hint="try again later; look at the API server's health if it stays so",
    )


def not_kubernetes(*, path: str, server: str) -> CniAdvisorError:
    """Return the error for an answer that is no JSON object."""
    return ServerError(
        f"what answers at {printable(server)} on {printable(path, limit=300)} "
        "is no Kubernetes API server: no JSON object",
        status=200,
        hint="check the server in the kubeconfig; a proxy or login page may stand before it",
    )


def _said(body: bytes) -> str:
    """Return the message of a Status object, or the text itself if it is short and plain."""
    try:
        status: Any = json.loads(body)
    except ValueError:
        text = body.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else printable(text, limit=300)
    if not isinstance(status, dict):
        return ""
    message = cast("dict[str, object]", status).get("message")
    return printable(message, limit=600) if isinstance(message, str) else ""


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
    return None


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return cause
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """Return the exceptions of ssl and the socket layer behind ``error``.

    aiohttp's own are left out: they are subclasses of ssl's but carry none of its details.
    """
    seen: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        todo += [one.__cause__, one.__context__]
        todo += [
            wrapped
            for name in ("os_error", "certificate_error")
            if isinstance(wrapped := getattr(one, name, None), BaseException)
        ]
    return [one for one in seen if not isinstance(one, aiohttp.ClientError)]


def _tls_failure(error: ssl.SSLError, where: str) -> CniAdvisorError:
    reason = (error.reason or "").upper()
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return ClusterError(
            f"{where} does not speak TLS",
            hint="check the server in the kubeconfig: port, and http or https",
        )
    if "CERTIFICATE" in reason and "ALERT" in reason:
        return AccessError(
            f"{where} does not accept the client certificate",
            hint="it may have expired: fetch the kubeconfig anew",
        )
    told = printable(reason.replace("_", " ").lower() or type(error).__name__)
    return ClusterError(
        f"the TLS handshake with {where} failed: {told}",
        hint="check the server in the kubeconfig and what stands between",
    )


def _os_reason(error: aiohttp.ClientConnectorError) -> str:
    os_error = error.os_error
    if isinstance(os_error, ConnectionRefusedError):
        return "connection refused"
    return printable(os_error.strerror or type(os_error).__name__, limit=200)

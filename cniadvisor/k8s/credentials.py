"""Turns a kubeconfig context, or a pod's service account, into what a connection needs.

The official client loads the configuration (certificates, tokens, auth providers, in-cluster);
files and names are checked before, so that each mistake is told in its own words, and credential
plugins are run by :mod:`cniadvisor.k8s.exec_plugin`.
"""

import base64
import os
import re
import ssl
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config import kube_config
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.incluster_config import (
    SERVICE_HOST_ENV_NAME,
    load_incluster_config,  # pyright: ignore[reportUnknownVariableType]
)

from cniadvisor.domain.commands import IN_CLUSTER
from cniadvisor.domain.errors import AccessError, CniAdvisorError, UsageError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.text import printable
from cniadvisor.k8s.exec_plugin import run_exec_plugin
from cniadvisor.k8s.kubeconfig import ChosenContext, choose
from cniadvisor.k8s.kubeconfig_places import existing, not_found, places

_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_EXPIRY_MARGIN = timedelta(minutes=2)
# All requests wait for a plugin that hangs: between two tries they go on as long as it may take.
_TRY_AGAIN_AFTER = timedelta(seconds=30)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(slots=True, kw_only=True)
class Credentials:
    """Where the API server is and how to be let in. Holds secrets: nothing of it has a repr.

    Attributes:
        context: context name, or ``in-cluster``.
        namespace: the context's default namespace, if it names one.
        user_name: the kubeconfig user, for messages.
        server: URL of the API server without a trailing slash; may have a path.
        proxy: URL from ``proxy-url``, or None.
        tls: the context for https; None for plain http.
        generation: how often they were refreshed.
    """

    context: str
    namespace: str | None
    user_name: str
    server: str = field(repr=False)
    proxy: str | None = field(repr=False)
    tls_server_name: str | None
    tls: ssl.SSLContext | None = field(repr=False)
    generation: int = 0
    _configuration: Configuration = field(repr=False)
    _expires_at: datetime | None = field(repr=False)
    _not_before: datetime | None = field(default=None, repr=False)
    _source: "_Source" = field(repr=False)

    async def authorization(self) -> str | None:
        """Return the Authorization header, refreshed when it is about to expire.

        A refresh that fails is tried again later, as long as the old one is still valid.
        """
        expires_at = self._expires_at
        if expires_at is not None:
            due = self._not_before or expires_at - _EXPIRY_MARGIN
            if datetime.now(UTC) > min(due, expires_at):
                await self._refresh_early(expires_at)
        settings: Any = await self._configuration.auth_settings()
        token = settings.get("BearerToken", {}).get("value")
        return str(token) if token else None

    async def refresh(self) -> None:
        """Read the configuration again and run the plugin again (after a 401, or on expiry).

        Raises:
            AccessError: they are for another API server now.
            UsageError, AccessError, DeadlineError: as :func:`load_credentials`.
        """
        fresh = await _load(self._source)
        if fresh.server != self.server:
            raise AccessError(
                f'the credentials for context "{printable(self.context)}" can\'t be renewed: '
                "the kubeconfig names another API server for it than when this began",
                hint="restore the context's server, or begin anew",
            )
        self._configuration = fresh._configuration
        self._expires_at = fresh._expires_at
        self._not_before = None
        self.tls = fresh.tls
        self.generation += 1

    async def _refresh_early(self, expires_at: datetime) -> None:
        try:
            await self.refresh()
        except CniAdvisorError:
            if datetime.now(UTC) >= expires_at:
                raise
            self._not_before = datetime.now(UTC) + _TRY_AGAIN_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    kubeconfig: str | None
    context: str | None


async def load_credentials(*, kubeconfig: str | None, context: str | None) -> Credentials:
    """Load the credentials for ``context`` (None: the current one).

    Raises:
        UsageError: no kubeconfig, an unreadable or wrong one, an unknown context, a missing
            plugin or file.
        AccessError: the plugin or auth provider failed.
        DeadlineError: the plugin hangs.
    """
    return await _load(_Source(kubeconfig=kubeconfig, context=context))


async def _load(source: _Source) -> Credentials:
    where = places(source.kubeconfig, os.environ)
    files = existing(where)
    if files:
        return await _from_kubeconfig(choose(files, source.context), source)
    if os.environ.get(SERVICE_HOST_ENV_NAME):
        if source.context in {None, IN_CLUSTER}:
            return _from_service_account(source)
        raise UsageError(
            f'there is no context "{printable(source.context or "")}": in this pod there is no '
            "kubeconfig, only the service account",
            hint="leave --context out, or give a kubeconfig with --kubeconfig",
        )
    raise not_found(where)


async def _from_kubeconfig(chosen: ChosenContext, source: _Source) -> Credentials:
    user, expires_at = await _user_with_plugin(chosen)
    configuration = Configuration()
    node: dict[str, Any] = {
        "current-context": chosen.name,
        "contexts": [
            {
                "name": chosen.name,
                "context": {"cluster": chosen.cluster_name, "user": chosen.user_name},
            }
        ],
        "clusters": [{"name": chosen.cluster_name, "cluster": chosen.cluster}],
        "users": [{"name": chosen.user_name, "user": user}],
    }
    try:
        await kube_config.load_kube_config_from_dict(  # pyright: ignore[reportUnknownMemberType]
            node, context=chosen.name, client_configuration=configuration
        )
        return Credentials(
            context=chosen.name,
            namespace=chosen.namespace,
            user_name=chosen.user_name,
            server=_server(configuration, chosen),
            proxy=_proxy(chosen),
            tls_server_name=configuration.tls_server_name,
            tls=_tls(configuration, chosen),
            _configuration=configuration,
            _expires_at=expires_at,
            # By name: somebody may make another context the current one meanwhile.
            _source=replace(source, context=chosen.name),
        )
    except CniAdvisorError:
        raise
    except Exception as error:
        # The library raises anything here (ConfigException, KeyError, binascii.Error, JSON and
        # network errors of OIDC), and its messages may quote the entry: only the kind is told.
        raise _unusable(chosen, error) from None
    finally:
        # Keys given as data were written to files for OpenSSL; they are in the context now.
        kube_config._cleanup_temp_files()  # pyright: ignore


def _unusable(chosen: ChosenContext, error: Exception) -> CniAdvisorError:
    user = printable(chosen.user_name)
    if "auth-provider" in chosen.user:
        return AccessError(
            f'logging in as user "{user}" through its auth-provider failed '
            f"({type(error).__name__})",
            hint="log in again with kubectl or the provider's tool",
        )
    # Only the library's own sentences are quoted: they name keys, not values.
    detail = printable(str(error)) if isinstance(error, ConfigException) else type(error).__name__
    return UsageError(
        f'cluster "{printable(chosen.cluster_name)}" or user "{user}" of context '
        f'"{printable(chosen.name)}" is not usable: {detail}',
        hint="compare it with `kubectl config view`, or fetch the kubeconfig anew",
    )


async def _user_with_plugin(chosen: ChosenContext) -> tuple[JsonObject, datetime | None]:
    """Return the user entry with the plugin's answer in place of the plugin."""
    user = dict(chosen.user)
    spec = user.pop("exec", None)
    # As kubectl: a static token wins over the plugin.
    if not isinstance(spec, dict) or user.get("token") or user.get("tokenFile"):
        return user, None
    answer = await run_exec_plugin(
        spec,
        user_name=chosen.user_name,
        directory=chosen.user_file.parent,
        cluster=chosen.cluster,
    )
    if answer.token:
        user["token"] = answer.token
    if answer.certificate_pem and answer.key_pem:
        user["client-certificate-data"] = _base64(answer.certificate_pem)
        user["client-key-data"] = _base64(answer.key_pem)
    return user, answer.expires_at


def _base64(text: str) -> str:
    return base64.standard_b64encode(text.encode()).decode("ascii")


def _server(configuration: Configuration, chosen: ChosenContext) -> str:
    server = str(configuration.host)
    try:
        parts = urlsplit(server)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            f'the server of cluster "{printable(chosen.cluster_name)}" is no http(s) URL',
            hint="it looks like https://HOST:6443",
        )
    return server


def _proxy(chosen: ChosenContext) -> str | None:
    proxy = chosen.cluster.get("proxy-url")
    if not isinstance(proxy, str) or not proxy:
        return None
    match = _SCHEME.match(proxy)
    if match is None or match["scheme"] not in {"http", "https"}:
        # Of what has no scheme nothing is quoted: USER:PASSWORD@HOST begins with a secret.
        told = (
            f"is a {printable(match['scheme'], limit=20)} proxy, which is not supported"
            if match
            else "has no scheme"
        )
        raise UsageError(
            f'the proxy-url of cluster "{printable(chosen.cluster_name)}" {told}',
            hint="use an http or https proxy, such as http://HOST:3128",
        )
    return proxy


def _tls(configuration: Configuration, chosen: ChosenContext) -> ssl.SSLContext | None:
    if not str(configuration.host).startswith("https:"):
        return None
    name = printable(chosen.cluster_name)
    try:
        tls = _trusting(configuration.ssl_ca_cert)
    except (ssl.SSLError, OSError):
        raise UsageError(
            f'the certificate authority of cluster "{name}" is no usable certificate',
            hint="fetch the kubeconfig anew",
        ) from None
    if not configuration.verify_ssl:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        try:
            tls.load_cert_chain(configuration.cert_file, keyfile=configuration.key_file)
        except (ssl.SSLError, OSError):
            raise UsageError(
                f'the client certificate and key of user "{printable(chosen.user_name)}" '
                "are not usable, or do not belong together",
                hint="fetch the kubeconfig anew",
            ) from None
    return tls


def _trusting(authority: str | None) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=authority)
    # Python 3.13 turns on checks that many clusters' certificates fail and no other client makes.
    tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return tls


def _from_service_account(source: _Source) -> Credentials:
    configuration = Configuration()
    try:
        load_incluster_config(client_configuration=configuration)  # pyright: ignore[reportUnknownMemberType]
        tls = _trusting(configuration.ssl_ca_cert)
    except (ConfigException, OSError) as error:
        raise UsageError(
            "this pod's service account can't be used: "
            + (printable(str(error)) if isinstance(error, ConfigException) else "bad ca.crt"),
            hint="give the pod a service account token, or a kubeconfig with --kubeconfig",
        ) from None
    try:
        namespace = _NAMESPACE_FILE.read_text(encoding="utf-8").strip() or None
    except OSError:
        namespace = None
    return Credentials(
        context=IN_CLUSTER,
        namespace=namespace,
        user_name="service account",
        server=str(configuration.host),
        proxy=None,
        tls_server_name=None,
        tls=tls,
        _configuration=configuration,
        _expires_at=None,
        _source=source,
    )

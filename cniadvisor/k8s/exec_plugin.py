"""Runs the credential plugin that a kubeconfig user names (EKS, GKE, AKS, OIDC logins).

The client library's own runner drops the plugin's error, waits for ever and deadlocks on a long
stderr; here a plugin that is missing, fails or hangs is told by name.
Source: kubernetes.io/docs/reference/config-api/client-authentication.v1.
"""

import asyncio
import json
import os
import re
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from cniadvisor.domain.errors import AccessError, DeadlineError, UsageError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.text import printable

EXEC_PLUGIN_TIMEOUT_S = 30.0
_STDERR_SHOWN = 400
_LOOKS_SECRET = re.compile(
    r"eyJ[\w-]{8,}[\w.-]*|(?i:bearer|token|password|secret)\s*[=:]\s*\S+|[\w+/=-]{40,}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginCredentials:
    """What a plugin returned; never shown."""

    token: str | None = field(default=None, repr=False)
    certificate_pem: str | None = field(default=None, repr=False)
    key_pem: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


async def run_exec_plugin(
    spec: JsonObject,
    *,
    user_name: str,
    directory: Path,
    cluster: JsonObject,
    timeout_s: float = EXEC_PLUGIN_TIMEOUT_S,
) -> PluginCredentials:
    """Run the plugin ``spec`` (``users[].user.exec``) and return its credentials.

    Args:
        directory: of the kubeconfig; a command with a slash in it is relative to it.
        cluster: the cluster entry, handed on when the plugin asks for it.

    Raises:
        UsageError: the command is missing, or the entry is not usable.
        AccessError: the plugin failed, or answered with no credentials.
        DeadlineError: the plugin did not end within ``timeout_s``.
    """
    command, version = spec.get("command"), spec.get("apiVersion")
    if not isinstance(command, str) or not command or not isinstance(version, str):
        raise UsageError(
            f'the exec plugin of user "{printable(user_name)}" lacks command or apiVersion',
            hint="fetch the kubeconfig anew",
        )
    name = printable(command)
    if spec.get("interactiveMode") == "Always":
        raise UsageError(
            f'the exec plugin "{name}" of user "{printable(user_name)}" insists on a terminal',
            hint="set its interactiveMode to IfAvailable, or use another context",
        )
    program = _program(command, directory)
    if program is None:
        told = spec.get("installHint")
        how = printable(told, limit=500) if isinstance(told, str) and told else ""
        raise UsageError(
            f'the exec plugin "{name}", which user "{printable(user_name)}" needs to log in, '
            "is not installed or not on the PATH",
            hint=how or f"install {name} and try again",
        )
    stdout, stderr, status = await _run(
        [program, *_strings(spec.get("args"))],
        environ=os.environ | _environ(spec, version, cluster),
        name=name,
        timeout_s=timeout_s,
    )
    if status != 0:
        said = _LOOKS_SECRET.sub("<removed>", printable(stderr.decode("utf-8", "replace")))
        raise AccessError(
            f'the exec plugin "{name}" of user "{printable(user_name)}" failed with exit status '
            f"{status}" + (f": {said[-_STDERR_SHOWN:]}" if said else " and said nothing"),
            hint=f"log in again, or run {name} by hand to see what it wants",
        )
    return _parsed(stdout, name=name, version=version)


def _program(command: str, directory: Path) -> str | None:
    if "/" in command:
        return shutil.which(str(directory / Path(command).expanduser()))
    return shutil.which(command)


def _strings(value: object) -> list[str]:
    return [str(part) for part in cast("list[object]", value)] if isinstance(value, list) else []


def _environ(spec: JsonObject, version: str, cluster: JsonObject) -> dict[str, str]:
    variables: dict[str, str] = {}
    listed = spec.get("env")
    for pair in listed if isinstance(listed, list) else []:
        if isinstance(pair, dict) and isinstance(pair.get("name"), str):
            variables[str(pair["name"])] = str(pair.get("value") or "")
    request: dict[str, Any] = {"interactive": False}
    if spec.get("provideClusterInfo") is True:
        names = ("server", "tls-server-name", "certificate-authority-data", "proxy-url")
        request["cluster"] = {key: cluster[key] for key in names if key in cluster}
        if cluster.get("insecure-skip-tls-verify") is True:
            request["cluster"]["insecure-skip-tls-verify"] = True
    variables["KUBERNETES_EXEC_INFO"] = json.dumps(
        {"apiVersion": version, "kind": "ExecCredential", "spec": request}
    )
    return variables


async def _run(
    argv: list[str], *, environ: dict[str, str], name: str, timeout_s: float
) -> tuple[bytes, bytes, int]:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(
            f'the exec plugin "{name}" can\'t be started: {error.strerror or type(error).__name__}',
            hint=f"reinstall {name}",
        ) from None
    try:
        async with asyncio.timeout(timeout_s):
            stdout, stderr = await process.communicate()
    except TimeoutError:
        raise DeadlineError(
            f'the exec plugin "{name}" did not end within {timeout_s:g} s',
            hint=f"it may wait for a login: run {name} by hand once, then try again",
        ) from None
    finally:
        if process.returncode is None:
            # The whole session: a plugin that is a script has children.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return stdout, stderr, process.returncode or 0


def _parsed(stdout: bytes, *, name: str, version: str) -> PluginCredentials:
    """Read an ExecCredential. Nothing of stdout enters a message: it holds the token."""
    hint = f"check that {name} is up to date and prints an ExecCredential of {printable(version)}"
    try:
        answer: Any = json.loads(stdout)
    except ValueError:
        answer = None
    status: Any = cast("JsonObject", answer).get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise AccessError(f'the exec plugin "{name}" printed no credentials', hint=hint)
    told = cast("JsonObject", answer).get("apiVersion")
    if told != version:
        raise AccessError(
            f'the exec plugin "{name}" answered with {printable(str(told))}, '
            f"not the {printable(version)} that the kubeconfig says",
            hint=f"update {name}, or the apiVersion in the kubeconfig",
        )
    body = cast("JsonObject", status)
    token = body.get("token")
    certificate, key = body.get("clientCertificateData"), body.get("clientKeyData")
    if bool(certificate) != bool(key) or not (token or certificate):
        raise AccessError(
            f'the exec plugin "{name}" returned neither a token nor a certificate with its key',
            hint=hint,
        )
    return PluginCredentials(
        token=token if isinstance(token, str) and token else None,
        certificate_pem=certificate if isinstance(certificate, str) and certificate else None,
        key_pem=key if isinstance(key, str) and key else None,
        expires_at=_expiry(body.get("expirationTimestamp")),
    )


def _expiry(told: object) -> datetime | None:
    if not isinstance(told, str):
        return None
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

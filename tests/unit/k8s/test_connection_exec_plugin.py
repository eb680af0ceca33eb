"""Credential plugins: found, run, refreshed; missing, failing and hanging ones are named."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.domain.errors import (
    AccessError,
    CniAdvisorError,
    DeadlineError,
    ExitCode,
    UsageError,
)
from cniadvisor.k8s import credentials
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.exec_plugin import PluginCredentials, run_exec_plugin
from tests.fakeapi.server import FakeApi

V1 = "client.authentication.k8s.io/v1"


def plugin(tmp_path: Path, script: str, **fields: Any) -> dict[str, Any]:
    path = tmp_path / "login-plugin"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"command": str(path), "apiVersion": V1, **fields}


def printing(status: dict[str, Any], version: str = V1) -> str:
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": status}
    return f"cat <<'EOF'\n{json.dumps(answer)}\nEOF"


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


async def run(
    spec: dict[str, Any], tmp_path: Path, *, timeout_s: float = 5, cluster: Any = None
) -> PluginCredentials:
    return await run_exec_plugin(
        spec, user_name="me", directory=tmp_path, cluster=cluster or {}, timeout_s=timeout_s
    )


async def failure(spec: dict[str, Any], tmp_path: Path, timeout_s: float = 5) -> CniAdvisorError:
    with pytest.raises(CniAdvisorError) as caught:
        await run(spec, tmp_path, timeout_s=timeout_s)
    assert caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint
    return caught.value


async def test_a_token(tmp_path: Path) -> None:
    status = {"token": "hunter2", "expirationTimestamp": "2026-11-23T00:00:00Z"}
    answer = await run(plugin(tmp_path, printing(status)), tmp_path)
    assert answer.token == "hunter2"
    assert answer.expires_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert "hunter2" not in repr(answer)


async def test_a_certificate(tmp_path: Path) -> None:
    status = {"clientCertificateData": "CERT", "clientKeyData": "KEY"}
    answer = await run(plugin(tmp_path, printing(status)), tmp_path)
    assert (answer.certificate_pem, answer.key_pem) == ("CERT", "KEY")
    assert "KEY" not in repr(answer)


async def test_arguments_environment_and_request_are_handed_on(tmp_path: Path) -> None:
    script = 'printf "%s|%s|%s" "$1" "$STAGE" "$KUBERNETES_EXEC_INFO" > "$OUT"\n' + printing(
        {"token": "t"}
    )
    spec = plugin(
        tmp_path,
        script,
        args=["get token"],
        env=[{"name": "STAGE", "value": "x y"}, {"name": "OUT", "value": str(tmp_path / "out")}],
        provideClusterInfo=True,
    )
    cluster = {"server": "https://x", "certificate-authority": "/private/path"}
    await run(spec, tmp_path, cluster=cluster)
    argument, stage, request = (tmp_path / "out").read_text().split("|")
    assert (argument, stage) == ("get token", "x y")
    assert json.loads(request) == {
        "apiVersion": V1,
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": "https://x"}},
    }


async def test_a_command_with_a_slash_is_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    spec = plugin(tmp_path, printing({"token": "t"}))
    assert (await run(spec | {"command": "./login-plugin"}, tmp_path)).token == "t"


async def test_a_missing_plugin_is_named_with_its_install_hint(tmp_path: Path) -> None:
    spec = {"command": "no-such-login", "apiVersion": V1, "installHint": "brew\ninstall it\x1b[0m"}
    error = await failure(spec, tmp_path)
    assert isinstance(error, UsageError)
    assert '"no-such-login"' in error.message
    assert error.hint == "brew install it[0m"


async def test_a_plugin_that_fails_says_why_without_secrets(tmp_path: Path) -> None:
    script = "echo 'session expired, token=hunter2' >&2; exit 3"
    error = await failure(plugin(tmp_path, script), tmp_path)
    assert isinstance(error, AccessError)
    assert error.exit_code == ExitCode.CLUSTER
    assert "exit status 3: session expired" in error.message


async def test_a_plugin_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path}/child; wait"
    begun = time.monotonic()
    error = await failure(plugin(tmp_path, script), tmp_path, timeout_s=0.5)
    assert isinstance(error, DeadlineError)
    assert error.exit_code == ExitCode.TIMED_OUT
    assert time.monotonic() - begun < 5
    child = int((tmp_path / "child").read_text())
    async with asyncio.timeout(5):
        while runs(child):
            await asyncio.sleep(0.05)


async def test_a_plugin_that_says_much_on_stderr_does_not_block(tmp_path: Path) -> None:
    script = "head -c 300000 /dev/zero | tr '\\0' x >&2\n" + printing({"token": "t"})
    assert (await run(plugin(tmp_path, script), tmp_path)).token == "t"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo hunter2", "printed no credentials"),
        ('echo \'{"token": "hunter2"}\'', "printed no credentials"),
        ("echo '[]'", "printed no credentials"),
        (printing({"token": "hunter2"}, "client.authentication.k8s.io/v1beta1"), "answered with"),
        (printing({"user": "hunter2"}), "neither a token nor a certificate"),
        (printing({"clientCertificateData": "hunter2"}), "neither a token nor a certificate"),
    ],
)
async def test_an_answer_that_is_none(tmp_path: Path, script: str, told: str) -> None:
    error = await failure(plugin(tmp_path, script), tmp_path)
    assert isinstance(error, AccessError)
    assert told in error.message


@pytest.mark.parametrize("broken", [{"command": ""}, {"apiVersion": None}, {"command": ["x"]}])
async def test_an_entry_that_is_incomplete(tmp_path: Path, broken: dict[str, Any]) -> None:
    error = await failure(plugin(tmp_path, "true") | broken, tmp_path)
    assert isinstance(error, UsageError)


async def test_a_plugin_that_insists_on_a_terminal(tmp_path: Path) -> None:
    error = await failure(plugin(tmp_path, "true", interactiveMode="Always"), tmp_path)
    assert "insists on a terminal" in error.message


async def test_a_plugin_that_can_not_be_started(tmp_path: Path) -> None:
    spec = plugin(tmp_path, "true")
    (tmp_path / "login-plugin").write_bytes(b"\x7fELF nonsense")
    error = await failure(spec, tmp_path)
    assert isinstance(error, UsageError)
    assert "can't be started" in error.message


# --- in a connection -----------------------------------------------------------------------------


async def test_the_token_is_used_and_renewed_before_it_expires(tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    counter = tmp_path / "count"
    script = f"echo x >> {counter}\n" + printing({"token": "t0ken", "expirationTimestamp": soon})
    async with FakeApi.serve() as api:
        api.token = "t0ken"
        path = api.write_kubeconfig(
            tmp_path / "config", user={"token": None, "exec": plugin(tmp_path, script)}
        )
        async with connect(kubeconfig=str(path)) as connection:
            assert counter.read_text().count("x") == 1
            await connection.get("/version")
            # 30 s are within the margin: each request asks again.
            assert counter.read_text().count("x") == 2


def failing_after_the_first(tmp_path: Path, expires_in_s: float) -> str:
    """Return a plugin that counts its ``tries``; all but the first fail until ``well`` exists."""
    expires = (datetime.now(UTC) + timedelta(seconds=expires_in_s)).isoformat()
    tries, well = tmp_path / "tries", tmp_path / "well"
    return (
        f"if [ -e {tries} ] && [ ! -e {well} ]; then echo x >> {tries}; echo away >&2; exit 1; fi\n"
        f"echo x >> {tries}\n" + printing({"token": "t0ken", "expirationTimestamp": expires})
    )


async def test_a_plugin_that_fails_early_costs_nothing_and_is_asked_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, tries = failing_after_the_first(tmp_path, 110), tmp_path / "tries"
    async with FakeApi.serve() as api:
        api.token = "t0ken"
        user = {"token": None, "exec": plugin(tmp_path, script)}
        path = api.write_kubeconfig(tmp_path / "config", user=user)
        async with connect(kubeconfig=str(path)) as connection:
            for _ in range(3):
                await connection.get("/version")
            assert tries.read_text().count("x") == 2
            monkeypatch.setattr(credentials, "_TRY_AGAIN_AFTER", timedelta(0))
            held = connection._credentials  # pyright: ignore[reportPrivateUsage]
            held._not_before = datetime.now(UTC)  # pyright: ignore[reportPrivateUsage]
            await connection.get("/version")
            assert tries.read_text().count("x") == 3
            (tmp_path / "well").touch()
            await connection.get("/version")
            assert held.generation == 1


async def test_a_plugin_that_fails_when_the_token_has_expired_is_told(tmp_path: Path) -> None:
    script = failing_after_the_first(tmp_path, -1)
    async with FakeApi.serve() as api:
        api.token = "t0ken"
        user = {"token": None, "exec": plugin(tmp_path, script)}
        path = api.write_kubeconfig(tmp_path / "config", user=user)
        async with connect(kubeconfig=str(path)) as connection:
            for _ in range(2):
                with pytest.raises(AccessError, match="failed with exit status 1: away"):
                    await connection.get("/version")


async def test_a_token_that_is_not_accepted_is_fetched_once_more(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    script = (
        f'printf \'{{"apiVersion":"{V1}","kind":"ExecCredential","status":{{"token":"%s"}}}}\' '
        f'"$(cat {token})"'
    )
    async with FakeApi.serve() as api:
        api.token = "old"
        path = api.write_kubeconfig(
            tmp_path / "config", user={"token": None, "exec": plugin(tmp_path, script)}
        )
        async with connect(kubeconfig=str(path)) as connection:
            await connection.get("/version")
            api.token = "new"
            token.write_text("new")
            await connection.get("/version")
            token.write_text("wrong")
            api.token = "another"
            with pytest.raises(AccessError, match="have expired"):
                await connection.get("/version")


async def test_a_static_token_wins_over_the_plugin(tmp_path: Path) -> None:
    async with FakeApi.serve() as api:
        api.token = "static"
        user = {"exec": {"command": "no-such-login", "apiVersion": V1}}
        path = api.write_kubeconfig(tmp_path / "config", user=user)
        async with connect(kubeconfig=str(path)) as connection:
            await connection.get("/version")

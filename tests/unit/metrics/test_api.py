"""The httpx reader: who is let in, what is never sent elsewhere, how each failure is told."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cniadvisor.domain.access import ApiAccess
from cniadvisor.domain.errors import AccessError
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Read
from cniadvisor.k8s.connection import connect
from cniadvisor.metrics.api import Answer, ApiReader
from tests.fakeapi.proxy import FakeProxy
from tests.fakeapi.server import FakeApi
from tests.fakeapi.tls import make_tls
from tests.unit.metrics.conftest import FakeAccess

PATH = "/apis/metrics.k8s.io/v1beta1/namespaces/kube-flannel/pods/p"
RIGHT = "get pods.metrics.k8s.io in namespace kube-flannel"
Handler = Callable[[httpx.Request], httpx.Response]


async def asked(access: FakeAccess, handler: Handler) -> Answer:
    reader = ApiReader(access, transport=lambda _: httpx.MockTransport(handler))
    try:
        return await reader.get(PATH, {"limit": "10"}, right=RIGHT)
    finally:
        await reader.close()


async def test_a_read_sends_the_credentials_and_returns_the_object(access: FakeAccess) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"kind": "PodMetrics"})

    assert (await asked(access, answer)).read == Found(body={"kind": "PodMetrics"})
    assert str(seen[0].url) == f"https://192.0.2.1:6443{PATH}?limit=10"
    assert seen[0].headers["Authorization"] == "Bearer first"
    assert seen[0].headers["User-Agent"].startswith("cniadvisor/")


async def test_client_certificates_alone_send_no_header(access: FakeAccess) -> None:
    access.tokens = [None]

    def answer(request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        return httpx.Response(200, json={})

    assert (await asked(access, answer)).read == Found(body={})


async def test_a_401_refreshes_once(access: FakeAccess) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        accepted = request.headers["Authorization"] == "Bearer second"
        return httpx.Response(200 if accepted else 401, json={})

    assert (await asked(access, answer)).read == Found(body={})
    assert access.generation == 1


async def test_credentials_that_stay_refused_are_told_with_the_user(access: FakeAccess) -> None:
    read = (await asked(access, lambda _: httpx.Response(401))).read
    assert read == Failed(reason='the credentials of user "me" are not accepted', status=401)
    assert access.generation == 1


async def test_a_refresh_that_fails_is_told_in_its_own_words(access: FakeAccess) -> None:
    access.fails = AccessError('the exec plugin "aws" failed')
    read = (await asked(access, lambda _: httpx.Response(401))).read
    assert read == Failed(reason='the exec plugin "aws" failed')


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (httpx.Response(403, json={"kind": "Status"}), Forbidden(right=RIGHT, status=403)),
        (httpx.Response(404, text="404 page not found"), Absent()),
        (
            httpx.Response(503, text="service unavailable"),
            Failed(reason="the API server answers with HTTP 503", status=503),
        ),
        (
            httpx.Response(200, text="<html>log in</html>"),
            Failed(reason="what answers is no Kubernetes API server: no JSON object"),
        ),
        (
            httpx.Response(200, json=["no", "object"]),
            Failed(reason="what answers is no Kubernetes API server: no JSON object"),
        ),
    ],
)
async def test_outcomes(access: FakeAccess, response: httpx.Response, expected: Read) -> None:
    assert (await asked(access, lambda _: response)).read == expected


async def test_no_redirect_is_followed(access: FakeAccess) -> None:
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://evil.example/take"})

    read = (await asked(access, answer)).read
    assert read == Failed(reason="the API server answers with HTTP 302", status=302)
    assert hosts == ["192.0.2.1"]


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("to https://u:s3cret@proxy.example"),
        httpx.ReadTimeout("slow"),
        httpx.ProxyError("407"),
        httpx.InvalidURL("https://s3cret"),
        OSError("s3cret"),
    ],
)
async def test_what_the_network_does_is_an_outcome_without_secrets(
    access: FakeAccess, error: Exception
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    read = (await asked(access, answer)).read
    assert read == Failed(reason=f"the API server did not answer ({type(error).__name__})")


async def test_a_refresh_makes_a_new_transport_for_a_new_certificate(access: FakeAccess) -> None:
    made: list[int] = []

    def transport(of: ApiAccess) -> httpx.AsyncBaseTransport:
        made.append(of.generation)
        return httpx.MockTransport(lambda _: httpx.Response(200, json={}))

    reader = ApiReader(access, transport=transport)
    await reader.get(PATH, right=RIGHT)
    await reader.get(PATH, right=RIGHT)
    await access.refresh(0)
    await reader.get(PATH, right=RIGHT)
    await reader.close()
    assert made == [0, 1]


async def test_the_server_s_clock_is_compared_with_ours(access: FakeAccess) -> None:
    dated = httpx.Response(200, json={}, headers={"Date": "Mon, 23 Nov 2099 06:00:00 GMT"})
    ahead = (await asked(access, lambda _: dated)).clock_ahead_s
    assert ahead is not None
    assert ahead > 0
    undated = httpx.Response(200, json={}, headers={"Date": "soon"})
    assert (await asked(access, lambda _: undated)).clock_ahead_s is None


# With the credentials of a real kubeconfig, against a server over the wire


async def read_over_the_wire(path: Path) -> Read:
    async with connect(kubeconfig=str(path)) as connection:
        access: ApiAccess = connection.access
        reader = ApiReader(access)
        try:
            return (await reader.get("/version", right="get /version")).read
        finally:
            await reader.close()


async def test_a_client_certificate_over_tls(tmp_path: Path) -> None:
    tls = make_tls(tmp_path / "tls", wants_client_certificate=True)
    pair = {"client-certificate": str(tls.client_certificate), "client-key": str(tls.client_key)}
    async with FakeApi.serve(tls=tls) as api:
        read = await read_over_the_wire(api.write_kubeconfig(tmp_path / "config", user=pair))
        assert isinstance(read, Found), read
        without = await read_over_the_wire(api.write_kubeconfig(tmp_path / "config"))
    assert isinstance(without, Failed), without


async def test_an_untrusted_server_gets_no_credentials(tmp_path: Path) -> None:
    async with FakeApi.serve(tls=make_tls(tmp_path / "tls")) as api:
        api.token = "s3cret"
        path = api.write_kubeconfig(tmp_path / "config", cluster={"certificate-authority": None})
        assert isinstance(await read_over_the_wire(path), Failed)
        assert api.requests == []


async def test_tls_server_name_is_what_the_certificate_must_hold(tmp_path: Path) -> None:
    async with FakeApi.serve(tls=make_tls(tmp_path / "tls", names="DNS:api.example.com")) as api:
        named = api.write_kubeconfig(
            tmp_path / "config", cluster={"tls-server-name": "api.example.com"}
        )
        assert isinstance(await read_over_the_wire(named), Found)
        unnamed = api.write_kubeconfig(tmp_path / "config")
        assert isinstance(await read_over_the_wire(unnamed), Failed)


async def test_the_kubeconfig_s_proxy_is_used_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = make_tls(tmp_path / "tls")
    async with (
        FakeApi.serve(tls=tls) as api,
        FakeProxy.serve() as proxy,
        FakeProxy.serve() as other,
    ):
        for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{other.port}")
        wanted = {"proxy-url": f"http://127.0.0.1:{proxy.port}"}
        assert isinstance(
            await read_over_the_wire(api.write_kubeconfig(tmp_path / "a", cluster=wanted)), Found
        )
        # Loopback is never proxied by the environment's rules.
        assert isinstance(await read_over_the_wire(api.write_kubeconfig(tmp_path / "b")), Found)
    assert proxy.targets == [f"127.0.0.1:{api.port}"]
    assert other.targets == []
    assert "authorization" not in proxy.heads[0].lower()


async def test_an_exec_plugin_runs_again_after_a_401(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    plugin = tmp_path / "plugin"
    plugin.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib\n"
        f"calls = pathlib.Path({str(calls)!r})\n"
        "number = len(calls.read_text()) if calls.exists() else 0\n"
        "calls.write_text('x' * (number + 1))\n"
        "status = {'token': f'token-{number}'}\n"
        "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1',"
        " 'kind': 'ExecCredential', 'status': status}))\n"
    )
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    spec = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(plugin),
            "interactiveMode": "Never",
        }
    }
    async with FakeApi.serve() as api:
        path = api.write_kubeconfig(tmp_path / "config", user=spec)
        api.token = "token-1"  # the first one has expired by the time it is used
        assert isinstance(await read_over_the_wire(path), Found)
    assert calls.read_text() == "xx"

"""TLS, client certificates, proxies: what works, and how each failure is told."""

import base64
import socket
import ssl
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import WSMsgType

from cniadvisor.domain.errors import ClusterError, UsageError
from cniadvisor.k8s.connection import Connection, connect
from cniadvisor.k8s.proxy import proxy_from_environment
from tests.fakeapi.proxy import FakeProxy
from tests.fakeapi.server import FakeApi
from tests.fakeapi.tls import ServerTls, make_tls

PODS = "/api/v1/pods"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ServerTls:
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def named_tls(tmp_path_factory: pytest.TempPathFactory) -> ServerTls:
    return make_tls(tmp_path_factory.mktemp("named"), names="DNS:api.example.com")


@pytest.fixture(autouse=True)
def no_proxy_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def api(tls: ServerTls) -> AsyncGenerator[FakeApi]:
    async with FakeApi.serve({PODS: {"items": []}}, tls=tls) as served:
        yield served


async def version(path: Path, timeout_s: float = 2) -> object:
    async with connect(kubeconfig=str(path), timeout_s=timeout_s) as connection:
        return (await connection.get("/version"))["gitVersion"]


async def exec_ends_well(connection: Connection) -> bool:
    path = "/api/v1/namespaces/x/pods/p/exec"
    async with connection.websocket(
        path, [("command", "true")], subprotocols=["v4.channel.k8s.io"]
    ) as socket:
        frames = [message.data async for message in socket if message.type is WSMsgType.BINARY]
    return bool(frames) and frames[-1].startswith(b"\x03")


async def test_a_trusted_server(api: FakeApi, tmp_path: Path) -> None:
    assert await version(api.write_kubeconfig(tmp_path / "config")) == "v1.34.4"


async def test_a_cluster_made_anew_at_the_same_address_is_another(
    api: FakeApi, tls: ServerTls, tmp_path: Path
) -> None:
    async def id_of(path: Path) -> str:
        async with connect(kubeconfig=str(path)) as connection:
            return connection.cluster_id

    path = api.write_kubeconfig(tmp_path / "config")
    here = await id_of(path)
    assert here.isalnum()
    assert await id_of(path) == here
    assert await id_of(api.write_kubeconfig(tmp_path / "other", context="renamed")) == here
    renewed = make_tls(tmp_path / "renewed").authority
    path.write_text(path.read_text().replace(str(tls.authority), str(renewed)))
    assert await id_of(path) != here


async def test_authority_given_as_data(api: FakeApi, tls: ServerTls, tmp_path: Path) -> None:
    data = base64.b64encode(tls.authority.read_bytes()).decode()
    cluster = {"certificate-authority": None, "certificate-authority-data": data}
    assert await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster)) == "v1.34.4"


async def test_insecure_is_allowed_when_the_kubeconfig_says_so(
    api: FakeApi, tmp_path: Path
) -> None:
    cluster = {"certificate-authority": None, "insecure-skip-tls-verify": True}
    assert await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster)) == "v1.34.4"


async def test_an_authority_nobody_knows(api: FakeApi, tmp_path: Path) -> None:
    path = api.write_kubeconfig(tmp_path / "config", cluster={"certificate-authority": None})
    with pytest.raises(ClusterError, match="does not trust") as caught:
        await version(path)
    assert caught.value.hint


async def test_a_certificate_for_another_name(named_tls: ServerTls, tmp_path: Path) -> None:
    async with FakeApi.serve(tls=named_tls) as api:
        with pytest.raises(ClusterError, match="for another name or address") as caught:
            await version(api.write_kubeconfig(tmp_path / "config"))
    assert "tls-server-name" in caught.value.hint


async def test_an_expired_certificate(tmp_path: Path) -> None:
    async with FakeApi.serve(tls=make_tls(tmp_path / "tls", expired=True)) as api:
        with pytest.raises(ClusterError, match="has expired") as caught:
            await version(api.write_kubeconfig(tmp_path / "config"))
    assert "clock" in caught.value.hint


async def test_tls_server_name_is_used_for_requests_and_websockets(
    named_tls: ServerTls, tmp_path: Path
) -> None:
    async with FakeApi.serve(tls=named_tls) as api:
        path = api.write_kubeconfig(
            tmp_path / "config", cluster={"tls-server-name": "api.example.com"}
        )
        async with connect(kubeconfig=str(path)) as connection:
            await connection.get("/version")
            assert await exec_ends_well(connection)


async def test_client_certificates_for_requests_and_websockets(
    tls: ServerTls, tmp_path: Path
) -> None:
    async with FakeApi.serve(tls=replace(tls, wants_client_certificate=True)) as api:
        user = {
            "client-certificate": str(tls.client_certificate),
            "client-key": str(tls.client_key),
        }
        path = api.write_kubeconfig(tmp_path / "config", user=user)
        async with connect(kubeconfig=str(path)) as connection:
            await connection.get("/version")
            assert await exec_ends_well(connection)


async def test_keys_given_as_data_are_not_left_on_disk(
    tls: ServerTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    async with FakeApi.serve(tls=replace(tls, wants_client_certificate=True)) as api:
        user = {
            "client-certificate-data": base64.b64encode(
                tls.client_certificate.read_bytes()
            ).decode(),
            "client-key-data": base64.b64encode(tls.client_key.read_bytes()).decode(),
        }
        path = api.write_kubeconfig(tmp_path / "config", user=user)
        for _ in range(2):
            async with connect(kubeconfig=str(path)) as connection:
                assert list((tmp_path / "temporary").iterdir()) == []
                await connection.get("/version")


async def test_a_missing_client_certificate(tls: ServerTls, tmp_path: Path) -> None:
    async with FakeApi.serve(tls=replace(tls, wants_client_certificate=True)) as api:
        with pytest.raises(ClusterError, match="broke"):
            await version(api.write_kubeconfig(tmp_path / "config"))


async def test_a_key_that_does_not_belong_to_its_certificate(
    api: FakeApi, tls: ServerTls, tmp_path: Path
) -> None:
    user = {"client-certificate": str(tls.client_certificate), "client-key": str(tls.key)}
    with pytest.raises(UsageError, match="do not belong together"):
        await version(api.write_kubeconfig(tmp_path / "config", user=user))


async def test_an_authority_file_that_is_none(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("no certificate")
    path = api.write_kubeconfig(
        tmp_path / "config", cluster={"certificate-authority": str(tmp_path / "ca")}
    )
    with pytest.raises(UsageError, match="no usable certificate"):
        await version(path)


async def test_https_to_a_server_without_tls(tls: ServerTls, tmp_path: Path) -> None:
    async with FakeApi.serve() as api:
        cluster = {"server": f"https://127.0.0.1:{api.port}"}
        with pytest.raises(ClusterError, match="does not speak TLS"):
            await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster))


async def test_a_name_that_does_not_resolve(api: FakeApi, tmp_path: Path) -> None:
    cluster = {"server": "https://no-such-host.invalid:6443"}
    with pytest.raises(ClusterError, match="name can't be resolved"):
        await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster))


async def test_a_server_that_takes_the_connection_and_says_nothing(tmp_path: Path) -> None:
    """A TLS handshake that never ends is a server out of reach, not a slow answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:  # which nobody accepts from
        port = listening.getsockname()[1]
        api = FakeApi()
        cluster = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
        with pytest.raises(ClusterError, match="no answer to the connection attempt"):
            await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster), timeout_s=0.3)


async def test_a_server_below_a_path(api: FakeApi, tmp_path: Path) -> None:
    """Rancher and others serve clusters below a path."""
    api.objects["/k8s/clusters/c-1/version"] = {"gitVersion": "v1.30.0"}
    cluster = {"server": f"{api.url}/k8s/clusters/c-1/"}
    path = api.write_kubeconfig(tmp_path / "config", cluster=cluster)
    assert await version(path) == "v1.30.0"
    async with connect(kubeconfig=str(path)) as connection:
        assert connection.cluster_host == f"127.0.0.1:{api.port}"


# --- proxies -------------------------------------------------------------------------------------


async def test_proxy_url_is_used_for_requests_and_websockets(
    named_tls: ServerTls, tmp_path: Path
) -> None:
    async with FakeApi.serve(tls=named_tls) as api, FakeProxy.serve() as proxy:
        proxy.sends_to = api.port
        cluster = {
            "server": "https://api.example.com:6443",
            "proxy-url": f"http://user:hunter2@127.0.0.1:{proxy.port}",
        }
        path = api.write_kubeconfig(tmp_path / "config", cluster=cluster)
        async with connect(kubeconfig=str(path)) as connection:
            await connection.get("/version")
            assert await exec_ends_well(connection)
            assert "hunter2" not in repr(connection)
    assert set(proxy.targets) == {"api.example.com:6443"}
    assert "Proxy-Authorization: Basic" in proxy.heads[0]


async def test_tls_server_name_through_a_proxy(named_tls: ServerTls, tmp_path: Path) -> None:
    async with FakeApi.serve(tls=named_tls) as api, FakeProxy.serve() as proxy:
        cluster = {
            "proxy-url": f"http://127.0.0.1:{proxy.port}",
            "tls-server-name": "api.example.com",
        }
        path = api.write_kubeconfig(tmp_path / "config", cluster=cluster)
        async with connect(kubeconfig=str(path)) as connection:
            await connection.get("/version")
            assert await exec_ends_well(connection)
    assert set(proxy.targets) == {f"127.0.0.1:{api.port}"}


async def test_the_environments_proxy_is_used(
    named_tls: ServerTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeApi.serve(tls=named_tls) as api, FakeProxy.serve() as proxy:
        proxy.sends_to = api.port
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        cluster = {"server": "https://api.example.com:6443"}
        assert await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster))
    assert proxy.targets == ["api.example.com:6443"]


async def test_a_proxy_that_is_not_there(api: FakeApi, tmp_path: Path) -> None:
    cluster = {"proxy-url": "http://user:hunter2@127.0.0.1:1"}
    with pytest.raises(ClusterError, match="proxy on the way") as caught:
        await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster))
    assert "hunter2" not in caught.value.message + caught.value.hint


async def test_a_proxy_that_refuses(api: FakeApi, tmp_path: Path) -> None:
    async with FakeProxy.serve() as proxy:
        proxy.refuses = 407
        cluster = {"proxy-url": f"http://127.0.0.1:{proxy.port}"}
        with pytest.raises(ClusterError, match="refuses: HTTP 407"):
            await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster))


async def test_a_proxy_of_a_kind_we_can_not_speak(api: FakeApi, tmp_path: Path) -> None:
    cluster = {"proxy-url": "socks5://user:hunter2@127.0.0.1:1080"}
    with pytest.raises(UsageError, match="socks5 proxy, which is not supported") as caught:
        await version(api.write_kubeconfig(tmp_path / "config", cluster=cluster))
    assert "hunter2" not in caught.value.message


PROXY = {"HTTPS_PROXY": "http://p:3128"}


@pytest.mark.parametrize(
    ("url", "no_proxy", "proxied"),
    [
        ("https://api.example.com:6443", "", True),
        ("https://127.0.0.1:6443", "", False),
        ("https://[::1]:6443", "", False),
        ("https://localhost:6443", "", False),
        ("https://10.1.2.3:6443", "10.0.0.0/8", False),
        ("https://10.1.2.3:6443", "192.168.0.0/16, 10.1.2.3", False),
        ("https://11.1.2.3:6443", "10.0.0.0/8", True),
        ("https://api.example.com", "example.com", False),
        ("https://api.example.com", ".example.com", False),
        ("https://example.com", ".example.com", True),
        ("https://api.example.com", "*.example.com", False),
        ("https://notexample.com", "example.com", True),
        ("https://api.example.com:6443", "api.example.com:443", True),
        ("https://api.example.com:6443", "api.example.com:6443", False),
        ("https://anything", "*", False),
        ("http://api.example.com", "", False),
    ],
)
def test_the_environments_rules(url: str, no_proxy: str, proxied: bool) -> None:
    chosen = proxy_from_environment(url, {**PROXY, "NO_PROXY": no_proxy})
    assert chosen == ("http://p:3128" if proxied else None)


def test_a_proxy_may_be_named_in_lower_case_and_without_a_scheme() -> None:
    assert proxy_from_environment("https://x", {"https_proxy": "p:3128"}) == "http://p:3128"
    assert proxy_from_environment("http://x", {"HTTP_PROXY": "http://q"}) == "http://q"


def test_strict_certificate_checks_that_clusters_fail_are_off(tls: ServerTls) -> None:
    from cniadvisor.k8s.credentials import _trusting  # pyright: ignore[reportPrivateUsage]

    assert not _trusting(str(tls.authority)).verify_flags & ssl.VERIFY_X509_STRICT

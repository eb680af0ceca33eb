"""Finding and reading kubeconfig files: each mistake is told in its own words, without secrets."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.errors import AccessError, CniAdvisorError, ExitCode, UsageError
from cniadvisor.k8s import credentials
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.kubeconfig import choose
from cniadvisor.k8s.kubeconfig_places import existing, places

GOOD = """
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster: {server: "http://one.example:8080"}
contexts:
- name: one
  context: {cluster: c1, user: u1}
users:
- name: u1
  user: {token: hunter2}
"""
SECOND = """
current-context: two
clusters:
- name: c1
  cluster: {server: "http://other.example"}
- name: c2
  cluster: {server: "https://two.example/", certificate-authority: ca.crt}
contexts:
- name: two
  context: {cluster: c2, user: u2, namespace: team}
users:
- name: u2
  user: {token: hunter2}
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No kubeconfig of this machine, and no pod around."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def written(tmp_path: Path, text: str, name: str = "config") -> str:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return str(path)


async def failure(kubeconfig: str | None = None, context: str | None = None) -> CniAdvisorError:
    with pytest.raises(CniAdvisorError) as caught:
        async with connect(kubeconfig=kubeconfig, context=context):
            pass
    error = caught.value
    assert error.hint
    assert "hunter2" not in error.message + error.hint
    return error


async def test_the_current_context(tmp_path: Path) -> None:
    async with connect(kubeconfig=written(tmp_path, GOOD)) as connection:
        assert connection.context == "one"
        assert connection.cluster_host == "one.example:8080"
        assert connection.namespace == "default"


async def test_the_default_place(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "home/.kube/config")
    async with connect() as connection:
        assert connection.context == "one"


async def test_kubeconfig_joined_by_colons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = written(tmp_path, GOOD), written(tmp_path, SECOND, "deep/two")
    (tmp_path / "deep" / "ca.crt").write_text("not looked at yet")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/absent:{one}::{two}")
    async with connect() as connection:
        assert connection.context == "one"  # the first file that says one wins
        assert connection.cluster_host == "one.example:8080"  # and the first c1
    chosen = choose((Path(one), Path(two)), "two")
    assert chosen.namespace == "team"
    assert chosen.cluster["certificate-authority"] == str(tmp_path / "deep" / "ca.crt")


async def test_namespace_flag_wins_over_the_context(tmp_path: Path) -> None:
    written(tmp_path, "x", "ca.crt")
    text = SECOND.replace("https://", "http://")
    path = written(tmp_path, text)
    async with connect(kubeconfig=path) as connection:
        assert connection.namespace == "team"
    async with connect(kubeconfig=path, namespace="mine") as connection:
        assert connection.namespace == "mine"


async def test_none_anywhere_names_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = await failure()
    assert isinstance(error, UsageError)
    assert error.exit_code == ExitCode.USAGE
    assert str(tmp_path / "home/.kube/config") in error.message
    monkeypatch.setenv("KUBECONFIG", "/nowhere/a:/nowhere/b")
    error = await failure()
    assert "/nowhere/a, /nowhere/b (KUBECONFIG)" in error.message


async def test_a_named_file_that_is_not_there() -> None:
    error = await failure("/nowhere/\x1b[31mconfig")
    assert "/nowhere/[31mconfig" in error.message
    assert "does not exist" in error.message


TWO_CLUSTERS = """
current-context: a
clusters:
- name: a
  cluster: {server: "http://a.example"}
- name: b
  cluster: {server: "http://b.example"}
contexts:
- name: a
  context: {cluster: a, user: a}
- name: b
  context: {cluster: b, user: b}
users:
- name: a
  user: {token: of-a}
- name: b
  user: {token: of-b}
"""


@pytest.mark.parametrize("context", [None, "a"])
async def test_another_current_context_later_does_not_send_its_credentials_here(
    tmp_path: Path, context: str | None
) -> None:
    path = written(tmp_path, TWO_CLUSTERS)
    async with connect(kubeconfig=path, context=context) as connection:
        changed = TWO_CLUSTERS.replace("current-context: a", "current-context: b")
        written(tmp_path, changed.replace("of-a", "of-a-renewed"))
        await connection.access.refresh(0)
        assert await connection.access.authorization() == "Bearer of-a-renewed"


async def test_credentials_for_another_server_are_not_sent_here(tmp_path: Path) -> None:
    path = written(tmp_path, TWO_CLUSTERS)
    async with connect(kubeconfig=path) as connection:
        changed = TWO_CLUSTERS.replace("http://a.example", "http://moved.example")
        written(tmp_path, changed.replace("of-a", "of-another"))
        with pytest.raises(AccessError, match='"a" can\'t be renewed: .* another API server'):
            await connection.access.refresh(0)
        assert await connection.access.authorization() == "Bearer of-a"


async def test_an_unknown_context_lists_the_known(tmp_path: Path) -> None:
    error = await failure(written(tmp_path, GOOD), "tow")
    assert isinstance(error, UsageError)
    assert 'no context "tow"' in error.message
    assert error.hint == "known contexts: one"


async def test_a_file_without_contexts_is_doubted(tmp_path: Path) -> None:
    error = await failure(written(tmp_path, ""))
    assert error.hint == "it has no context at all: is it the right file?"


async def test_many_contexts_are_not_all_listed(tmp_path: Path) -> None:
    entries = "\n".join(f"- {{name: c{n}, context: {{}}}}" for n in range(50))
    error = await failure(written(tmp_path, f"contexts:\n{entries}\n"), "x")
    assert error.hint.endswith("c19 and 30 more")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no current context"),
        ("current-context: a", 'no context "a"'),
        (GOOD.replace("name: c1", "name: cx"), 'names the cluster "c1", which is not there'),
        (GOOD.replace("name: u1", "name: ux"), 'names the user "u1", which is not there'),
        (GOOD.replace("server:", "serve:"), "has no server"),
        (GOOD.replace("http://one", "ftp://one"), "no http(s) URL"),
        (GOOD.replace("http://one.example:8080", "one.example"), "no http(s) URL"),
        (GOOD.replace(":8080", ":99999"), "no http(s) URL"),
        (
            GOOD.replace('8080"', '8080", proxy-url: "admin:hunter2@proxy:8080"'),
            'the proxy-url of cluster "c1" has no scheme',
        ),
        (GOOD.replace('8080"', '8080", proxy-url: "hunter2@proxy://x"'), "has no scheme"),
        (GOOD.replace("token: hunter2", "tokenFile: nope"), "nope, which does not exist"),
        (
            GOOD.replace("token: hunter2", "client-certificate: a.crt, client-key: a.key"),
            "a.crt, which does not exist",
        ),
        (
            GOOD.replace("http://", "https://").replace(
                "token: hunter2", "client-key-data: '%%%', client-certificate-data: hunter2"
            ),
            "not usable",
        ),
        ("a: [b", "not valid YAML, line 2, column 1"),
        ("users:\n- name: u\n  user: {token: hunter2\n", "not valid YAML"),
        ("- a", "holds no mapping"),
        ("contexts: {}", "contexts in the kubeconfig"),
        ("contexts: [{}]", "has no name"),
        ("contexts: [1]", "has no name"),
        ("current-context: a\ncontexts: [{name: a, context: b}]", "holds no mapping"),
        ("x: \x01", "not valid YAML"),
    ],
)
async def test_what_is_wrong_in_the_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    error = await failure(written(tmp_path, text))
    assert isinstance(error, UsageError)
    assert told in error.message


async def test_what_is_no_readable_text(tmp_path: Path) -> None:
    error = await failure(str(tmp_path))
    assert "can't be read" in error.message
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    error = await failure(str(tmp_path / "binary"))
    assert "no text file" in error.message


async def test_an_auth_provider_that_fails_is_an_access_error(tmp_path: Path) -> None:
    user = "auth-provider: {name: oidc, config: {id-token: hunter2}}"
    error = await failure(written(tmp_path, GOOD.replace("token: hunter2", user)))
    assert error.exit_code == ExitCode.CLUSTER
    assert "auth-provider failed" in error.message


async def test_a_context_without_user_is_anonymous(tmp_path: Path) -> None:
    text = GOOD.replace(", user: u1", "").replace("users:\n- name: u1", "x:\n- name: u1")
    async with connect(kubeconfig=written(tmp_path, text)) as connection:
        assert connection.context == "one"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_text_does_worse_than_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_text(text)
    with pytest.raises(UsageError):
        choose((path,), None)


# --- in a pod ------------------------------------------------------------------------------------


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment and files of a pod's service account; the certificate is missing."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    library = "kubernetes.aio.config.incluster_config"
    monkeypatch.setattr(f"{library}.SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(f"{library}.SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setattr(credentials, "_NAMESPACE_FILE", tmp_path / "namespace")
    (tmp_path / "token").write_text("hunter2")
    (tmp_path / "namespace").write_text("team")
    return tmp_path


async def test_in_a_pod_the_service_account_is_used(pod: Path) -> None:
    from tests.fakeapi.tls import make_tls

    (pod / "ca.crt").write_bytes(make_tls(pod / "tls").authority.read_bytes())
    async with connect() as connection:
        assert connection.context == "in-cluster"
        assert connection.cluster_host == "10.96.0.1:443"
        assert connection.namespace == "team"
        authorization = await connection._credentials.authorization()  # pyright: ignore
    assert authorization is not None
    assert authorization.lower() == "bearer hunter2"


async def test_in_a_pod_a_kubeconfig_still_wins(pod: Path) -> None:
    async with connect(kubeconfig=written(pod, GOOD)) as connection:
        assert connection.context == "one"


@pytest.mark.usefixtures("pod")
async def test_in_a_pod_without_certificate() -> None:
    error = await failure()
    assert "service account can't be used" in error.message


@pytest.mark.usefixtures("pod")
async def test_in_a_pod_there_are_no_contexts() -> None:
    error = await failure(context="prod")
    assert 'no context "prod"' in error.message


def test_places_follow_the_flag_then_the_environment_then_home() -> None:
    environ = {"KUBECONFIG": "/a:/b", "HOME": "/h"}
    assert places("/f", environ).paths == (Path("/f"),)
    assert places(None, environ).paths == (Path("/a"), Path("/b"))
    assert places(None, {"HOME": "/h"}).paths == (Path("/h/.kube/config"),)
    assert existing(places(None, environ)) == ()

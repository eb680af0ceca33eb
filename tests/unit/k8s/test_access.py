"""The rights: as roles to print, and checked against an API server before a run."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cniadvisor.domain.errors import AccessError, ExitCode, UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.k8s.access import RIGHTS, Purpose, Scope, manifest, missing_rights, require_rights
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.inventory import read_inventory
from tests.fakeapi.server import FakeApi
from tests.fakeapi.snapshots import load_inventory_file

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"


def roles(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def granted(role: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_detect_needs_to_read_and_nothing_else() -> None:
    (role,) = roles(manifest("detect"))
    assert role["kind"] == "ClusterRole"
    assert role["metadata"]["name"] == "cniadvisor-detect"
    assert {verb for _, _, verb in granted(role)} == {"get", "list"}
    assert ("", "nodes", "list") in granted(role)
    config_maps = next(rule for rule in role["rules"] if rule["resources"] == ["configmaps"])
    assert config_maps["verbs"] == ["get"]
    assert "kube-flannel-cfg" in config_maps["resourceNames"]


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("namespace", [None, "team"])
def test_no_role_lets_read_secrets_or_do_everything(
    purpose: Purpose, namespace: str | None
) -> None:
    for role in roles(manifest(purpose, namespace=namespace)):
        everything = granted(role)
        assert not [grant for grant in everything if "*" in grant]
        on_secrets = {verb for _, resource, verb in everything if "secrets" in resource}
        runs = purpose in (Purpose.BENCH, Purpose.PROBE)
        assert on_secrets <= ({"create"} if runs else set[str]())
        assert not [grant for grant in everything if "proxy" in grant[1]]
        for rule in role["rules"]:
            assert rule["resources"]
            assert rule["verbs"]


def test_a_run_in_a_given_namespace_writes_nowhere_else() -> None:
    cluster, inside = roles(manifest("bench", namespace="team"))
    assert (cluster["kind"], inside["kind"]) == ("ClusterRole", "Role")
    assert inside["metadata"]["namespace"] == "team"
    assert {verb for _, _, verb in granted(cluster)} == {"get", "list"}
    assert ("", "pods/exec", "create") in granted(inside)
    assert ("", "pods/exec", "get") in granted(inside)
    assert ("batch", "jobs", "create") in granted(inside)
    assert ("", "namespaces", "create") not in granted(cluster) | granted(inside)


def test_a_run_that_makes_its_namespace_needs_its_rights_everywhere() -> None:
    (role,) = roles(manifest("bench"))
    assert {("", "namespaces", "create"), ("", "pods/exec", "create")} <= granted(role)


def test_cleanup_finds_and_removes_and_starts_nothing() -> None:
    (role,) = roles(manifest("cleanup"))
    assert "create" not in {verb for _, _, verb in granted(role)}
    assert ("", "namespaces", "delete") in granted(role)
    cluster_and_team = roles(manifest("cleanup", namespace="team"))
    assert [role["kind"] for role in cluster_and_team] == ["Role"]


def test_every_rule_says_why() -> None:
    text = manifest("bench")
    assert text.count("  # ") == text.count("- apiGroups")
    assert "kubectl create clusterrolebinding cniadvisor-bench" in text
    for rights in RIGHTS.values():
        assert all(right.why for right in rights)


@pytest.mark.parametrize("namespace", ["", "Team", "a b", "-x", "x" * 64, "a\nkind: Role", "../x"])
def test_what_is_no_namespace_is_not_printed(namespace: str) -> None:
    with pytest.raises(UsageError, match="name of a namespace"):
        manifest("bench", namespace=namespace)


def test_roles_print_without_a_cluster_library() -> None:
    code = (
        "import sys, cniadvisor.k8s.access as a; a.manifest('bench'); "
        "sys.exit(any(m in sys.modules for m in ('kubernetes', 'aiohttp', 'yaml')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_all_rights_are_there(tmp_path: Path) -> None:
    async with FakeApi.serve() as api:
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            await require_rights(connection, "bench")
            await require_rights(connection, "bench", namespace="team")
    assert not [request for request in api.requests if "selfsubjectaccess" not in request.path]


async def test_a_right_to_named_objects_is_asked_for_by_name(tmp_path: Path) -> None:
    """Asked without a name, an API server says no to who may read only some."""
    named = [right for right in RIGHTS[Purpose.DETECT] if right.names]
    async with FakeApi.serve() as api:
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            assert await missing_rights(connection, named, namespace=None) == ()
    (request,) = api.requests
    assert request.body is not None
    assert request.body["spec"]["resourceAttributes"]["name"] == "kube-flannel-cfg"


async def test_what_is_missing_is_named_all_at_once(tmp_path: Path) -> None:
    async with FakeApi.serve() as api:
        api.deny("create jobs.batch in namespace team", "create pods/exec in namespace team")
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            with pytest.raises(AccessError) as caught:
                await require_rights(connection, "bench", namespace="team")
    error = caught.value
    assert error.right == "create jobs.batch in namespace team"
    assert "2 rights are missing for bench" in error.message
    assert "create pods/exec in namespace team" in error.message
    assert "cniadvisor rbac --for bench --namespace team" in error.hint
    assert error.exit_code == ExitCode.CLUSTER


async def test_a_run_that_may_not_make_a_namespace_is_told_of_the_other_way(
    tmp_path: Path,
) -> None:
    async with FakeApi.serve() as api:
        api.deny("create namespaces")
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            with pytest.raises(AccessError, match="create namespaces") as caught:
                await require_rights(connection, "bench")
            # In a namespace of the user's there is nothing to create.
            await require_rights(connection, "bench", namespace="team")
    assert "--namespace" in caught.value.hint


async def test_rights_it_can_do_without_are_not_required(tmp_path: Path) -> None:
    async with FakeApi.serve() as api:
        api.deny("list events", "get configmaps", "list daemonsets.apps")
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            await require_rights(connection, "bench")
            lacking = await missing_rights(connection, RIGHTS[Purpose.BENCH], namespace=None)
    assert set(lacking) == {"list events", "get configmaps", "list daemonsets.apps"}


async def test_only_a_run_with_ftp_needs_to_create_secrets(tmp_path: Path) -> None:
    async with FakeApi.serve() as api:
        api.deny("create secrets")
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            await require_rights(connection, "bench", tests=(TestName.TCP, TestName.SCP))
            with pytest.raises(AccessError, match="create secrets"):
                await require_rights(connection, "bench", tests=(TestName.TCP, TestName.FTP))


async def test_the_inventory_asks_for_nothing_that_detect_is_not_granted(tmp_path: Path) -> None:
    grants = {
        (right.group, resource, verb, right.names)
        for right in RIGHTS[Purpose.DETECT]
        for resource in right.resources
        for verb in right.verbs
        if right.scope is Scope.CLUSTER
    }
    content = load_inventory_file(RECORDED / "flannel-broken-cniversion.json")
    async with FakeApi.serve(content) as api:
        api.fault("/apis", status=403)  # so that every custom resource is asked for
        path = api.write_kubeconfig(tmp_path / "config")
        async with connect(kubeconfig=str(path)) as connection:
            await read_inventory(connection)
    for request in api.requests:
        parts = request.path.strip("/").split("/")
        if request.path in {"/version", "/apis"}:
            continue
        group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
        if rest[0] == "namespaces":
            rest = rest[2:]
        name = rest[1] if len(rest) > 1 else ""
        verb = "get" if name else "list"
        assert any(
            grant[:3] == (group, rest[0], verb) and (not grant[3] or name in grant[3])
            for grant in grants
        ), request.path

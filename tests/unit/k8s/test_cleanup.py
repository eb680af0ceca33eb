"""Finding and removing what runs left: by label, with the least rights, never anything else."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.domain.errors import AccessError, CleanupError
from cniadvisor.k8s.cleanup import Leftover, find_leftovers, remove
from cniadvisor.k8s.connection import Connection, connect
from cniadvisor.k8s.removal import Limits, remove_run
from tests.fakeapi.server import FakeApi

NAMESPACES, PODS, JOBS = "/api/v1/namespaces", "/api/v1/pods", "/apis/batch/v1/jobs"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HASTE = Limits(away_s=5.0, collected_s=0.2, pods_s=0.4, namespace_s=0.4)


def metadata(name: str, run: str, *, namespace: str = "", age_s: float = 3600) -> dict[str, Any]:
    return {
        "name": name,
        "creationTimestamp": (NOW - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "labels": {
            "app.kubernetes.io/name": "cniadvisor",
            "app.kubernetes.io/managed-by": "cniadvisor",
            "cniadvisor.io/run": run,
        },
        **({"namespace": namespace} if namespace else {}),
    }


def job(name: str, run: str, namespace: str, *, age_s: float = 3600, **status: Any) -> Any:
    return {
        "metadata": metadata(name, run, namespace=namespace, age_s=age_s),
        "spec": {"activeDeadlineSeconds": 600},
        "status": status,
    }


def pod(name: str, run: str, namespace: str, owner: Any = None) -> Any:
    made: dict[str, Any] = {"metadata": metadata(name, run, namespace=namespace)}
    if owner is not None:
        made["metadata"]["ownerReferences"] = [{"uid": owner["metadata"]["uid"]}]
    return made


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    empty: dict[str, Any] = {path: {"items": []} for path in (NAMESPACES, PODS, JOBS)}
    async with FakeApi.serve(empty) as served:
        served.add(NAMESPACES, {"metadata": {"name": "default"}})
        served.add(NAMESPACES, {"metadata": {"name": "team"}})
        served.add(NAMESPACES, {"metadata": metadata("cniadvisor-r1", "r1")})
        first = served.add(JOBS, job("j1", "r1", "cniadvisor-r1"))
        served.add(PODS, pod("p1", "r1", "cniadvisor-r1", first))
        second = served.add(JOBS, job("j2", "r2", "team", age_s=60))
        served.add(PODS, pod("p2", "r2", "team", second))
        served.add(JOBS, {"metadata": {"name": "theirs", "namespace": "team"}})
        yield served


async def removed(connection: Connection, leftover: Leftover) -> list[tuple[str, str | None]]:
    told: list[tuple[str, str | None]] = []
    await remove(connection, leftover, lambda what, error: told.append((what, error)), limits=HASTE)
    return told


def unheard(what: str, error: str | None) -> None:
    """Listen to nothing."""


def names(api: FakeApi) -> set[str]:
    return {
        item["metadata"]["name"]
        for path in (NAMESPACES, JOBS, PODS)
        for item in api.objects[path]["items"]
    }


async def test_everything_is_found_with_what_decides(connection: Connection) -> None:
    leftovers = await find_leftovers(connection, now=NOW)
    assert leftovers.searched == "all namespaces"
    assert leftovers.notes == ()
    first, second = leftovers.found
    assert first == Leftover(
        run_id="r1",
        namespace="cniadvisor-r1",
        owns_namespace=True,
        created=NOW - timedelta(hours=1),
        active=False,
        objects=("namespace cniadvisor-r1", "job j1", "pod p1"),
    )
    assert (second.run_id, second.namespace, second.owns_namespace) == ("r2", "team", False)
    assert second.active


async def test_one_run_only(connection: Connection) -> None:
    (found,) = (await find_leftovers(connection, "r2", now=NOW)).found
    assert found.run_id == "r2"
    assert (await find_leftovers(connection, "r3", now=NOW)).found == ()


async def test_one_namespace_only(connection: Connection) -> None:
    leftovers = await find_leftovers(connection, None, "team", now=NOW)
    assert leftovers.searched == "namespace team"
    assert [found.run_id for found in leftovers.found] == ["r2"]
    (own,) = (await find_leftovers(connection, None, "cniadvisor-r1", now=NOW)).found
    assert own.owns_namespace
    (own,) = (await find_leftovers(connection, "r1", "cniadvisor-r1", now=NOW)).found
    assert own.owns_namespace
    assert (await find_leftovers(connection, "r2", "cniadvisor-r1", now=NOW)).found == ()


async def test_without_cluster_wide_rights_one_namespace_is_searched_and_said_so(
    api: FakeApi, tmp_path: Path
) -> None:
    api.deny("list jobs.batch at the cluster scope", "* namespaces")
    path = api.write_kubeconfig(tmp_path / "config", namespace="team")
    async with connect(kubeconfig=str(path)) as connection:
        leftovers = await find_leftovers(connection, now=NOW)
        of_a_run = await find_leftovers(connection, "r1", now=NOW)
    assert [found.run_id for found in leftovers.found] == ["r2"]
    assert leftovers.searched == "namespace team"
    assert "the whole cluster can't be searched (the right to list" in leftovers.notes[0]
    # A known run is also looked for where it would have made its own namespace.
    assert [found.namespace for found in of_a_run.found] == ["cniadvisor-r1"]
    assert of_a_run.searched == "namespace team and cniadvisor-r1"


async def test_without_any_right_it_is_named(api: FakeApi, connection: Connection) -> None:
    api.deny("* jobs.batch")
    with pytest.raises(AccessError) as refusal:
        await find_leftovers(connection, now=NOW)
    assert refusal.value.right.startswith("list jobs.batch")


@pytest.mark.parametrize(
    ("age_s", "status", "active"),
    [
        (60, {}, True),
        (601, {}, False),
        (60, {"conditions": [{"type": "Failed", "status": "True"}]}, False),
        (60, {"conditions": [{"type": "Complete", "status": "True"}]}, False),
        (60, {"conditions": [{"type": "Failed", "status": "False"}]}, True),
    ],
)
async def test_a_run_is_active_while_its_job_has_neither_ended_nor_run_out_of_time(
    api: FakeApi, connection: Connection, age_s: float, status: dict[str, Any], active: bool
) -> None:
    api.objects[JOBS]["items"] = [job("j", "r9", "team", age_s=age_s, **status)]
    api.objects[PODS]["items"] = []
    (found,) = (await find_leftovers(connection, "r9", now=NOW)).found
    assert found.active is active


@pytest.mark.parametrize(("age_s", "active"), [(30, True), (300, False)])
async def test_a_namespace_without_jobs_may_be_that_of_a_run_just_starting(
    api: FakeApi, connection: Connection, age_s: float, active: bool
) -> None:
    api.add(NAMESPACES, {"metadata": metadata("cniadvisor-r8", "r8", age_s=age_s)})
    (found,) = (await find_leftovers(connection, "r8", now=NOW)).found
    assert found.active is active


async def test_a_run_is_removed_with_its_namespace(api: FakeApi, connection: Connection) -> None:
    (found,) = (await find_leftovers(connection, "r1", now=NOW)).found
    assert await removed(connection, found) == [("job j1", None), ("namespace cniadvisor-r1", None)]
    assert names(api) == {"default", "team", "j2", "p2", "theirs"}


async def test_in_a_users_namespace_only_ours_goes(api: FakeApi, connection: Connection) -> None:
    (found,) = (await find_leftovers(connection, "r2", now=NOW)).found
    assert await removed(connection, found) == [("job j2", None)]
    assert names(api) == {"default", "team", "cniadvisor-r1", "j1", "p1", "theirs"}


async def test_removing_twice_is_fine(connection: Connection) -> None:
    (found,) = (await find_leftovers(connection, "r1", now=NOW)).found
    await removed(connection, found)
    assert await removed(connection, found) == []


async def test_a_namespace_that_lost_our_label_is_left_alone(
    api: FakeApi, connection: Connection
) -> None:
    (found,) = (await find_leftovers(connection, "r1", now=NOW)).found
    namespace = api.find(NAMESPACES, "cniadvisor-r1")
    assert namespace is not None
    del namespace["metadata"]["labels"]["app.kubernetes.io/managed-by"]
    assert await removed(connection, found) == [("job j1", None)]
    assert "cniadvisor-r1" in names(api)


async def test_pods_that_nobody_collects_are_deleted_here(
    api: FakeApi, connection: Connection
) -> None:
    api.add(PODS, pod("orphan", "r2", "team"))
    (found,) = (await find_leftovers(connection, "r2", now=NOW)).found
    await removed(connection, found)
    assert "orphan" not in names(api)
    assert "/api/v1/namespaces/team/pods/orphan" in api.deleted


async def test_a_pod_that_does_not_end_is_named_with_its_node(
    api: FakeApi, connection: Connection
) -> None:
    stuck = pod("stuck", "r2", "team")
    stuck["metadata"]["deletionTimestamp"] = "2026-11-23T11:00:00Z"
    stuck["spec"] = {"nodeName": "dead"}
    api.add(PODS, stuck)
    (found,) = (await find_leftovers(connection, "r2", now=NOW)).found
    with pytest.raises(CleanupError) as failure:
        await removed(connection, found)
    assert "pod stuck: it does not end; is node dead alive?" in failure.value.message
    assert (
        failure.value.hint
        == "`cniadvisor cleanup --run r2 --namespace team --context fake` removes it"
    )


async def test_a_namespace_that_stays_says_why(api: FakeApi, connection: Connection) -> None:
    namespace = api.find(NAMESPACES, "cniadvisor-r1")
    assert namespace is not None
    namespace["status"] = {
        "phase": "Terminating",
        "conditions": [
            {"type": "A", "status": "True", "message": "Discovery failed: metrics.k8s.io\x1b"},
            {"type": "B", "status": "False", "message": "fine"},
        ],
    }
    api.fault(f"{NAMESPACES}/cniadvisor-r1", method="DELETE", raw=b'{"kind":"Namespace"}')
    (found,) = (await find_leftovers(connection, "r1", now=NOW)).found
    with pytest.raises(CleanupError) as failure:
        await removed(connection, found)
    assert failure.value.message == (
        "clean-up is incomplete; left behind: namespace cniadvisor-r1: "
        "it is still being removed; Discovery failed: metrics.k8s.io"
    )
    assert failure.value.hint == "`cniadvisor cleanup --run r1 --context fake` removes it"
    assert "j1" not in names(api)


async def test_a_namespace_that_is_being_deleted_already_is_waited_for(
    api: FakeApi, connection: Connection
) -> None:
    api.fault(f"{NAMESPACES}/cniadvisor-r1", method="DELETE", status=409, message="terminating")
    removing = asyncio.create_task(
        remove_run(connection, "r1", "cniadvisor-r1", unheard, limits=HASTE)
    )
    while not any(request.method == "DELETE" for request in api.requests):
        await asyncio.sleep(0.01)
    namespace = api.find(NAMESPACES, "cniadvisor-r1")
    assert namespace is not None
    await asyncio.sleep(0.1)
    api.remove(NAMESPACES, namespace)
    await removing


async def test_a_job_that_appears_late_goes_too(api: FakeApi, connection: Connection) -> None:
    removing = asyncio.create_task(remove_run(connection, "r2", "team", unheard, limits=HASTE))
    while "/apis/batch/v1/namespaces/team/jobs/j2" not in api.deleted:
        await asyncio.sleep(0)
    api.add(JOBS, job("late", "r2", "team"))
    await removing
    assert "late" not in names(api)


async def test_an_api_that_is_away_once_the_jobs_are_deleted_is_waited_for(
    api: FakeApi, connection: Connection
) -> None:
    (found,) = (await find_leftovers(connection, "r2", now=NOW)).found
    api.fault("/api/v1/namespaces/team/pods", times=12, drop=True)
    limits = replace(HASTE, away_s=20)
    await remove_run(connection, found.run_id, found.namespace, unheard, limits=limits)
    assert "p2" not in names(api)


async def test_an_api_that_goes_away_while_pods_end_is_no_pod_that_stays(
    api: FakeApi, connection: Connection
) -> None:
    ending = pod("ending", "r2", "team")
    ending["metadata"]["deletionTimestamp"] = "2026-11-23T11:00:00Z"
    stored = api.add(PODS, ending)
    limits = replace(HASTE, away_s=20)
    removing = asyncio.create_task(remove_run(connection, "r2", "team", unheard, limits=limits))
    path = "/api/v1/namespaces/team/pods"
    # Once for pods that nobody collects, once for what has to end.
    while [request.path for request in api.requests].count(path) < 2:
        await asyncio.sleep(0)
    api.fault(path, times=12, status=503)
    api.remove(PODS, stored)
    await removing
    assert "ending" not in names(api)


async def test_an_api_that_stays_away_is_a_clean_up_error(
    api: FakeApi, connection: Connection
) -> None:
    (found,) = (await find_leftovers(connection, "r1", now=NOW)).found
    api.fault(f"{NAMESPACES}/cniadvisor-r1", times=100, drop=True)
    limits = replace(HASTE, away_s=0.5)
    with pytest.raises(CleanupError, match="jobs and pods of run r1") as failure:
        await remove(connection, found, unheard, limits=limits)
    assert "cniadvisor cleanup --run r1" in failure.value.hint

"""A run's pods from creation to removal, against a fake API whose controllers are played here."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml
from aiohttp import web

from cniadvisor.bench.endpoints import Endpoints, Service
from cniadvisor.domain.errors import (
    AccessError,
    BenchmarkError,
    CleanupError,
    ClusterError,
    CniAdvisorError,
    DeadlineError,
    ExitCode,
    UsageError,
)
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.k8s import opening as opening_module
from cniadvisor.k8s.access import manifest
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.removal import Limits
from cniadvisor.k8s.target import KubernetesTarget
from tests.fakeapi.server import FakeApi, FakeLog, with_service_account
from tests.unit.k8s.example_run import IMAGE, PAIR, RUN, SUITE, api_node, plan

NAMESPACES, NODES, PODS = "/api/v1/namespaces", "/api/v1/nodes", "/api/v1/pods"
JOBS, EVENTS = "/apis/batch/v1/jobs", "/api/v1/events"
ACCOUNTS, SECRETS = "/api/v1/serviceaccounts", "/api/v1/secrets"
OWN = f"cniadvisor-{RUN}"
HASTE = Limits(away_s=10.0, collected_s=0.3, pods_s=0.5, namespace_s=0.5)

Status = dict[str, Any]
READY: Status = {
    "phase": "Running",
    "podIP": "10.244.0.9",
    "conditions": [{"type": "Ready", "status": "True"}],
}
CREATING: Status = {
    "phase": "Pending",
    "containerStatuses": [
        {"name": "client", "state": {"waiting": {"reason": "ContainerCreating"}}}
    ],
}


class Controllers:
    """Gives each Job its pod, with a status by the Job's role and path."""

    def __init__(self) -> None:
        self.statuses: dict[str, Status] = {}
        self.refusals: dict[str, str] = {}
        self.ports = b""
        self.changes: Callable[[dict[str, Any]], None] = lambda pod: None

    def __call__(self, api: FakeApi, path: str, made: dict[str, Any]) -> None:
        metadata = made["metadata"]
        if path != JOBS:
            return
        labels = metadata["labels"]
        end = f"{labels['cniadvisor.io/role']}-{labels['cniadvisor.io/path']}"
        if end in self.refusals:
            self.complain(api, metadata, self.refusals[end])
            return
        pod: dict[str, Any] = {
            "metadata": {
                "name": f"{metadata['name']}-x1",
                "namespace": metadata["namespace"],
                "labels": made["spec"]["template"]["metadata"]["labels"],
                "ownerReferences": [{"kind": "Job", "uid": metadata["uid"]}],
            },
            "spec": dict(made["spec"]["template"]["spec"]),
            "status": self.statuses.get(end, READY),
        }
        self.changes(pod)
        api.add(PODS, pod)
        port = 20417 if end == "server-host" else 5201
        key = metadata["namespace"], pod["metadata"]["name"], "ports"
        told = self.ports or b'{"ports":{"iperf3":%d,"vsftpd":2121}}\n' % port
        api.logs[key] = FakeLog(chunks=[told])

    def complain(self, api: FakeApi, job: dict[str, Any], message: str) -> None:
        api.add(
            EVENTS,
            {
                "metadata": {"name": f"{job['name']}.1", "namespace": job["namespace"]},
                "involvedObject": {"kind": "Job", "name": job["name"]},
                "reason": "FailedCreate",
                "type": "Warning",
                "message": message,
            },
        )


@pytest.fixture(autouse=True)
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_module, "_TOLD_EVERY_S", 0.05)


@pytest.fixture
def controllers() -> Controllers:
    return Controllers()


@pytest.fixture
async def api(controllers: Controllers) -> AsyncGenerator[FakeApi]:
    empty: dict[str, Any] = {
        path: {"items": []} for path in (PODS, JOBS, EVENTS, ACCOUNTS, SECRETS)
    }
    async with FakeApi.serve(empty | {NAMESPACES: {"items": []}, NODES: {"items": []}}) as served:
        served.add(NODES, api_node("node1", "10.0.0.1"))
        served.add(NODES, api_node("node2", "10.0.0.2"))
        served.add(NAMESPACES, {"metadata": {"name": "given"}})
        served.on_create += [with_service_account, controllers]
        yield served


def target_of(connection: Connection, **changes: Any) -> KubernetesTarget:
    settings: dict[str, Any] = {
        "run_id": RUN,
        "paths": tuple(PathName),
        "tests": SUITE.tests,
        "pair": PAIR,
        "image": IMAGE,
        "opening_s": 3.0,
        "removal_limits": HASTE,
    }
    return KubernetesTarget(connection, **(settings | changes))


async def opened(target: KubernetesTarget, said: list[str] | None = None) -> Endpoints:
    return await target.open(plan(), (said if said is not None else []).append)


async def refusal_of(target: KubernetesTarget) -> CniAdvisorError:
    with pytest.raises(CniAdvisorError) as refusal:
        await opened(target)
    return refusal.value


async def closed(target: KubernetesTarget) -> list[tuple[str, str | None]]:
    told: list[tuple[str, str | None]] = []
    await target.close(lambda what, error: told.append((what, error)))
    return told


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not reached():
            await asyncio.sleep(0.01)


def left(api: FakeApi) -> set[str]:
    """Return the names of everything of the run that is still there."""
    return {
        item["metadata"]["name"]
        for path in (NAMESPACES, JOBS, PODS, SECRETS)
        for item in api.objects[path]["items"]
        if RUN in item["metadata"]["name"]
    }


def test_facts_name_everything_that_will_be_made(connection: Connection) -> None:
    facts = target_of(connection, server_version="v1.34.4").facts()
    assert (facts.kind, facts.context, facts.server_version) == ("kubernetes", "fake", "v1.34.4")
    assert facts.namespace == OWN
    assert facts.creates_namespace
    assert [each.kind for each in facts.creates] == ["Namespace", "Job", "Job", "Job", "Job"]
    assert f"{OWN}/{OWN}-client-pod" in [each.name for each in facts.creates]
    given = target_of(connection, namespace="given", paths=(PathName.POD,)).facts()
    assert not given.creates_namespace
    assert [each.name for each in given.creates] == [
        f"given/{OWN}-client-pod",
        f"given/{OWN}-server-pod",
    ]


async def test_open_gives_both_ends_of_both_paths_and_close_leaves_nothing(
    api: FakeApi, connection: Connection
) -> None:
    target, said = target_of(connection), list[str]()
    endpoints = await opened(target, said)
    assert endpoints.paths == (PathName.POD, PathName.HOST)
    assert endpoints.refused == {}
    assert endpoints.notices == ()
    client, server = endpoints.client(PathName.POD), endpoints.server(PathName.POD)
    assert (client.role, client.path, client.node) == (Role.CLIENT, PathName.POD, "node1")
    assert (client.address, dict(client.ports)) == ("10.244.0.9", {})
    assert (server.node, dict(server.ports)) == ("node2", {Service.IPERF3: 5201})
    host = endpoints.server(PathName.HOST)
    assert (host.address, dict(host.ports)) == ("10.0.0.2", {Service.IPERF3: 20417})
    assert said[0] == f"creating namespace {OWN}"
    assert await target.trouble() is None
    told = await closed(target)
    assert {what for what, _ in told} == {
        *(f"job {OWN}-{role}-{path}" for role in Role for path in PathName),
        f"namespace {OWN}",
    }
    assert {error for _, error in told} == {None}
    assert left(api) == set()
    assert await closed(target) == []


async def test_pods_are_waited_for_by_one_watch(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    controllers.statuses["client-pod"] = CREATING
    target, said = target_of(connection), list[str]()
    opening = asyncio.create_task(opened(target, said))
    await until(lambda: any("waiting for" in sentence for sentence in said))
    await asyncio.sleep(0.1)
    (pod,) = [
        pod
        for pod in api.objects[PODS]["items"]
        if pod["status"] is not READY and (pod["status"]["phase"] == "Pending")
    ]
    pod["status"] = READY
    api.changed(PODS, pod)
    await opening
    assert "3 of 4 pods are ready; waiting for client/pod: client: ContainerCreating" in said
    path = f"/api/v1/namespaces/{OWN}/pods"
    assert [request.query.get("watch") for request in api.requests if request.path == path] == [
        None,
        "1",
    ]


async def test_a_given_namespace_is_used_and_kept(api: FakeApi, connection: Connection) -> None:
    target = target_of(connection, namespace="given")
    await opened(target)
    await closed(target)
    assert api.find(NAMESPACES, "given") is not None
    assert left(api) == set()
    assert all(path.startswith("/apis/batch") for path in api.deleted)


async def test_an_unknown_namespace_is_the_users_mistake(connection: Connection) -> None:
    target = target_of(connection, namespace="nowhere")
    error = await refusal_of(target)
    assert isinstance(error, UsageError)
    assert "namespace nowhere does not exist" in error.message
    assert await closed(target) == []


async def test_without_the_right_to_create_namespaces_the_way_out_is_named(
    api: FakeApi, connection: Connection
) -> None:
    api.deny("* namespaces")
    target = target_of(connection)
    error = await refusal_of(target)
    assert isinstance(error, AccessError)
    assert error.right == "create namespaces"
    assert "--namespace" in error.hint
    assert await closed(target) == []


async def test_without_the_right_to_create_jobs_it_is_named_and_nothing_stays(
    api: FakeApi, connection: Connection
) -> None:
    api.deny("create jobs.batch")
    target = target_of(connection)
    error = await refusal_of(target)
    assert isinstance(error, AccessError)
    assert error.right.startswith("create jobs.batch")
    await closed(target)
    assert left(api) == set()


async def test_namespaced_rights_are_enough_in_a_given_namespace(
    api: FakeApi, connection: Connection
) -> None:
    api.deny("* namespaces", "list events in namespace given")
    target = target_of(connection, namespace="given")
    endpoints = await opened(target)
    assert len(endpoints.opened) == 4
    await closed(target)
    assert left(api) == set()


async def test_somebody_elses_namespace_of_that_name_is_not_touched(
    api: FakeApi, connection: Connection
) -> None:
    api.add(NAMESPACES, {"metadata": {"name": OWN, "labels": {"team": "a"}}})
    target = target_of(connection)
    error = await refusal_of(target)
    assert isinstance(error, ClusterError)
    assert "not this run's" in error.message
    await closed(target)
    assert api.find(NAMESPACES, OWN) is not None


async def test_a_namespace_label_tells_beforehand_that_host_pods_are_refused(
    api: FakeApi, connection: Connection
) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    api.add(NAMESPACES, {"metadata": {"name": "strict", "labels": labels}})
    target = target_of(connection, namespace="strict")
    endpoints = await opened(target)
    assert endpoints.paths == (PathName.POD,)
    assert "enforces the pod security level restricted" in endpoints.refused[PathName.HOST]
    assert {item["metadata"]["name"] for _, item in api.created} == {
        f"{OWN}-client-pod",
        f"{OWN}-server-pod",
    }
    await closed(target)
    assert left(api) == set()


PSA = (
    'Error creating: pods "x-" is forbidden: violates PodSecurity "restricted:latest": '
    "host namespaces (hostNetwork=true)"
)
QUOTA = 'Error creating: pods "x-" is forbidden: exceeded quota: q, requested: pods=1'
WEBHOOK = 'Error creating: admission webhook "p.example" denied the request: no\x1b[31m'
ACCOUNT = (
    'Error creating: pods "x-" is forbidden: error looking up service account n/default: '
    'serviceaccount "default" not found'
)


@pytest.mark.parametrize("message", [PSA, QUOTA, WEBHOOK])
async def test_host_pods_that_admission_refuses_cost_the_baseline_only(
    api: FakeApi, connection: Connection, controllers: Controllers, message: str
) -> None:
    controllers.refusals = {"client-host": message, "server-host": message}
    target = target_of(connection)
    endpoints = await opened(target)
    assert endpoints.paths == (PathName.POD,)
    assert endpoints.refused == {PathName.HOST: message.replace("\x1b", "")}
    # The Jobs of the refused path go at once: nothing keeps trying.
    assert {name for name in left(api) if "host" in name} == set()
    assert await target.trouble() is None
    await closed(target)
    assert left(api) == set()


@pytest.mark.parametrize("message", [QUOTA, WEBHOOK])
async def test_a_pod_of_the_pod_path_that_is_refused_ends_it(
    connection: Connection, controllers: Controllers, message: str
) -> None:
    controllers.refusals = {"server-pod": message}
    error = await refusal_of(target_of(connection))
    assert isinstance(error, ClusterError)
    assert message.replace("\x1b", "") in error.message
    assert f"{OWN}-server-pod" in error.message


async def test_a_job_that_admission_refuses(api: FakeApi, connection: Connection) -> None:
    api.fault(
        f"/apis/batch/v1/namespaces/{OWN}/jobs",
        method="POST",
        times=4,
        status=403,
        message='admission webhook "policy" denied the request: not today',
    )
    target = target_of(connection)
    error = await refusal_of(target)
    assert error.exit_code is ExitCode.CLUSTER
    assert "not today" in error.message
    await closed(target)
    assert left(api) == set()


async def test_half_a_refused_host_path_is_taken_away(api: FakeApi, connection: Connection) -> None:
    """One of the two host Jobs is refused by a webhook; the other one's pod even comes up."""
    real = api._create  # pyright: ignore[reportPrivateUsage]

    def create(where: Any, body: dict[str, Any]) -> Any:
        if body["metadata"]["name"] == f"{OWN}-server-host":
            raise web.HTTPForbidden(text='{"message":"admission webhook denied the request: no"}')
        return real(where, body)

    api._create = create  # pyright: ignore
    target = target_of(connection)
    endpoints = await opened(target)
    assert set(endpoints.opened) == {(role, PathName.POD) for role in Role}
    assert "denied the request: no" in endpoints.refused[PathName.HOST]
    assert {name for name in left(api) if "host" in name} == set()
    await closed(target)


async def test_creating_lives_through_an_api_that_is_away_for_a_moment(
    api: FakeApi, connection: Connection
) -> None:
    api.fault(NAMESPACES, method="POST", drop=True)
    api.fault(f"/apis/batch/v1/namespaces/{OWN}/jobs", method="POST", times=2, status=503)
    assert len((await opened(target_of(connection))).opened) == 4


def lose_each_first_answer(api: FakeApi) -> set[str]:
    """Return the names of what was created without an answer."""
    real = api._create  # pyright: ignore[reportPrivateUsage]
    lost: set[str] = set()

    def create(where: Any, body: dict[str, Any]) -> Any:
        answer = real(where, body)
        if body["metadata"]["name"] not in lost:
            lost.add(body["metadata"]["name"])
            raise web.HTTPServiceUnavailable
        return answer

    api._create = create  # pyright: ignore
    return lost


async def test_an_answer_that_was_lost_is_no_conflict(api: FakeApi, connection: Connection) -> None:
    lost = lose_each_first_answer(api)
    target = target_of(connection)
    assert len((await opened(target)).opened) == 4
    assert len(lost) == 5
    await closed(target)
    assert left(api) == set()


def printed_rights(namespace: str | None) -> list[str]:
    """Return what `cniadvisor rbac --for bench` grants."""
    return [
        f"{verb} {resource}"
        + (f".{group}" if group else "")
        + (f" in namespace {namespace}" if role["kind"] == "Role" else "")
        for role in yaml.safe_load_all(manifest("bench", namespace=namespace))
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


@pytest.mark.parametrize("namespace", [None, "given"])
async def test_for_a_lost_answer_the_printed_rights_are_enough(
    api: FakeApi, connection: Connection, namespace: str | None
) -> None:
    api.allow_only(*printed_rights(namespace))
    lose_each_first_answer(api)
    target = target_of(connection, namespace=namespace)
    assert len((await opened(target)).opened) == 4
    await closed(target)
    assert left(api) == set()


async def test_somebody_elses_job_of_that_name_is_not_touched(
    api: FakeApi, connection: Connection
) -> None:
    theirs = {"metadata": {"name": f"{OWN}-client-pod", "namespace": "given"}}
    api.add(JOBS, theirs)
    target = target_of(connection, namespace="given")
    assert "is not this run's" in (await refusal_of(target)).message
    await closed(target)
    assert left(api) == {f"{OWN}-client-pod"}


async def test_what_the_job_controller_cures_itself_is_waited_for(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    controllers.refusals = {"client-host": ACCOUNT}
    target, said = target_of(connection), list[str]()
    opening = asyncio.create_task(opened(target, said))
    await until(lambda: any("serviceaccount" in sentence for sentence in said))
    await asyncio.sleep(0.1)
    controllers.refusals = {}
    job = api.find(JOBS, f"{OWN}-client-host")
    assert job is not None
    controllers(api, JOBS, job)
    assert (await opening).refused == {}
    await closed(target)


def waiting(reason: str, message: str = "") -> Status:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"name": "client", "state": state}]}


@pytest.mark.parametrize(
    "reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"]
)
async def test_an_image_that_cannot_be_had_names_image_node_and_remedy(
    api: FakeApi, connection: Connection, controllers: Controllers, reason: str
) -> None:
    controllers.statuses["client-pod"] = waiting(reason, "no such host\x07")
    target = target_of(connection)
    error = await refusal_of(target)
    assert isinstance(error, BenchmarkError)
    assert error.message == (f"image {IMAGE} can't be had on node node1: {reason}: no such host")
    assert "cniadvisor image load" in error.hint
    await closed(target)
    assert left(api) == set()


async def test_an_unschedulable_pod_names_the_schedulers_reason(
    connection: Connection, controllers: Controllers
) -> None:
    why = "0/2 nodes are available: 1 Insufficient cpu."
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": why,
    }
    controllers.statuses["server-host"] = {"phase": "Pending", "conditions": [condition]}
    error = await refusal_of(target_of(connection))
    assert error.exit_code is ExitCode.BENCHMARK_FAILED
    assert why in error.message
    assert "node2" in error.message


async def test_a_container_that_cannot_be_made(
    connection: Connection, controllers: Controllers
) -> None:
    controllers.statuses["client-pod"] = waiting("CreateContainerConfigError", "no secret")
    error = await refusal_of(target_of(connection))
    assert error.exit_code is ExitCode.BENCHMARK_FAILED
    assert "container client" in error.message
    assert "no secret" in error.message


async def test_a_crash_comes_with_the_last_words_fit_to_be_shown(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    state = {"terminated": {"exitCode": 1, "reason": "Error"}}
    statuses = [{"name": "iperf3", "state": state}]
    controllers.statuses["server-pod"] = {"phase": "Running", "containerStatuses": statuses}
    api.logs[OWN, f"{OWN}-server-pod-x1", "iperf3"] = FakeLog(
        chunks=[b"starting\n\x1b]0;title\x07unable to bind\n"]
    )
    error = await refusal_of(target_of(connection))
    assert error.exit_code is ExitCode.BENCHMARK_FAILED
    assert "container iperf3" in error.message
    assert "exit status 1, Error; it said: starting / ]0;titleunable to bind" in error.message


async def test_not_ready_in_time_says_what_was_waited_for(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    controllers.statuses["client-pod"] = CREATING
    api.add(
        EVENTS,
        {
            "metadata": {"name": "e", "namespace": OWN},
            "involvedObject": {"kind": "Pod", "name": f"{OWN}-client-pod-x1"},
            "reason": "FailedCreatePodSandBox",
            "type": "Warning",
            "message": "plugin type=flannel failed",
        },
    )
    target = target_of(connection, opening_s=0.3)
    error = await refusal_of(target)
    assert isinstance(error, DeadlineError)
    assert error.message == (
        f"after 0.3 s not all pods are ready: {OWN}-client-pod-x1 on node node1: "
        "client: ContainerCreating (FailedCreatePodSandBox: plugin type=flannel failed)"
    )
    await closed(target)
    assert left(api) == set()


async def test_a_job_that_makes_no_pod_is_said_so(api: FakeApi, connection: Connection) -> None:
    api.on_create.clear()
    api.add(ACCOUNTS, {"metadata": {"name": "default", "namespace": OWN}})
    error = await refusal_of(target_of(connection, opening_s=0.3))
    assert isinstance(error, DeadlineError)
    assert "its Job has made no pod yet" in error.message


async def test_a_pod_somebody_deletes_while_opening(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    controllers.statuses["client-pod"] = CREATING
    target, said = target_of(connection), list[str]()
    opening = asyncio.create_task(opened(target, said))
    await until(lambda: any("waiting for" in sentence for sentence in said))
    await asyncio.sleep(0.1)
    pod = api.find(PODS, f"{OWN}-client-pod-x1")
    assert pod is not None
    api.remove(PODS, pod)
    with pytest.raises(BenchmarkError, match="was deleted by somebody else"):
        await opening


async def test_without_the_right_to_read_logs_it_is_named(
    api: FakeApi, connection: Connection
) -> None:
    api.deny("get pods/log")
    error = await refusal_of(target_of(connection))
    assert isinstance(error, AccessError)
    assert error.right.startswith("get pods/log")


async def test_an_image_that_prints_no_ports_is_the_wrong_one(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    def mislead(pod: dict[str, Any]) -> None:
        controllers.ports = b'{"ports":{"iperf3":"no number"}}\n'

    controllers.changes = mislead
    error = await refusal_of(target_of(connection))
    assert error.exit_code is ExitCode.BENCHMARK_FAILED
    assert "printed no ports" in error.message


async def test_a_sidecar_and_a_limit_are_told(
    connection: Connection, controllers: Controllers
) -> None:
    def inject(pod: dict[str, Any]) -> None:
        if "client-pod" in pod["metadata"]["name"]:
            first = pod["spec"]["containers"][0] | {"resources": {"limits": {"cpu": "1"}}}
            pod["spec"]["containers"] = [first, {"name": "istio-proxy"}]

    controllers.changes = inject
    endpoints = await opened(target_of(connection))
    assert [notice.code for notice in endpoints.notices] == [
        "sidecar-injected",
        "cpu-limit-imposed",
    ]


async def test_a_node_that_is_not_fit_is_refused_before_anything_is_made(
    api: FakeApi, connection: Connection
) -> None:
    node = api.find(NODES, "node2")
    assert node is not None
    node["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
    error = await refusal_of(target_of(connection))
    assert error.message == "node node2 is not ready"
    assert api.created == []


async def test_trouble_is_told_of_nodes_and_pods(api: FakeApi, connection: Connection) -> None:
    target = target_of(connection)
    await opened(target)
    node, pod = api.find(NODES, "node1"), api.find(PODS, f"{OWN}-server-host-x1")
    assert node is not None
    assert pod is not None
    pressed = {"type": "MemoryPressure", "status": "True"}
    node["status"]["conditions"].append(pressed)
    assert await target.trouble() == "node node1 is under pressure (MemoryPressure)"
    node["status"]["conditions"].remove(pressed)
    pod["status"] = {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}
    assert "Evicted: low on memory" in (await target.trouble() or "")
    api.remove(PODS, pod)
    assert await target.trouble() == f"pod {OWN}/{OWN}-server-host-x1 on node2 is gone"
    api.remove(NODES, node)
    assert await target.trouble() == "node node1 is not in the cluster any more"


async def test_trouble_that_cannot_be_told_is_an_error(
    api: FakeApi, connection: Connection
) -> None:
    target = target_of(connection)
    await opened(target)
    api.deny("list nodes")
    with pytest.raises(AccessError):
        await target.trouble()


async def test_close_after_a_cancelled_open_leaves_nothing(
    api: FakeApi, connection: Connection, controllers: Controllers
) -> None:
    controllers.statuses["client-pod"] = CREATING
    target, said = target_of(connection), list[str]()
    opening = asyncio.create_task(opened(target, said))
    await until(lambda: said[1:])
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await closed(target)
    assert left(api) == set()


async def test_close_before_open_asks_nothing(api: FakeApi, connection: Connection) -> None:
    assert await closed(target_of(connection)) == []
    assert api.requests == []


async def test_close_lives_through_an_api_that_was_away(
    api: FakeApi, connection: Connection
) -> None:
    target = target_of(connection, removal_limits=Limits(away_s=20))
    await opened(target)
    api.fault(f"{NAMESPACES}/{OWN}", times=5, status=503)
    api.fault(f"{NAMESPACES}/{OWN}", method="DELETE", times=5, drop=True)
    await closed(target)
    assert left(api) == set()


async def test_what_cannot_be_removed_is_named_with_the_command(
    api: FakeApi, connection: Connection
) -> None:
    target = target_of(connection)
    await opened(target)
    api.deny("delete jobs.batch", "delete namespaces")
    with pytest.raises(CleanupError) as failure:
        await closed(target)
    assert OWN in failure.value.message
    assert failure.value.hint == f"`cniadvisor cleanup --run {RUN} --context fake` removes it"
    api._denied.clear()  # pyright: ignore[reportPrivateUsage]
    await closed(target)
    assert left(api) == set()


async def test_the_command_for_a_given_namespace_names_it(
    api: FakeApi, connection: Connection
) -> None:
    target = target_of(connection, namespace="given")
    await opened(target)
    api.deny("delete jobs.batch")
    with pytest.raises(CleanupError) as failure:
        await closed(target)
    assert (
        failure.value.hint
        == f"`cniadvisor cleanup --run {RUN} --namespace given --context fake` removes it"
    )


# -- the password of the ftp test

FTP = (TestName.FTP,)


async def opened_for_ftp(
    connection: Connection, **changes: Any
) -> tuple[KubernetesTarget, Endpoints]:
    target = target_of(connection, tests=FTP, **changes)
    asked = replace(plan(), suite=replace(SUITE, tests=FTP))
    return target, await target.open(asked, lambda sentence: None)


def secrets_of(api: FakeApi) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item for item in api.objects[SECRETS]["items"]}


async def test_each_path_gets_a_password_that_ends_with_its_jobs(
    api: FakeApi, connection: Connection
) -> None:
    _, endpoints = await opened_for_ftp(connection)
    assert dict(endpoints.server(PathName.POD).ports) == {Service.VSFTPD: 2121}
    made = secrets_of(api)
    assert set(made) == {f"{OWN}-pod", f"{OWN}-host"}
    jobs = {job["metadata"]["uid"]: job["metadata"]["name"] for job in api.objects[JOBS]["items"]}
    for path in PathName:
        secret = made[f"{OWN}-{path}"]
        owners = {jobs[owner["uid"]] for owner in secret["metadata"]["ownerReferences"]}
        assert owners == {f"{OWN}-client-{path}", f"{OWN}-server-{path}"}
    passwords = {secret["stringData"]["ftp-password"] for secret in made.values()}
    assert len(passwords) == 2
    assert all(len(password) == 32 for password in passwords)


async def test_a_run_without_ftp_makes_no_secret(api: FakeApi, connection: Connection) -> None:
    await opened(target_of(connection))
    assert secrets_of(api) == {}


async def test_the_password_is_removed_before_all_else(
    api: FakeApi, connection: Connection
) -> None:
    target, _ = await opened_for_ftp(connection, namespace="given")
    await closed(target)
    secrets_path = "/api/v1/namespaces/given/secrets"
    assert api.deleted[:2] == [f"{secrets_path}/{OWN}-pod", f"{secrets_path}/{OWN}-host"]
    assert left(api) == set()


async def test_no_secret_is_ever_read(api: FakeApi, connection: Connection) -> None:
    api.deny("get secrets", "list secrets", "watch secrets", "delete secrets")
    real = api._create  # pyright: ignore[reportPrivateUsage]
    lost: set[str] = set()

    def create(where: Any, body: dict[str, Any]) -> Any:
        answer = real(where, body)
        if body["kind"] == "Secret" and body["metadata"]["name"] not in lost:
            lost.add(body["metadata"]["name"])
            raise web.HTTPServiceUnavailable
        return answer

    api._create = create  # pyright: ignore
    target, _ = await opened_for_ftp(connection)
    assert len(lost) == 2
    await closed(target)
    assert left(api) == set()
    asked = {request.method for request in api.requests if "/secrets" in request.path}
    assert asked == {"POST", "DELETE"}


async def test_without_the_right_to_create_secrets_it_is_named_and_nothing_stays(
    api: FakeApi, connection: Connection
) -> None:
    api.deny("create secrets")
    target = target_of(connection, tests=FTP)
    with pytest.raises(AccessError) as refusal:
        await target.open(replace(plan(), suite=replace(SUITE, tests=FTP)), lambda sentence: None)
    assert refusal.value.right == f"create secrets in namespace {OWN}"
    await closed(target)
    assert left(api) == set()


async def test_a_dry_run_shows_the_probe_s_policies(connection: Connection) -> None:
    target = target_of(connection, probes_policy=True)
    shown: Any = await target.manifests(replace(plan(), probes_policy=True))
    policies = [item for item in shown["items"] if item["kind"] == "NetworkPolicy"]
    names = {f"{item['metadata']['namespace']}/{item['metadata']['name']}" for item in policies}
    planned = {one.name for one in target.facts().creates if one.kind == "NetworkPolicy"}
    assert names == planned
    assert len(names) == 4
    for policy in policies:
        assert policy["spec"]["podSelector"]["matchLabels"]["cniadvisor.io/run"] == RUN


async def test_a_dry_run_shows_the_secrets_without_a_password(
    api: FakeApi, connection: Connection
) -> None:
    target = target_of(connection, tests=FTP)
    assert [each.kind for each in target.facts().creates].count("Secret") == 2
    shown: Any = await target.manifests(replace(plan(), suite=replace(SUITE, tests=FTP)))
    secrets = [item for item in shown["items"] if item["kind"] == "Secret"]
    assert [secret["metadata"]["name"] for secret in secrets] == [f"{OWN}-pod", f"{OWN}-host"]
    for secret in secrets:
        assert secret["stringData"] == {"ftp-password": "(random, made when the run begins)"}

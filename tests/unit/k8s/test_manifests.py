import math
from dataclasses import replace
from typing import Any, cast

import pytest

from cniadvisor.bench.endpoints import Service
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.k8s.manifests import (
    PodSettings,
    containers_of,
    credentials,
    jobs,
    run_namespace,
    tolerations,
)
from tests.unit.k8s.example_run import IMAGE, PAIR, RUN, SUITE, plan

CLIENT_POD = Role.CLIENT, PathName.POD
CLIENT_HOST = Role.CLIENT, PathName.HOST
SERVER_POD = Role.SERVER, PathName.POD
SERVER_HOST = Role.SERVER, PathName.HOST
EVERY = (CLIENT_POD, CLIENT_HOST, SERVER_POD, SERVER_HOST)

End = tuple[Role, PathName]


EVERY_TEST = tuple(TestName)
PORTS_WITH_DATA = ["sh", "-c", 'cniadvisor-data && exec cniadvisor-ports "$@"', "sh"]


def made(
    secret: str | None = None, *, tests: tuple[TestName, ...] = (TestName.TCP,), **tolerated: Any
) -> dict[End, dict[str, Any]]:
    settings = PodSettings(
        namespace="bench",
        image=IMAGE,
        image_pull_secret=secret,
        pair=PAIR,
        tolerations=tolerated,
    )
    asked = replace(plan(), suite=replace(SUITE, tests=tests))
    return cast("dict[End, dict[str, Any]]", dict(jobs(asked, settings)))


def pod_of(job: dict[str, Any]) -> dict[str, Any]:
    return job["spec"]["template"]["spec"]


def containers(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in [*pod["containers"], *pod.get("initContainers", [])]}


def test_a_job_for_each_end_named_and_labelled() -> None:
    all_jobs = made()
    assert set(all_jobs) == set(EVERY)
    for (role, path), job in all_jobs.items():
        assert job["metadata"]["name"] == f"cniadvisor-{RUN}-{role}-{path}"
        assert job["metadata"]["namespace"] == "bench"
        for metadata in (job["metadata"], job["spec"]["template"]["metadata"]):
            labels = metadata["labels"]
            assert labels["app.kubernetes.io/name"] == "cniadvisor"
            assert labels["app.kubernetes.io/managed-by"] == "cniadvisor"
            assert labels["cniadvisor.io/run"] == RUN
            assert labels["cniadvisor.io/role"] == role
            assert labels["cniadvisor.io/path"] == path


@pytest.mark.parametrize("end", EVERY)
def test_a_job_ends_by_itself_and_never_tries_twice(end: End) -> None:
    spec = made()[end]["spec"]
    assert spec["backoffLimit"] == 0
    assert spec["activeDeadlineSeconds"] == math.ceil(plan().longest_s)
    assert isinstance(spec["activeDeadlineSeconds"], int)
    assert pod_of(made()[end])["activeDeadlineSeconds"] == spec["activeDeadlineSeconds"]
    assert spec["ttlSecondsAfterFinished"] > 0
    assert pod_of(made()[end])["restartPolicy"] == "Never"


@pytest.mark.parametrize("end", EVERY)
def test_pods_are_pinned_by_the_name_field_alone(end: End) -> None:
    pod = pod_of(made()[end])
    node = "node1" if end[0] is Role.CLIENT else "node2"
    required = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert required["nodeSelectorTerms"] == [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    ]
    assert "nodeName" not in pod
    assert "nodeSelector" not in pod
    assert "priorityClassName" not in pod
    assert "tolerations" not in pod


@pytest.mark.parametrize("end", EVERY)
def test_every_container_is_what_restricted_admits(end: End) -> None:
    """The rules of the Pod Security Standards, level restricted, one by one."""
    pod = pod_of(made(tests=EVERY_TEST)[end])
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] != 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(pod).values():
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["readOnlyRootFilesystem"] is True
        assert "privileged" not in security
        assert "ports" not in container
    for volume in pod["volumes"]:
        assert set(volume) in ({"name", "emptyDir"}, {"name", "secret"})
    for forbidden in ("hostPID", "hostIPC", "hostUsers", "sysctls"):
        assert forbidden not in pod
    assert pod.get("hostNetwork") is (True if end[1] is PathName.HOST else None)


@pytest.mark.parametrize("end", EVERY)
def test_no_token_no_limits_nothing_injected(end: End) -> None:
    job = made(tests=EVERY_TEST)[end]
    pod = pod_of(job)
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    for container in containers(pod).values():
        assert set(container["resources"]) == {"requests"}
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert container["imagePullPolicy"] == "IfNotPresent"
        assert container["image"] == IMAGE
    template = job["spec"]["template"]["metadata"]
    assert template["labels"]["sidecar.istio.io/inject"] == "false"
    assert template["labels"]["istio.io/dataplane-mode"] == "none"
    assert template["annotations"]["linkerd.io/inject"] == "disabled"


def test_containers_are_those_of_the_contract() -> None:
    for (role, _), job in made().items():
        assert set(containers(pod_of(job))) <= containers_of(role)
    assert set(containers(pod_of(made()[CLIENT_POD]))) == {"client", "sampler"}
    assert set(containers(pod_of(made()[SERVER_POD]))) == {"shell", "sampler", "iperf3", "ports"}
    assert set(containers(pod_of(made(tests=EVERY_TEST)[SERVER_HOST]))) == {
        *("shell", "sampler", "ports"),
        *("iperf3", "nginx", "vsftpd", "sshd", "sockperf-tcp", "sockperf-udp"),
    }


@pytest.mark.parametrize(
    ("test", "service"),
    [
        (TestName.TCP, "iperf3"),
        (TestName.UDP_MAX, "iperf3"),
        (TestName.HTTP, "nginx"),
        (TestName.HTTP_LATENCY, "nginx"),
        (TestName.FTP, "vsftpd"),
        (TestName.SCP, "sshd"),
        (TestName.LATENCY_TCP, "sockperf-tcp"),
        (TestName.LATENCY_UDP, "sockperf-udp"),
    ],
)
def test_only_the_servers_that_are_needed_run(test: TestName, service: str) -> None:
    pod = pod_of(made(tests=(test,))[SERVER_POD])
    assert [each["name"] for each in pod["containers"]] == ["shell", "sampler", service]
    (server,) = pod["containers"][2:]
    assert server["command"] == ["cniadvisor-serve", service]
    assert server["startupProbe"]["exec"]["command"] == ["cniadvisor-serving", service]


def mounted(pod: dict[str, Any], name: str) -> dict[str, bool]:
    """Which containers see a volume, and whether only to read."""
    return {
        container: mount.get("readOnly", False)
        for container, each in containers(pod).items()
        for mount in each["volumeMounts"]
        if mount["name"] == name
    }


def test_objects_are_in_memory_and_servers_only_read_them() -> None:
    pod = pod_of(made(tests=EVERY_TEST)[SERVER_POD])
    assert mounted(pod, "data") == {
        "ports": False,
        "shell": False,
        "nginx": True,
        "vsftpd": True,
        "sshd": True,
    }
    (volume,) = (each for each in pod["volumes"] if each["name"] == "data")
    assert volume["emptyDir"] == {"medium": "Memory", "sizeLimit": "16Mi"}
    assert containers(pod)["ports"]["command"][:4] == PORTS_WITH_DATA
    pod = pod_of(made(tests=(TestName.SCP,))[SERVER_POD])
    assert mounted(pod, "data") == {"ports": False, "shell": False, "sshd": True}
    assert containers(pod)["ports"]["command"] == ["cniadvisor-ports", "sshd=2222"]


@pytest.mark.parametrize("end", EVERY)
def test_the_password_is_seen_by_those_who_need_it(end: End) -> None:
    pod = pod_of(made(tests=EVERY_TEST)[end])
    expected = {"client": True} if end[0] is Role.CLIENT else {"vsftpd": True}
    assert mounted(pod, "credentials") == expected
    (volume,) = (each["secret"] for each in pod["volumes"] if each["name"] == "credentials")
    assert volume == {"secretName": f"cniadvisor-{RUN}-{end[1]}", "defaultMode": 0o440}
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    assert mounted(pod_of(made()[end]), "credentials") == {}


def test_a_paths_jobs_own_its_password() -> None:
    owners: Any = ({"metadata": {"name": "a", "uid": "1"}}, {"metadata": {"name": "b", "uid": "2"}})
    secret = cast(
        "dict[str, Any]", credentials(RUN, "bench", PathName.HOST, password="x", owners=owners)
    )
    assert secret["metadata"]["name"] == f"cniadvisor-{RUN}-host"
    assert secret["metadata"]["labels"]["cniadvisor.io/run"] == RUN
    assert secret["metadata"]["ownerReferences"] == [
        {"apiVersion": "batch/v1", "kind": "Job", "name": "a", "uid": "1"},
        {"apiVersion": "batch/v1", "kind": "Job", "name": "b", "uid": "2"},
    ]
    assert secret["stringData"] == {"ftp-password": "x"}


def test_a_server_pod_fits_on_a_small_node_twice() -> None:
    pod = pod_of(made(tests=EVERY_TEST)[SERVER_POD])
    requests = [each["resources"]["requests"]["cpu"] for each in pod["containers"]]
    assert sum(int(each.removesuffix("m")) for each in requests) <= 400


@pytest.mark.parametrize("end", EVERY)
def test_no_name_server_can_hold_a_tool_up(end: End) -> None:
    # Seen: `curl --version` on the host network, 10 s until the node's name server was given up.
    pod = pod_of(made()[end])
    assert pod["dnsPolicy"] == "None"
    assert pod["dnsConfig"]["nameservers"] == ["127.0.0.1"]


def test_idle_containers_heed_sigterm() -> None:
    for (role, _), job in made().items():
        name = "client" if role is Role.CLIENT else "shell"
        assert containers(pod_of(job))[name]["command"] == ["cniadvisor-idle"]


def test_samplers_watch_the_way_to_the_peer() -> None:
    for (role, _), job in made().items():
        peer = "10.0.0.2" if role is Role.CLIENT else "10.0.0.1"
        assert containers(pod_of(job))["sampler"]["command"] == ["cniadvisor-sampler", peer]


@pytest.mark.parametrize(
    ("end", "address"),
    [
        (SERVER_HOST, {"value": "10.0.0.2"}),
        (SERVER_POD, {"valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}),
    ],
)
def test_every_server_binds_the_one_address_it_is_reached_by(
    end: End, address: dict[str, Any]
) -> None:
    pod = pod_of(made(tests=EVERY_TEST)[end])
    for server in pod["containers"][2:]:
        assert {"name": "LISTEN_ADDRESS", **address} in server["env"]


def test_host_servers_get_free_ports() -> None:
    ports = containers(pod_of(made(tests=EVERY_TEST)[SERVER_HOST]))["ports"]
    assert ports["command"] == [*PORTS_WITH_DATA, *Service]


def test_pod_servers_have_fixed_ports() -> None:
    ports = containers(pod_of(made(tests=EVERY_TEST)[SERVER_POD]))["ports"]
    assert ports["command"] == [
        *PORTS_WITH_DATA,
        *("iperf3=5201", "nginx=8080", "vsftpd=2121", "sshd=2222"),
        *("sockperf-tcp=11111", "sockperf-udp=11112"),
    ]


def test_no_probe_runs_while_measuring() -> None:
    for end in EVERY:
        for container in containers(pod_of(made()[end])).values():
            assert "readinessProbe" not in container
            assert "livenessProbe" not in container
    probe = containers(pod_of(made()[SERVER_POD]))["iperf3"]["startupProbe"]
    assert probe["exec"]["command"] == ["cniadvisor-serving", "iperf3"]


def test_pull_secret_and_tolerations_only_where_needed() -> None:
    toleration = {"key": "k", "operator": "Equal", "value": "", "effect": "NoSchedule"}
    all_jobs = made("pull", node2=(toleration,))
    assert pod_of(all_jobs[CLIENT_POD])["imagePullSecrets"] == [{"name": "pull"}]
    assert pod_of(all_jobs[SERVER_POD])["tolerations"] == [toleration]
    assert "tolerations" not in pod_of(all_jobs[CLIENT_POD])
    assert "imagePullSecrets" not in pod_of(made()[CLIENT_POD])


def test_only_chosen_taints_are_tolerated() -> None:
    taints: Any = [
        {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
        {"key": "dedicated", "value": "gpu", "effect": "NoExecute"},
        {"key": "soft", "effect": "PreferNoSchedule"},
        {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"},
        {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},
    ]
    tolerated = tolerations({"spec": {"taints": taints}})
    assert [(each["key"], each["value"], each["effect"]) for each in tolerated] == [
        ("node-role.kubernetes.io/control-plane", "", "NoSchedule"),
        ("dedicated", "gpu", "NoExecute"),
    ]
    assert tolerations({}) == ()


def test_the_namespace_admits_host_pods_only_if_there_are_any() -> None:
    level = "pod-security.kubernetes.io/enforce"
    both = cast("dict[str, Any]", run_namespace(RUN, tuple(PathName)))
    assert both["metadata"]["name"] == f"cniadvisor-{RUN}"
    assert both["metadata"]["labels"][level] == "privileged"
    assert both["metadata"]["labels"]["cniadvisor.io/run"] == RUN
    pod_only = cast("dict[str, Any]", run_namespace(RUN, (PathName.POD,)))
    assert level not in pod_only["metadata"]["labels"]

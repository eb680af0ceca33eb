from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.measurement import Role
from cniadvisor.domain.text import printable
from cniadvisor.k8s.imposed import imposed_on
from cniadvisor.k8s.pod_state import Trouble, is_ready, loss_of, progress_of


def status(
    phase: str = "Pending",
    *,
    containers: list[dict[str, Any]] | None = None,
    initial: list[dict[str, Any]] | None = None,
    conditions: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "metadata": {"name": "p"},
        "status": {
            "phase": phase,
            "containerStatuses": containers or [],
            "initContainerStatuses": initial or [],
            "conditions": conditions or [],
            **more,
        },
    }


def state(name: str, kind: str, **what: Any) -> dict[str, Any]:
    return {"name": name, "ready": False, "state": {kind: what}}


READY = [{"type": "Ready", "status": "True"}]


def test_ready_is_running_with_the_condition_and_not_on_its_way_out() -> None:
    assert is_ready(status("Running", conditions=READY))
    assert not is_ready(status("Pending", conditions=READY))
    assert not is_ready(status("Running"))
    leaving = status("Running", conditions=READY)
    leaving["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z"
    assert not is_ready(leaving)


@pytest.mark.parametrize(
    ("pod", "trouble", "container", "detail"),
    [
        (
            status(containers=[state("a", "waiting", reason="ErrImagePull", message="no\x1b")]),
            Trouble.IMAGE,
            "a",
            "ErrImagePull: no",
        ),
        (
            status(initial=[state("ports", "waiting", reason="ImagePullBackOff")]),
            Trouble.IMAGE,
            "ports",
            "ImagePullBackOff",
        ),
        (
            status(containers=[state("client", "waiting", reason="InvalidImageName")]),
            Trouble.IMAGE,
            "client",
            "InvalidImageName",
        ),
        (
            status(containers=[state("client", "waiting", reason="ErrImageNeverPull")]),
            Trouble.IMAGE,
            "client",
            "ErrImageNeverPull",
        ),
        (
            status(containers=[state("a", "waiting", reason="CreateContainerConfigError")]),
            Trouble.CONTAINER,
            "a",
            "CreateContainerConfigError",
        ),
        (
            status(
                "Running",
                containers=[
                    state("sampler", "running"),
                    state("iperf3", "terminated", exitCode=1, reason="Error"),
                ],
            ),
            Trouble.ENDED,
            "iperf3",
            "exit status 1, Error",
        ),
        (
            status(initial=[state("ports", "terminated", exitCode=2)]),
            Trouble.ENDED,
            "ports",
            "exit status 2",
        ),
        (
            status("Running", containers=[state("client", "terminated", exitCode=0)]),
            Trouble.ENDED,
            "client",
            "exit status 0",
        ),
        (
            status(
                "Failed",
                containers=[state("client", "terminated", exitCode=137)],
                reason="Evicted",
                message="The node was low on resource: memory.",
            ),
            Trouble.POD,
            "",
            "Evicted: The node was low on resource: memory.",
        ),
        (status("Failed"), Trouble.POD, "", "phase Failed"),
        (
            status(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/2 nodes are available: 1 Insufficient cpu.",
                    }
                ]
            ),
            Trouble.UNSCHEDULABLE,
            "",
            "0/2 nodes are available: 1 Insufficient cpu.",
        ),
    ],
)
def test_lost_pods(pod: dict[str, Any], trouble: Trouble, container: str, detail: str) -> None:
    loss = loss_of(pod)
    assert loss is not None
    assert (loss.trouble, loss.container, loss.detail) == (trouble, container, detail)


def test_a_pod_being_deleted_is_lost() -> None:
    pod = status("Running", containers=[state("client", "terminated", exitCode=137)])
    pod["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z"
    loss = loss_of(pod)
    assert loss is not None
    assert loss.trouble is Trouble.POD


@pytest.mark.parametrize(
    "pod",
    [
        {},
        status(),
        status(containers=[state("client", "waiting", reason="ContainerCreating")]),
        status(
            "Running",
            initial=[state("ports", "terminated", exitCode=0)],
            containers=[state("iperf3", "running")],
        ),
        status(conditions=[{"type": "PodScheduled", "status": "False", "reason": "Waiting"}]),
    ],
)
def test_pods_with_hope(pod: dict[str, Any]) -> None:
    assert loss_of(pod) is None


def test_progress_in_a_few_words() -> None:
    creating = status(containers=[state("client", "waiting", reason="ContainerCreating")])
    assert progress_of(creating) == "client: ContainerCreating"
    starting = status("Running", containers=[state("iperf3", "running")])
    assert progress_of(starting) == "iperf3: not ready"
    assert progress_of({}) == "Pending"
    waiting = status(conditions=[{"type": "PodScheduled", "status": "False", "reason": "Gated"}])
    assert progress_of(waiting) == "Gated"


def spec(*names: str, cpu_limit: str | None = None) -> dict[str, Any]:
    limits = {} if cpu_limit is None else {"limits": {"cpu": cpu_limit}}
    return {
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": name, "resources": limits} for name in names]},
    }


def test_nothing_imposed_nothing_said() -> None:
    assert imposed_on(Role.CLIENT, spec("client", "sampler")) == ()


def test_a_sidecar_is_told() -> None:
    pod = spec("client", "sampler", "istio-proxy")
    pod["spec"]["initContainers"] = [{"name": "istio-init"}]
    (notice,) = imposed_on(Role.CLIENT, pod)
    assert notice.code == "sidecar-injected"
    assert "istio-proxy, istio-init" in notice.text


def test_a_cpu_limit_is_told() -> None:
    (notice,) = imposed_on(Role.CLIENT, spec("client", "sampler", cpu_limit="500m"))
    assert notice.code == "cpu-limit-imposed"
    assert "client 500m, sampler 500m" in notice.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "status",
                    "metadata",
                    "phase",
                    "conditions",
                    "containerStatuses",
                    "initContainerStatuses",
                    "state",
                    "waiting",
                    "terminated",
                    "reason",
                    "exitCode",
                    "spec",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from(["status", "metadata", "spec"]), json_values))
def test_a_pod_of_any_shape_breaks_nothing(pod: dict[str, Any]) -> None:
    is_ready(pod)
    loss = loss_of(pod)
    for shown in (progress_of(pod), loss.detail if loss else "", loss.container if loss else ""):
        assert shown == printable(shown)
    for notice in imposed_on(Role.SERVER, pod):
        assert notice.text == printable(notice.text)

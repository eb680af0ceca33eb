from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.events import (
    BenchEvent,
    CleanupStep,
    CpuFacts,
    CpuSeen,
    IdleMeasured,
    NicFacts,
    NicSeen,
    NodeSample,
    Outcome,
    PathProven,
    Phase,
    PhaseStarted,
    RunFinished,
    RunStarted,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
    WarningRaised,
)
from cniadvisor.domain.findings import Component, Confidence, Coverage, Findings, Unknown
from cniadvisor.domain.measurement import (
    CpuUse,
    NicProof,
    NodeLoad,
    PathName,
    Role,
    TestName,
    Trial,
    TrialId,
)
from cniadvisor.domain.plan import NodePair, Plan, PlannedObject, Suite, TargetFacts
from tests.unit.example_nodes import example_node

Events = list[BenchEvent]
MakeTrial = Callable[..., Trial]

GOODPUT = {
    # round -> test -> (pod, host), Mbit/s
    1: {TestName.TCP: (8_910.5, 9_410.25), TestName.TCP_MULTI: (9_380.0, 9_401.0)},
    2: {TestName.TCP: (8_850.0, 9_395.5), TestName.TCP_MULTI: (9_402.0, 9_399.0)},
    3: {TestName.TCP: (8_932.75, 9_402.0), TestName.TCP_MULTI: (9_391.0, 9_406.0)},
}


def cpu(busy: float, *, busiest: float = 60.0) -> CpuUse:
    return CpuUse(
        busy_millicores=busy,
        softirq_millicores=busy / 4,
        irq_millicores=0.0,
        steal_millicores=1.5,
        busiest_core_percent=busiest,
        cores=4,
    )


def trial(
    value: float | None,
    *,
    test: TestName = TestName.TCP,
    path: PathName = PathName.POD,
    number: int = 1,
    attempt: int = 1,
    busy: float = 1500.0,
) -> Trial:
    identity = TrialId(test=test, path=path, round=number, attempt=attempt)
    if value is None:
        return Trial(
            id=identity,
            started_s=40.0 + number,
            duration_s=0.5,
            failure="iperf3: unable to connect to server",
        )
    received = int(value * 1e6 / 8 * 2)
    return Trial(
        id=identity,
        started_s=40.0 + number,
        duration_s=2.25,
        figures={"goodput_mbit_per_s": value, "retransmits": 3.0},
        facts={"congestion_control": "cubic"},
        samples_mbit_per_s=(value - 10, value + 10),
        load={
            Role.CLIENT: NodeLoad(cpu=cpu(busy), memory_used_mib=900.0, window_s=2.0),
            Role.SERVER: NodeLoad(cpu=cpu(busy / 2), memory_used_mib=1100.0, window_s=2.0),
        },
        nic=NicProof(
            interface="eth0",
            rx_bytes=int(received * 1.06),
            tx_bytes=received // 200,
            payload_bytes=received,
        ),
    )


def started_event(*, one_machine: bool = False) -> RunStarted:
    boots = ("3f1b6e1a", "3f1b6e1a") if one_machine else ("3f1b6e1a", "9c0d2b77")
    return RunStarted(
        at_s=0.0,
        started_at="2026-11-22T10:15:00Z",
        tool_version="0.1.0",
        command="cniadvisor bench --headless --suite quick --yes --out report.toml",
        plan=Plan(
            run_id="k7m2q",
            suite=Suite(
                name="quick",
                tests=(TestName.TCP, TestName.TCP_MULTI),
                rounds=3,
                max_rounds=3,
                target_half_width_percent=None,
                duration_s=2.0,
                warm_up_s=1.0,
                idle_s=20.0,
                streams=8,
            ),
            paths=(PathName.POD, PathName.HOST),
            seed=42,
            streams=4,
        ),
        target=TargetFacts(
            kind="kubernetes",
            context="staging",
            server="192.0.2.1:6443",
            server_version="1.36.1",
            namespace="cniadvisor-k7m2q",
            creates_namespace=True,
            creates=(
                PlannedObject(kind="Namespace", name="cniadvisor-k7m2q", purpose="holds the rest"),
                PlannedObject(kind="Job", name="pod-client", purpose="client on the pod network"),
            ),
            image="registry.example/cniadvisor-bench@sha256:0f3c",
            pair=NodePair(
                client=example_node("worker-1", boot_id=boots[0]),
                server=example_node("worker-2", boot_id=boots[1]),
                reason="same architecture, least requested CPU",
            ),
        ),
        findings=Findings(
            primary=Component(
                name="flannel",
                variant="manifest",
                version="0.28.9",
                mode="vxlan",
                mtu=1450,
                encryption="none",
                confidence=Confidence.HIGH,
                coverage=Coverage(nodes=2, of=2),
                evidence=(
                    "DaemonSet kube-flannel/kube-flannel-ds is ready on 2 of 2 nodes",
                    "ConfigMap kube-flannel-cfg names the backend vxlan",
                ),
                details=(("cni_plugin_version", "1.9.1"), ("vni", "1")),
            ),
            residue=(Component(name="calico", evidence=("CRDs of crd.projectcalico.org",)),),
            unknown=(Unknown(what="NetworkPolicy engine", right="list pods"),),
            warnings=("Calico left its CRDs behind",),
            distribution="kubeadm",
            kube_proxy_mode="iptables",
        ),
    )


def sample(at_s: float, role: Role, busy: float, *, nic: bool = True) -> NodeSample:
    return NodeSample(
        at_s=at_s,
        role=role,
        cpu=cpu(busy),
        memory_used_mib=950.0,
        nic_rx_mbit_per_s=9_400.0 if nic else None,
        nic_tx_mbit_per_s=40.0 if nic else None,
    )


def a_run(*, one_machine: bool = False) -> Events:
    """A complete run of the quick suite: every kind of event occurs, in a plausible order."""
    events: Events = [
        started_event(one_machine=one_machine),
        PhaseStarted(at_s=0.1, phase=Phase.OPEN, detail="4 pods"),
        NicSeen(
            at_s=6.0,
            nic=NicFacts(
                role=Role.CLIENT,
                interface="eth0",
                mtu=1500,
                speed_mbit_per_s=10_000,
                driver="ixgbe",
                offloads=("tcp-segmentation-offload", "generic-receive-offload"),
            ),
        ),
        NicSeen(
            at_s=6.0,
            nic=NicFacts(
                role=Role.SERVER,
                interface="eth0",
                mtu=1500,
                speed_mbit_per_s=None,
                driver=None,
                offloads=(),
            ),
        ),
        CpuSeen(at_s=6.0, cpu=CpuFacts(role=Role.CLIENT, model="Intel(R) Xeon(R) Gold 6338")),
        *(
            PathProven(
                at_s=7.0,
                path=path,
                client_address=f"{prefix}.1",
                server_address=f"{prefix}.2",
                interface="eth0",
                mtu=mtu,
                tools={"iperf3": "3.18"},
            )
            for path, prefix, mtu in (
                (PathName.HOST, "192.0.2", 1500),
                (PathName.POD, "10.244.1", 1450),
            )
        ),
        *(
            IdleMeasured(at_s=30.0, role=role, cpu=cpu(120.0), memory_used_mib=870.0, window_s=20.0)
            for role in Role
        ),
        PhaseStarted(at_s=30.0, phase=Phase.MEASURE),
    ]
    at_s = 31.0
    for number, tests in GOODPUT.items():
        for test, (pod, host) in tests.items():
            for path, value, busy in ((PathName.HOST, host, 1000.0), (PathName.POD, pod, 1500.0)):
                done = trial(value, test=test, path=path, number=number, busy=busy)
                events += [
                    TrialStarted(at_s=at_s, trial=done.id),
                    ThroughputSample(at_s=at_s + 1, trial=done.id, second=1.0, mbit_per_s=value),
                    sample(at_s + 1, Role.CLIENT, busy),
                    sample(at_s + 1, Role.SERVER, busy / 2, nic=False),
                    TrialFinished(at_s=at_s + 2.2, trial=done),
                ]
                at_s += 2.5
    events += [
        WarningRaised(
            at_s=at_s,
            code="limit-range",
            text="a LimitRange gave the pods a CPU limit of 500m",
            advice="Use a namespace without a LimitRange.",
        ),
        PhaseStarted(at_s=at_s, phase=Phase.CLOSE),
        CleanupStep(at_s=at_s + 1, what="Job pod-client"),
        CleanupStep(at_s=at_s + 2, what="Namespace cniadvisor-k7m2q", error="still terminating"),
        RunFinished(at_s=at_s + 3, finished_at="2026-11-22T10:16:04Z", outcome=Outcome.COMPLETE),
    ]
    return events


@pytest.fixture
def run_events() -> Events:
    return a_run()


@pytest.fixture
def one_machine_events() -> Events:
    return a_run(one_machine=True)


@pytest.fixture
def make_trial() -> MakeTrial:
    return trial


@pytest.fixture
def make_sample() -> Callable[..., NodeSample]:
    return sample


@pytest.fixture
def run_of() -> Callable[[list[Trial]], Events]:
    """A run whose trials are the given ones, cut off after them."""

    def build(trials: list[Trial]) -> Events:
        start = started_event()
        suite = replace(start.plan.suite, tests=(TestName.TCP,))
        start = replace(start, plan=replace(start.plan, suite=suite))
        return [
            start,
            *(
                TrialFinished(at_s=10.0 + index, trial=finished)
                for index, finished in enumerate(trials)
            ),
        ]

    return build


@pytest.fixture
def run_started_with() -> Callable[[TestName], RunStarted]:
    """The first event of a run of one test."""

    def build(test: TestName) -> RunStarted:
        start = started_event()
        suite = replace(start.plan.suite, tests=(test,))
        return replace(start, plan=replace(start.plan, suite=suite))

    return build

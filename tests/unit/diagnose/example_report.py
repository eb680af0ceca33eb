"""Reports of small runs, made the way real ones are: from events through the report builder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cniadvisor.domain.events import (
    BenchEvent,
    NicFacts,
    NicSeen,
    Outcome,
    PathProven,
    RunFinished,
    RunStarted,
    TrialFinished,
    WarningRaised,
)
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.measurement import (
    FIGURES,
    CpuUse,
    NicProof,
    NodeLoad,
    PathName,
    Role,
    TestName,
    Trial,
    TrialId,
)
from cniadvisor.domain.plan import NodePair, Plan, Suite, TargetFacts
from cniadvisor.domain.report import Report
from cniadvisor.report.builder import ReportBuilder
from tests.unit.example_nodes import example_node

FLANNEL = Component(name="flannel", mode="vxlan", mtu=1450, encryption="none")
OFFLOADS = ("tx-checksumming", "tcp-segmentation-offload", "generic-receive-offload")


def cpu(
    *, busiest: float = 60.0, busy: float = 1500.0, softirq: float = 300.0, cores: int = 4
) -> CpuUse:
    return CpuUse(
        busy_millicores=busy,
        softirq_millicores=softirq,
        irq_millicores=0.0,
        steal_millicores=0.0,
        busiest_core_percent=busiest,
        cores=cores,
    )


def trials(
    test: TestName,
    path: PathName,
    values: Sequence[float],
    *,
    use: CpuUse | None = None,
    nic_ratio: float | None = 1.06,
    figures: Mapping[str, float] | None = None,
) -> list[Trial]:
    """One trial a round; ``nic_ratio`` is the NIC's bytes over the payload, None: not counted."""
    payload = 1_000_000_000
    return [
        Trial(
            id=TrialId(test=test, path=path, round=number),
            started_s=10.0 * number,
            duration_s=2.0,
            figures={FIGURES[test].key: value, **(figures or {})},
            load={Role.CLIENT: NodeLoad(cpu=use or cpu(), memory_used_mib=900.0, window_s=2.0)},
            nic=None
            if nic_ratio is None
            else NicProof(
                interface="eth0",
                rx_bytes=int(payload * nic_ratio),
                tx_bytes=payload // 200,
                payload_bytes=payload,
            ),
        )
        for number, value in enumerate(values, 1)
    ]


def failed(test: TestName, path: PathName, number: int = 1) -> Trial:
    return Trial(
        id=TrialId(test=test, path=path, round=number),
        started_s=10.0,
        duration_s=2.0,
        failure="iperf3: control socket has closed unexpectedly",
    )


@dataclass(frozen=True, kw_only=True)
class Example:
    """A healthy run over Flannel on a 10 Gbit/s wire, unless told otherwise."""

    trials: Sequence[Trial] = field(default_factory=lambda: healthy())
    primary: Component | None = FLANNEL
    pod_mtu: int | None = 1450
    nic_mtu: int | None = 1500
    offloads: tuple[str, ...] = OFFLOADS
    driver: str = "ixgbe"
    host: bool = True
    address: str = "192.0.2.2"
    pod_address: str = "10.244.1.2"
    boots: tuple[str, str] = ("3f1b6e1a", "9c0d2b77")
    notices: Sequence[tuple[str, str]] = ()

    def report(self) -> Report:
        build = ReportBuilder()
        for event in self._events():
            build(event)
        return build.report()

    def _events(self) -> list[BenchEvent]:
        tests = tuple(dict.fromkeys(trial.id.test for trial in self.trials)) or (TestName.TCP,)
        proven = [(PathName.POD, self.pod_address, self.pod_mtu)]
        proven += [(PathName.HOST, self.address, self.nic_mtu)] if self.host else []
        return [
            RunStarted(
                at_s=0.0,
                started_at="2026-11-22T10:15:00Z",
                tool_version="0.1.0",
                command="cniadvisor bench --headless --suite quick",
                plan=_plan(tests),
                target=_target(self.boots),
                findings=Findings(primary=self.primary),
            ),
            *(
                PathProven(
                    at_s=5.0,
                    path=path,
                    client_address=address,
                    server_address=address,
                    interface="eth0",
                    mtu=mtu,
                    tools={"iperf3": "3.18"},
                )
                for path, address, mtu in proven
            ),
            *(
                NicSeen(
                    at_s=6.0,
                    nic=NicFacts(
                        role=role,
                        interface="eth0",
                        mtu=self.nic_mtu,
                        speed_mbit_per_s=10_000,
                        driver=self.driver,
                        offloads=self.offloads,
                    ),
                )
                for role in (Role if self.host else ())
            ),
            *(WarningRaised(at_s=7.0, code=code, text=text) for code, text in self.notices),
            *(TrialFinished(at_s=40.0, trial=trial) for trial in self.trials),
            RunFinished(at_s=90.0, finished_at="2026-11-22T10:16:30Z", outcome=Outcome.COMPLETE),
        ]


def healthy() -> list[Trial]:
    return [
        *trials(TestName.TCP, PathName.POD, (8900.0, 8910.0, 8890.0)),
        *trials(TestName.TCP, PathName.HOST, (9400.0, 9410.0, 9390.0)),
    ]


def _plan(tests: tuple[TestName, ...]) -> Plan:
    suite = Suite(
        name="quick",
        tests=tests,
        rounds=3,
        max_rounds=3,
        target_half_width_percent=None,
        duration_s=2.0,
        warm_up_s=1.0,
        idle_s=20.0,
        streams=8,
    )
    return Plan(run_id="k7m2q", suite=suite, paths=tuple(PathName), seed=42, streams=4)


def _target(boots: tuple[str, str]) -> TargetFacts:
    return TargetFacts(
        kind="kubernetes",
        context="staging",
        server="192.0.2.1:6443",
        server_version="1.36.1",
        namespace="cniadvisor-k7m2q",
        creates_namespace=True,
        creates=(),
        image="registry.example/bench@sha256:0f3c",
        pair=NodePair(
            client=example_node("worker-1", boot_id=boots[0]),
            server=example_node("worker-2", boot_id=boots[1]),
            reason="least requested CPU",
        ),
    )

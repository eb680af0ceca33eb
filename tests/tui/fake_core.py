"""A product without a cluster, for tests of the app: it answers what the test says."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.prefill import Found
from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.domain.findings import (
    Component,
    Confidence,
    Considered,
    Coverage,
    Evidence,
    Explanation,
    Findings,
    Unknown,
)
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import (
    NodeFacts,
    NodePair,
    Plan,
    PlannedObject,
    Suite,
    TargetFacts,
)
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.core import Context, Overview, ReferenceReports
from cniadvisor.tui.runs import (
    LabChoices,
    LabWiring,
    PlannedRun,
    ReplayHandle,
    RunChoices,
    RunHandle,
)
from tests.tui.told_run import ToldReplay, ToldRun
from tests.unit.advise.shipped import shipped
from tests.unit.example_nodes import example_node

FLANNEL = Component(
    name="flannel",
    variant="manifest",
    version="0.27.4",
    mode="vxlan",
    mtu=1450,
    encryption="none",
    confidence=Confidence.HIGH,
    coverage=Coverage(nodes=3, of=3),
    evidence=(
        "DaemonSet kube-flannel/kube-flannel-ds: 3 of 3 pods ready",
        "annotation flannel.alpha.coreos.com/backend-type on 3 of 3 nodes",
    ),
)

FINDINGS = Findings(
    primary=FLANNEL,
    unknown=(Unknown(what="network policies", right="list networkpolicies.networking.k8s.io"),),
    warnings=("a node runs an MTU of 1500 bytes while the pods' is 1450 bytes",),
    distribution="kubeadm",
    kube_proxy_mode="iptables",
)

EXPLANATION = Explanation(
    considered=(
        Considered(
            name="flannel",
            slot="primary",
            confidence=Confidence.HIGH,
            evidence=(Evidence(rank=1, text="its agent is ready on 3 of 3 nodes"),),
        ),
    ),
    settle=("read the nodes' /etc/cni/net.d",),
)

SEEN_AT = "2026-11-20T10:00:00+00:00"

OVERVIEW = Overview(
    context="dev",
    server="192.0.2.10:6443",
    cluster_id="c1",
    server_version="1.36.1",
    seen_at=SEEN_AT,
    node_count=3,
    findings=FINDINGS,
    explanation=EXPLANATION,
)

NODES = (
    example_node("node1", zone="a"),
    example_node("node2", zone="a"),
    example_node("node3", zone="b", schedulable=False),
)

SUITE = Suite(
    name="quick",
    tests=(TestName.TCP, TestName.UDP),
    rounds=3,
    max_rounds=3,
    target_half_width_percent=None,
    duration_s=5.0,
    warm_up_s=2.0,
    idle_s=5.0,
    streams=8,
)


@dataclass(kw_only=True)
class FakeCore:
    """See the module. ``looks`` are answered one after the other, the last one for ever.

    ``gate`` holds back what asks the cluster until the test sets it.
    """

    settings: Settings = field(default_factory=Settings)
    saved: Overview | None = None
    probe: PolicyProbe | None = None
    looks: list[Overview | CniAdvisorError] = field(default_factory=lambda: [OVERVIEW])
    known_contexts: tuple[Context, ...] | CniAdvisorError = (
        Context(name="dev", namespace="", protected=False),
        Context(name="eu-prod-1", namespace="", protected=True),
    )
    known_namespaces: tuple[str, ...] | CniAdvisorError = ("default", "benchmarks")
    known_nodes: tuple[NodeFacts, ...] = NODES
    refusal: CniAdvisorError | None = None
    plan_error: CniAdvisorError | None = None
    problems: tuple[CniAdvisorError, ...] = ()
    context: str = "dev"
    run: RunHandle | None = None
    recording: ReplayHandle | CniAdvisorError | None = None
    places: tuple[Path, ...] = ()
    known_references: tuple[ReferenceReports, ...] | CniAdvisorError = ()
    known_catalogue: Catalogue | CniAdvisorError | None = None
    found: Mapping[str, Found] | CniAdvisorError = field(default_factory=dict[str, Found])
    gate: asyncio.Event | None = None
    planned_for: list[RunChoices] = field(default_factory=list[RunChoices])
    started: list[PlannedRun] = field(default_factory=list[PlannedRun])
    lab_started: list[LabChoices] = field(default_factory=list[LabChoices])

    def saved_overview(self) -> Overview | None:
        return self.saved

    def last_probe(self) -> PolicyProbe | None:
        return self.probe

    async def look(self) -> Overview:
        if self.gate is not None:
            await self.gate.wait()
        answer = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(answer, CniAdvisorError):
            raise answer
        return answer

    async def contexts(self) -> tuple[Context, ...]:
        if isinstance(self.known_contexts, CniAdvisorError):
            raise self.known_contexts
        return self.known_contexts

    def use(self, *, context: str | None, namespace: str | None) -> None:
        self.settings = replace(self.settings, context=context, namespace=namespace)

    async def namespaces(self) -> tuple[str, ...]:
        if isinstance(self.known_namespaces, CniAdvisorError):
            raise self.known_namespaces
        return self.known_namespaces

    async def nodes(self) -> tuple[NodeFacts, ...]:
        return self.known_nodes

    def suites(self) -> tuple[str, ...]:
        return ("quick", "standard", "thorough")

    async def plan(self, choices: RunChoices) -> PlannedRun:
        self.planned_for.append(choices)
        settings = self.settings
        if self.gate is not None:
            await self.gate.wait()
        if self.plan_error is not None:
            raise self.plan_error
        nodes = {node.name: node for node in self.known_nodes}
        pair = NodePair(
            client=nodes[choices.client_node or "node1"],
            server=nodes[choices.server_node or "node2"],
            reason="least CPU requested, same architecture and zone",
        )
        suite = replace(SUITE, name=choices.suite, tests=choices.tests or SUITE.tests)
        if choices.repeats is not None:
            suite = replace(suite, rounds=choices.repeats, max_rounds=choices.repeats)
        plan = Plan(
            run_id="0badcafe",
            suite=suite,
            paths=tuple(PathName),
            seed=7,
            streams=4,
            probes_policy=choices.probes_policy,
        )
        return PlannedRun(
            choices=choices,
            plan=plan,
            target=self._target(pair, choices, settings.context or self.context),
            findings=FINDINGS,
            command="cniadvisor bench --headless --suite quick --seed 7",
            problems=self.problems,
        )

    def _target(self, pair: NodePair, choices: RunChoices, context: str) -> TargetFacts:
        return TargetFacts(
            kind="kubernetes",
            context=context,
            server="192.0.2.10:6443",
            server_version="1.36.1",
            namespace="cniadvisor-0badcafe",
            creates_namespace=True,
            creates=(
                PlannedObject(kind="Namespace", name="cniadvisor-0badcafe", purpose="the run's"),
                PlannedObject(kind="Job", name="pod-client", purpose="the client pod on node1"),
            ),
            image=choices.image or "localhost/cniadvisor-bench:0.1-abc",
            pair=pair,
        )

    def start(self, planned: PlannedRun) -> RunHandle:
        if self.run is not None and self.run.end is None:
            raise UsageError("a run is under way")
        self.started.append(planned)
        self.run = ToldRun()
        return self.run

    async def lab_refusal(self) -> CniAdvisorError | None:
        return self.refusal

    def start_lab(self, choices: LabChoices) -> RunHandle:
        self.lab_started.append(choices)
        self.run = ToldRun(streams=choices.wirings)
        return self.run

    async def wirings(self) -> tuple[LabWiring, ...]:
        return tuple(
            LabWiring(name=name, words=f"{name}: the kernel's")
            for name in ("flannel-vxlan", "flannel-host-gw", "canal")
        )

    def has_recording(self) -> bool:
        return self.recording is not None

    def replay(self, recording: Path | None, *, speed: float) -> ReplayHandle:
        if isinstance(self.recording, CniAdvisorError):
            raise self.recording
        replayed = self.recording or ToldReplay()
        replayed.speed = speed
        return replayed

    async def catalogue(self) -> Catalogue:
        if isinstance(self.known_catalogue, CniAdvisorError):
            raise self.known_catalogue
        return self.known_catalogue or shipped()

    async def prefilled(self, catalogue: Catalogue) -> Mapping[str, Found]:
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.found, CniAdvisorError):
            raise self.found
        return self.found

    def report_places(self) -> tuple[Path, ...]:
        return self.places

    async def references(self) -> tuple[ReferenceReports, ...]:
        if isinstance(self.known_references, CniAdvisorError):
            raise self.known_references
        return self.known_references

"""A scripted target: endpoints that replay what real tools printed, with faults on request."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cniadvisor.bench.driver import Driver
from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.bench.endpoints import (
    CleanupListener,
    Command,
    Endpoint,
    Endpoints,
    Exit,
    RunningCommand,
    Service,
)
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.turns import Turns
from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.domain.plan import NodeFacts, NodePair, Plan, Suite, TargetFacts
from tests.unit.example_nodes import example_node

GOLDEN = Path(__file__).parents[2] / "golden" / "iperf3-3.18"
CLIENT_ADDRESS = "10.0.0.1"


def node(name: str = "node1", **changes: object) -> NodeFacts:
    usual: dict[str, object] = {"boot_id": f"boot-{name}", "cpu_millicores": 2000}
    return example_node(name, **(usual | changes))


@pytest.fixture
def make_node() -> Callable[..., NodeFacts]:
    return node


Answer = Callable[[], AsyncIterator[bytes]]


async def golden_lines(name: str) -> AsyncIterator[bytes]:
    for line in (GOLDEN / name).read_bytes().splitlines():
        yield line


@dataclass
class ScriptedCommand:
    source: AsyncIterator[bytes]
    status: int

    async def lines(self) -> AsyncIterator[bytes]:
        async for line in self.source:
            yield line

    async def exit(self) -> Exit:
        return Exit(status=self.status, stderr="")


@dataclass
class ScriptedEndpoint:
    role: Role
    path: PathName
    node: str
    address: str
    ports: Mapping[Service, int]
    target: "ScriptedTarget"

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        return self._started(command)

    @asynccontextmanager
    async def _started(self, command: Command) -> AsyncGenerator[RunningCommand]:
        self.target.commands.append((self.path, command))
        if command.argv[0] != "iperf3":
            yield ScriptedCommand(golden_lines("nothing.txt"), 1)
            return
        streams = command.argv[command.argv.index("--parallel") + 1]
        answer = self.target.answer(self.path, streams)
        try:
            yield ScriptedCommand(answer.source, answer.status)
        finally:
            self.target.stopped += 1

    async def counters(self) -> AsyncIterator[bytes]:
        header = {"sampler": 1, "interface": "eth0", "mtu": 1450}
        yield json.dumps(header).encode()
        for n in range(100_000):
            t = asyncio.get_running_loop().time()
            line: dict[str, object] = {"t": t, "rx": n * 10**10, "tx": n}
            line |= {"cpu": [[n * 10, 0, 0, n * 10, 0, 0, n, 0]] * 3, "hz": 100}
            yield json.dumps(line | {"mem": [2048, 1024], "self": 0.0}).encode()
            await asyncio.sleep(0.01)


@dataclass
class ScriptedTarget:
    """``answers`` maps a path to what its next iperf3 runs print; the last one repeats.

    ``answers_of`` does so for every run with so many streams.
    """

    answers: dict[PathName, list[ScriptedCommand | Callable[[], ScriptedCommand]]] = field(
        default_factory=dict[PathName, list["ScriptedCommand | Callable[[], ScriptedCommand]"]]
    )
    answers_of: dict[tuple[str, PathName], Callable[[], ScriptedCommand]] = field(
        default_factory=dict[tuple[str, PathName], Callable[[], ScriptedCommand]]
    )
    refused: dict[PathName, str] = field(default_factory=dict[PathName, str])
    open_error: BaseException | None = None
    close_error: BaseException | None = None
    close_takes_s: float = 0.0
    trouble_told: str | None = None
    same_machine: bool = False
    commands: list[tuple[PathName, Command]] = field(default_factory=list[tuple[PathName, Command]])
    stopped: int = 0
    closed: int = 0

    def answer(self, path: PathName, streams: str) -> ScriptedCommand:
        if (streams, path) in self.answers_of:
            return self.answers_of[streams, path]()
        queue = self.answers.get(path, [])
        if not queue:
            return ScriptedCommand(golden_lines("tcp.jsonl"), 0)
        made = queue.pop(0) if len(queue) > 1 else queue[0]
        return made if isinstance(made, ScriptedCommand) else made()

    def facts(self) -> TargetFacts:
        second = node("node2", internal_ip="10.0.0.2")
        if self.same_machine:
            second = node("node2", internal_ip="10.0.0.2", boot_id="boot-node1")
        return TargetFacts(
            kind="kubernetes",
            context="test",
            server="127.0.0.1:6443",
            server_version="1.34.4",
            namespace="cniadvisor-test",
            creates_namespace=True,
            creates=(),
            image="localhost/bench:1",
            pair=NodePair(client=node(), server=second, reason="test"),
        )

    async def open(self, plan: Plan, progress: Callable[[str], None]) -> Endpoints:
        progress("opening")
        if self.open_error is not None:
            raise self.open_error
        opened: dict[tuple[Role, PathName], Endpoint] = {}
        for path in plan.paths:
            if path in self.refused:
                continue
            for role in Role:
                opened[role, path] = ScriptedEndpoint(
                    role=role,
                    path=path,
                    node=f"node-of-{role}",
                    address=CLIENT_ADDRESS if role is Role.CLIENT else "10.0.0.2",
                    ports={Service.IPERF3: 5201} if role is Role.SERVER else {},
                    target=self,
                )
        return Endpoints(opened=opened, refused=self.refused)

    async def trouble(self) -> str | None:
        return self.trouble_told

    async def close(self, removed: CleanupListener) -> None:
        await asyncio.sleep(self.close_takes_s)
        self.closed += 1
        if self.close_error is not None:
            raise self.close_error
        removed("namespace cniadvisor-test", None)


@pytest.fixture
def target() -> ScriptedTarget:
    return ScriptedTarget()


def suite(**changes: object) -> Suite:
    values: dict[str, object] = {
        "name": "test",
        "tests": (TestName.TCP,),
        "rounds": 3,
        "max_rounds": 3,
        "target_half_width_percent": None,
        "duration_s": 2.0,
        "warm_up_s": 1.0,
        "idle_s": 0.05,
        "streams": 8,
    }
    return Suite(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def make_suite() -> Callable[..., Suite]:
    return suite


@pytest.fixture
def events() -> list[BenchEvent]:
    return []


@pytest.fixture
def make_session(target: ScriptedTarget, events: list[BenchEvent]) -> Callable[..., Session]:
    def make(
        *,
        at: ScriptedTarget | None = None,
        told: list[BenchEvent] | None = None,
        turns: Turns | None = None,
        **suite_changes: object,
    ) -> Session:
        plan = Plan(
            run_id="r1", suite=suite(**suite_changes), paths=tuple(PathName), seed=7, streams=2
        )
        drivers: dict[TestName, Driver] = {
            TestName.TCP: Iperf3Tcp(streams=1),
            TestName.TCP_MULTI: Iperf3Tcp(streams=2),
        }
        return Session(
            plan=plan,
            target=at or target,
            drivers=drivers,
            story=Story(findings=Findings(), command="cniadvisor bench", tool_version="0"),
            sinks=[(events if told is None else told).append],
            turns=turns,
        )

    return make


@pytest.fixture
def failing() -> Callable[[str], Callable[[], ScriptedCommand]]:
    """Return a maker of commands that print a golden failure and exit with 1."""

    def make(name: str) -> Callable[[], ScriptedCommand]:
        return lambda: ScriptedCommand(golden_lines(name), 1)

    return make


@pytest.fixture
def working() -> Callable[[], ScriptedCommand]:
    return lambda: ScriptedCommand(golden_lines("tcp.jsonl"), 0)

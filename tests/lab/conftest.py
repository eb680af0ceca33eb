"""Labs for real: they need root, apt and, when the cache is cold, Debian's archive.

What is seen of them from outside is counted before and after each test: a lab leaves nothing.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path

import pytest

from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.tests import drivers_for
from cniadvisor.bench.turns import Turns
from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.lab.findings import lab_findings
from cniadvisor.lab.ground import Ground, open_ground
from cniadvisor.lab.rootfs import Tools, prepared_tools
from cniadvisor.lab.target import LabTarget
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS
from tests.lab.traces import Traces, traces
from tests.priority import before_others


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.root)


@pytest.fixture(autouse=True)
def possible() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    if shutil.which("apt-get") is None:
        pytest.skip("needs apt: the tools are Debian packages")


@pytest.fixture(autouse=True)
def nothing_left(possible: None) -> Generator[Traces]:
    """Nothing of a lab is seen on the machine afterwards; yields what was there before."""
    before = traces()
    yield before
    left = before.new_within(10)
    assert not left, f"a lab left {left}"


@pytest.fixture
def preferred(possible: None) -> Generator[None]:
    """What is started meanwhile goes before what else the machine does."""
    with before_others():
        yield


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The tools from the cache; the first time they are fetched."""

    async def prepare() -> Tools:
        async with prepared_tools(print) as tools:
            return tools

    return asyncio.run(prepare())


@pytest.fixture
async def ground() -> AsyncGenerator[Ground]:
    async with open_ground() as ground:
        yield ground


@pytest.fixture
def flannel_vxlan() -> Wiring:
    return WIRINGS["flannel-vxlan"](NODES)


@pytest.fixture
def events() -> list[BenchEvent]:
    return []


@pytest.fixture
def session_of(ground: Ground, tools: Tools, events: list[BenchEvent]) -> Callable[..., Session]:
    """Make a session in a wiring: ``session_of(wiring, tests, rounds=1, duration_s=1.0)``."""

    def make(
        wiring: Wiring,
        tests: tuple[TestName, ...],
        *,
        rounds: int = 1,
        duration_s: float = 1.0,
        run_id: str = "r1",
        turns: Turns | None = None,
    ) -> Session:
        suite = Suite(
            name="test",
            tests=tests,
            rounds=rounds,
            max_rounds=rounds,
            target_half_width_percent=None,
            duration_s=duration_s,
            warm_up_s=1,
            idle_s=0.5,
            streams=2,
        )
        plan = Plan(run_id=run_id, suite=suite, paths=tuple(PathName), seed=1, streams=2)
        target = LabTarget(
            ground,
            tools=tools,
            wiring=wiring,
            wire=Wire(),
            run_id=run_id,
            paths=plan.paths,
            tests=tests,
        )
        return Session(
            plan=plan,
            target=target,
            drivers=drivers_for(plan),
            story=Story(findings=lab_findings(wiring), command="", tool_version="0"),
            sinks=[events.append],
            turns=turns,
        )

    return make

"""Sessions that share a machine never measure at once, and never wait for one that is gone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cniadvisor.bench.session import Session
from cniadvisor.bench.turns import Turns
from cniadvisor.domain.errors import BenchmarkError, ClusterError
from cniadvisor.domain.events import (
    BenchEvent,
    CleanupStep,
    Phase,
    PhaseStarted,
    TrialFinished,
    TrialStarted,
)
from cniadvisor.domain.measurement import PathName, TestName

Make = Callable[..., Session]
Said = tuple[str, BenchEvent]


class Ear(list[BenchEvent]):
    """Keeps the events of several sessions in the order in which they were told."""

    def __init__(self, name: str, heard: list[Said]) -> None:
        super().__init__()
        self._name = name
        self._heard = heard

    def append(self, event: BenchEvent, /) -> None:
        super().append(event)
        self._heard.append((self._name, event))


async def run(session: Session) -> None:
    async with session:
        await session.run()


@pytest.fixture
def heard() -> list[Said]:
    return []


@pytest.fixture
def two(make_session: Make, target: Any, heard: list[Said]) -> Callable[..., list[Session]]:
    def make(**changes: Any) -> list[Session]:
        turns = Turns(2)
        return [
            make_session(at=at, told=Ear(name, heard), turns=turns, **changes)
            for name, at in (("a", target), ("b", type(target)()))
        ]

    return make


async def test_pairs_alternate_and_never_overlap(
    two: Callable[..., list[Session]], heard: list[Said]
) -> None:
    await asyncio.gather(*(run(one) for one in two(tests=(TestName.TCP, TestName.TCP_MULTI))))

    under_way: list[str] = []
    began: list[str] = []
    for name, event in heard:
        if isinstance(event, TrialStarted):
            under_way.append(name)
            began.append(name)
        if isinstance(event, TrialFinished):
            under_way.remove(name)
        assert len(under_way) <= 1, "one trial at a time"
    turns = began[::2]
    assert turns == began[1::2], "both trials of a pair follow each other"
    assert set(turns[:2]) == {"a", "b"}
    assert turns == turns[:2] * 6, "and the sessions alternate"


async def test_idle_nodes_are_watched_when_nobody_measures(
    two: Callable[..., list[Session]], heard: list[Said]
) -> None:
    await asyncio.gather(*(run(one) for one in two(idle_s=0.4)))
    phases = [
        event.phase
        for _, event in heard
        if isinstance(event, PhaseStarted) and event.phase in (Phase.IDLE, Phase.MEASURE)
    ]
    assert phases == [Phase.IDLE, Phase.IDLE, Phase.MEASURE, Phase.MEASURE]


async def test_nothing_is_removed_while_the_other_still_measures(
    two: Callable[..., list[Session]], heard: list[Said]
) -> None:
    await asyncio.gather(*(run(one) for one in two()))
    last_trial = max(n for n, (_, event) in enumerate(heard) if isinstance(event, TrialFinished))
    first_removal = min(n for n, (_, event) in enumerate(heard) if isinstance(event, CleanupStep))
    assert last_trial < first_removal


async def test_one_that_cannot_open_is_not_waited_for(
    two: Callable[..., list[Session]], target: Any, heard: list[Said]
) -> None:
    target.open_error = ClusterError("no such place")
    async with asyncio.timeout(10):
        first, second = await asyncio.gather(*(run(one) for one in two()), return_exceptions=True)
    assert isinstance(first, ClusterError)
    assert second is None
    assert [name for name, event in heard if isinstance(event, TrialFinished)] == ["b"] * 6


async def test_one_that_stops_half_way_is_not_waited_for(
    two: Callable[..., list[Session]], target: Any, failing: Any, heard: list[Said]
) -> None:
    async with asyncio.timeout(10):
        first, second = two()
        doomed = asyncio.create_task(run(first))
        other = asyncio.create_task(run(second))
        while not any(name == "a" and isinstance(event, TrialFinished) for name, event in heard):
            await asyncio.sleep(0)
        doomed.cancel()
        outcomes = await asyncio.gather(doomed, other, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert outcomes[1] is None


async def test_one_whose_servers_do_not_answer_is_not_waited_for(
    two: Callable[..., list[Session]], target: Any, failing: Any
) -> None:
    async with asyncio.timeout(10):
        broken = failing("refused.jsonl")
        target.answers = {path: [broken] for path in PathName}
        outcomes = await asyncio.gather(*(run(one) for one in two()), return_exceptions=True)
    assert isinstance(outcomes[0], BenchmarkError)
    assert outcomes[1] is None

"""Each node's CPU is told once, by the endpoint that speaks for the node."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cniadvisor.bench.endpoints import Endpoints
from cniadvisor.bench.session import Session
from cniadvisor.domain.events import BenchEvent, CpuFacts, CpuSeen
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.domain.plan import Plan


@pytest.fixture
def named(target: Any) -> Any:
    """A target whose samplers name role and path as their CPU."""
    opened = target.open

    async def open_(plan: Plan, progress: Callable[[str], None]) -> Endpoints:
        endpoints = await opened(plan, progress)
        for endpoint in endpoints.opened.values():
            endpoint.counters = with_model(endpoint.counters, f"{endpoint.role} {endpoint.path}")
        return endpoints

    target.open = open_
    return target


def with_model(
    counters: Callable[[], AsyncIterator[bytes]], model: str
) -> Callable[[], AsyncIterator[bytes]]:
    async def lines() -> AsyncIterator[bytes]:
        header = {"sampler": 1, "interface": "eth0", "mtu": 1450, "cpu_model": model}
        yield json.dumps(header).encode()
        async for line in counters():
            if b"sampler" not in line:
                yield line

    return lines


def told(events: list[BenchEvent]) -> list[CpuFacts]:
    return [event.cpu for event in events if isinstance(event, CpuSeen)]


async def test_both_cpus_are_told_once(
    make_session: Callable[..., Session], named: Any, events: list[BenchEvent]
) -> None:
    async with make_session() as session:
        await session.run()
    assert told(events) == [
        CpuFacts(role=Role.CLIENT, model="client host"),
        CpuFacts(role=Role.SERVER, model="server host"),
    ]


async def test_without_host_pods_the_pod_network_speaks(
    make_session: Callable[..., Session], named: Any, events: list[BenchEvent]
) -> None:
    named.refused = {PathName.HOST: "no"}
    async with make_session() as session:
        await session.run()
    assert [cpu.model for cpu in told(events)] == ["client pod", "server pod"]


async def test_a_kernel_that_names_none_is_not_guessed(
    make_session: Callable[..., Session], events: list[BenchEvent]
) -> None:
    async with make_session() as session:
        await session.run()
    assert told(events) == []

"""A wiring by itself: its places, wired, with no servers and nothing measured."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.target import LabTarget
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS

GROUP = "wired"
"""What its places are called in the ground."""


@asynccontextmanager
async def wired(ground: Ground, tools: Tools, name: str) -> AsyncGenerator[Wiring]:
    """Make a wiring with an unshaped wire; leaving the context removes it."""
    wiring = WIRINGS[name](NODES)
    suite = Suite(
        name="nothing",
        tests=(),
        rounds=1,
        max_rounds=1,
        target_half_width_percent=None,
        duration_s=1.0,
        warm_up_s=0.0,
        idle_s=0.0,
        streams=1,
    )
    plan = Plan(run_id=GROUP, suite=suite, paths=(), seed=1, streams=1)
    target = LabTarget(
        ground,
        tools=tools,
        wiring=wiring,
        wire=Wire(),
        run_id=GROUP,
        paths=(),
        tests=(),
    )
    try:
        await target.open(plan, lambda _: None)
        yield wiring
    finally:
        await target.close(lambda _what, _error: None)

"""A lab in a process of its own, for tests that end it badly: says ``open`` and waits."""

import asyncio
import sys

from cniadvisor.bench.endpoints import Command, Endpoint
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.lab.ground import open_ground
from cniadvisor.lab.rootfs import prepared_tools
from cniadvisor.lab.target import LabTarget
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wirings.catalogue import WIRINGS

TESTS = (TestName.TCP, TestName.HTTP, TestName.FTP, TestName.SCP, TestName.LATENCY_TCP)


async def main() -> None:
    """Open a lab with every server and a transfer under way, and wait to be ended."""
    suite = Suite(
        name="test",
        tests=TESTS,
        rounds=1,
        max_rounds=1,
        target_half_width_percent=None,
        duration_s=1,
        warm_up_s=1,
        idle_s=1,
        streams=1,
    )
    plan = Plan(run_id="r1", suite=suite, paths=tuple(PathName), seed=1, streams=1)
    async with prepared_tools(_say) as tools, open_ground() as ground:
        target = LabTarget(
            ground,
            tools=tools,
            wiring=WIRINGS["flannel-vxlan"](NODES),
            wire=Wire(),
            run_id="r1",
            paths=plan.paths,
            tests=suite.tests,
        )
        endpoints = await target.open(plan, _say)
        client: Endpoint = endpoints.client(PathName.POD)
        async with client.start(Command(argv=("sleep", "300"), deadline_s=600)):
            print("open", flush=True)
            await asyncio.sleep(300)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(main())

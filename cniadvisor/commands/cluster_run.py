"""A benchmark on a cluster, for every face: read, plan, and the session that measures."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cniadvisor import __version__
from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.stream import Sink
from cniadvisor.bench.tests import drivers_for
from cniadvisor.commands.bench_choices import BenchOptions, equivalent_command, make_plan
from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.plan import NodePair, Plan, Suite
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.metrics.agents import agents_of
from cniadvisor.metrics.watch import watch_agents


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """A run written down, with what was read for it. Nothing is created yet.

    Attributes:
        namespace: one that exists; None makes one for the run.
        command: the command that measures the same again.
    """

    inventory: Inventory
    findings: Findings
    plan: Plan
    pair: NodePair
    image: str
    image_pull_secret: str | None
    namespace: str | None
    command: str


async def prepare(
    connection: Connection, settings: Settings, options: BenchOptions, suite: Suite, image: str
) -> PreparedRun:
    """Read the cluster, detect, choose the nodes and plan.

    Raises:
        UsageError: no two nodes can serve, or one that was named.
        ClusterError: the cluster can't be read. AccessError: with the right that is missing.
    """
    inventory, nodes = await asyncio.gather(read_inventory(connection), read_nodes(connection))
    pair = choose_pair(nodes, client=options.client_node, server=options.server_node)
    plan = make_plan(suite, pair, seed=options.seed, max_rate_mbit_per_s=options.max_rate)
    return PreparedRun(
        inventory=inventory,
        findings=detect(inventory),
        plan=plan,
        pair=pair,
        image=image,
        image_pull_secret=options.image_pull_secret,
        namespace=settings.namespace,
        command=equivalent_command(settings, options, plan, pair),
    )


def target_of(connection: Connection, run: PreparedRun) -> KubernetesTarget:
    """Return the place where a prepared run happens."""
    return KubernetesTarget(
        connection,
        run_id=run.plan.run_id,
        paths=run.plan.paths,
        tests=run.plan.suite.tests,
        pair=run.pair,
        image=run.image,
        image_pull_secret=run.image_pull_secret,
        namespace=run.namespace,
        probes_policy=run.plan.probes_policy,
        server_version=server_version(run.inventory),
    )


@asynccontextmanager
async def session_of(
    connection: Connection, run: PreparedRun, target: KubernetesTarget, *, sinks: Sequence[Sink]
) -> AsyncGenerator[Session]:
    """Yield the session of a prepared run, not begun; the CNI's agents are watched meanwhile."""
    agents = agents_of(run.inventory, run.findings)
    async with watch_agents(connection.access, agents, run.pair) as watch:
        yield Session(
            plan=run.plan,
            target=target,
            drivers=drivers_for(run.plan),
            story=Story(
                findings=run.findings,
                command=run.command,
                tool_version=__version__,
                agents=watch.measured,
            ),
            sinks=(*sinks, watch),
        )


def server_version(inventory: Inventory) -> str:
    """Return the version of the API server, without a leading v."""
    body = inventory.body("/version") or {}
    return printable(str(body.get("gitVersion", "unknown"))).removeprefix("v")

"""A run on a cluster, for every face: read, plan, and the session that probes and measures."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from cniadvisor import __version__
from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.stream import Sink
from cniadvisor.bench.tests import drivers_for
from cniadvisor.commands.bench_choices import BenchOptions, equivalent_command, make_plan
from cniadvisor.commands.saved.probe import probes_folder, save_probe
from cniadvisor.detect.detection import detect
from cniadvisor.domain.events import BenchEvent, PolicyProbed
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.plan import NodePair, Plan, Suite
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.k8s.access import Purpose, require_rights
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.metrics.agents import agents_of
from cniadvisor.metrics.watch import watch_agents
from cniadvisor.probe.network_policy import probe_network_policy


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
    plan = make_plan(
        suite,
        pair,
        seed=options.seed,
        max_rate_mbit_per_s=options.max_rate,
        probes_policy=options.probes_policy,
    )
    return PreparedRun(
        inventory=inventory,
        findings=detect(inventory),
        plan=plan,
        pair=pair,
        image=image,
        image_pull_secret=options.image_pull_secret,
        namespace=settings.namespace,
        command=equivalent_command(settings, options, plan, pair, context=connection.context),
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


async def require_rights_for(connection: Connection, run: PreparedRun) -> None:
    """Raise unless the user has every right that a prepared run can't do without.

    Raises:
        AccessError: names all that is missing, and how to grant it.
        ClusterError, DeadlineError: the API server does not answer.
    """
    if run.plan.probes_policy:
        # Whatever the tests are: one of the probe's two servers is FTP's, with its password.
        await require_rights(connection, Purpose.PROBE, namespace=run.namespace)
    else:
        tests = run.plan.suite.tests
        await require_rights(connection, Purpose.BENCH, namespace=run.namespace, tests=tests)


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
            sinks=(*sinks, watch, _keeper(run, connection)),
        )


def _keeper(run: PreparedRun, connection: Connection) -> Sink:
    """Return a sink that keeps what a probe finds, for the overview and the advisor."""

    def tell(event: BenchEvent) -> None:
        if isinstance(event, PolicyProbed):
            with suppress(OSError):  # a full disk must not end a run
                save_probe(
                    event.probe,
                    run.findings,
                    cluster_id=connection.cluster_id,
                    folder=probes_folder(),
                )

    return tell


async def carry_out(plan: Plan, session: Session, target: KubernetesTarget) -> None:
    """Do in an open session what the plan says: the probe first, then every trial.

    Raises:
        CniAdvisorError: as :meth:`Session.probe` and :meth:`Session.run`.
    """
    if plan.probes_policy:
        await session.probe(
            lambda endpoints, tell: probe_network_policy(
                endpoints, target.policies(endpoints), tell=tell
            )
        )
    if plan.suite.tests:
        await session.run()


def server_version(inventory: Inventory) -> str:
    """Return the version of the API server, without a leading v."""
    body = inventory.body("/version") or {}
    return printable(str(body.get("gitVersion", "unknown"))).removeprefix("v")

"""``cniadvisor probe policy``: does this cluster enforce NetworkPolicy?"""

import asyncio
import json
import secrets
from dataclasses import dataclass
from functools import partial

from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.session import Session
from cniadvisor.commands.bench_choices import chosen_image
from cniadvisor.commands.cluster_run import (
    PreparedRun,
    carry_out,
    require_rights_for,
    session_of,
    target_of,
)
from cniadvisor.commands.confirmation import confirm
from cniadvisor.commands.interrupt import Interrupt, stoppable
from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.detect.detection import detect
from cniadvisor.domain.errors import ExitCode
from cniadvisor.domain.events import BenchEvent, Outcome, PolicyProbed, RunFinished, RunStarted
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.plan import NodePair, Plan, Suite, TargetFacts
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.settings import Settings, refuse_if_read_only
from cniadvisor.domain.text import printable
from cniadvisor.ending import say
from cniadvisor.headless.renderer import Renderer
from cniadvisor.k8s.connection import Connection, connect
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.report.probe_json import policy_probe_json
from cniadvisor.wording.probes import probe_lines
from cniadvisor.wording.words import wrapped

_NOTHING_MEASURED = Suite(
    name="probe",
    tests=(),
    rounds=0,
    max_rounds=0,
    target_half_width_percent=None,
    duration_s=0,
    warm_up_s=0,
    idle_s=0,
    streams=1,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """The options of ``cniadvisor probe policy``, as the command line gave them."""

    client_node: str | None
    server_node: str | None
    image: str | None
    image_pull_secret: str | None
    output: str
    dry_run: bool
    yes: bool
    confirm_context: str | None


def run_probe(settings: Settings, options: ProbeOptions) -> int:
    """Probe, print what was found on stdout, and return the exit code."""
    if not options.dry_run:
        instead = "look at what it would create: --dry-run"
        refuse_if_read_only(settings, "a probe creates pods and policies", instead=instead)
    return asyncio.run(stoppable(partial(_probe, settings, options)))


async def _probe(settings: Settings, options: ProbeOptions, interrupt: Interrupt) -> int:
    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        # Asked for only now: whoever has no cluster need not make an image first.
        image = chosen_image(options.image)
        run = await _prepared(connection, settings, options, image)
        target = target_of(connection, run)
        plan = "\n".join(_plan_lines(target.facts(), run.pair))
        if not settings.quiet:
            tell(plan)
        if options.dry_run:
            hand_over(json.dumps(await target.manifests(run.plan), indent=2))
            return ExitCode.OK
        await require_rights_for(connection, run)
        confirm(
            connection.context,
            yes=options.yes,
            confirmed_context=options.confirm_context,
            protected=settings.protected_contexts,
            unseen=plan if settings.quiet else "",
        )
        told = _Told(Renderer(quiet=settings.quiet, verbose=settings.verbose))
        try:
            async with session_of(connection, run, target, sinks=(told,)) as session:
                return await _run(run.plan, session, target, interrupt)
        finally:  # also when something could not be removed
            if told.probe is not None:
                hand_over(_formatted(told.probe, options.output))


async def _prepared(
    connection: Connection, settings: Settings, options: ProbeOptions, image: str
) -> PreparedRun:
    inventory, nodes = await asyncio.gather(read_inventory(connection), read_nodes(connection))
    return PreparedRun(
        inventory=inventory,
        findings=detect(inventory),
        plan=Plan(
            run_id=secrets.token_hex(4),
            suite=_NOTHING_MEASURED,
            paths=(PathName.POD,),
            seed=0,
            streams=1,
            probes_policy=True,
        ),
        pair=choose_pair(nodes, client=options.client_node, server=options.server_node),
        image=image,
        image_pull_secret=options.image_pull_secret,
        namespace=settings.namespace,
        command="cniadvisor probe policy",
    )


async def _run(
    plan: Plan, session: Session, target: KubernetesTarget, interrupt: Interrupt
) -> ExitCode:
    interrupt.leave_now = session.abandon
    try:
        async with session:
            await carry_out(plan, session, target)
    except asyncio.CancelledError:
        if interrupt.code is None:
            raise
        say(f"stopped by {interrupt.name}")
        return interrupt.code
    return ExitCode.OK


class _Told:
    """Keeps what was found; passes on what else a probe has to tell: no suite, no trials."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self.probe: PolicyProbe | None = None

    def __call__(self, event: BenchEvent) -> None:
        if isinstance(event, PolicyProbed):
            self.probe = event.probe
            return
        complete = isinstance(event, RunFinished) and event.outcome is Outcome.COMPLETE
        if not isinstance(event, RunStarted) and not complete:
            self._renderer(event)


def _plan_lines(facts: TargetFacts, pair: NodePair) -> list[str]:
    return [
        *wrapped(
            f"Probe of NetworkPolicy in {printable(facts.context)} "
            f"({printable(facts.server)}): a client pod on {printable(pair.client.name)} connects "
            f"to a server pod on {printable(pair.server.name)} while policies come and go, for "
            "about a minute. No pod but these two is selected."
        ),
        "It creates, and removes again:",
        *(
            line
            for made in facts.creates
            for line in wrapped(
                f"{made.kind} {printable(made.name)}: {printable(made.purpose)}", indent="  "
            )
        ),
    ]


def _formatted(probe: PolicyProbe, output: str) -> str:
    return policy_probe_json(probe) if output == "json" else "\n".join(probe_lines(probe))

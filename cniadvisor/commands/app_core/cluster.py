"""What the app asks about a cluster. Imports everything heavy, so it is imported in a thread."""

import asyncio
import os
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cniadvisor.commands.app_core.owned_run import OwnedRun
from cniadvisor.commands.bench_choices import (
    BenchOptions,
    Outputs,
    chosen_image,
    chosen_suite,
    report_place,
)
from cniadvisor.commands.cluster_run import (
    PreparedRun,
    carry_out,
    prepare,
    require_rights_for,
    server_version,
    session_of,
    target_of,
)
from cniadvisor.commands.result import measured_report
from cniadvisor.detect.detection import detect, explain
from cniadvisor.domain.errors import AccessError, CniAdvisorError, UsageError
from cniadvisor.domain.findings import Explanation, Findings
from cniadvisor.domain.inventory import Found, Inventory
from cniadvisor.domain.plan import NodeFacts
from cniadvisor.domain.settings import Settings, is_protected
from cniadvisor.domain.text import printable
from cniadvisor.k8s.connection import Connection, connect
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.k8s.kubeconfig import contexts
from cniadvisor.k8s.kubeconfig_places import existing, places
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.objects import objects, text
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import Recorder
from cniadvisor.report.toml_file import write
from cniadvisor.tui.core import Context, Overview
from cniadvisor.tui.runs import PlannedRun, RunChoices, RunEnd

NO_IMAGE_YET = "(none yet)"
_NODES = "/api/v1/nodes"


def known_contexts(settings: Settings) -> tuple[Context, ...]:
    """Return the kubeconfig's contexts.

    Raises:
        UsageError: it can't be read.
    """
    files = existing(places(settings.kubeconfig, os.environ))
    return tuple(
        Context(
            name=one.name,
            namespace=one.namespace or "",
            protected=is_protected(one.name, settings.protected_contexts),
        )
        for one in (contexts(files) if files else ())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read of a cluster, and what the first screen shows of it."""

    overview: Overview
    inventory: Inventory


async def seen_cluster(settings: Settings) -> Seen:
    """Read the cluster and detect; raises as ``Core.look``."""
    async with _connected(settings) as connection:
        inventory = await read_inventory(connection)
        findings, explanation = await asyncio.to_thread(_concluded, inventory)
        nodes = inventory.read(_NODES)
        told = Overview(
            context=printable(connection.context),
            server=connection.cluster_host,
            cluster_id=connection.cluster_id,
            server_version=server_version(inventory),
            seen_at=datetime.now(UTC).isoformat(timespec="seconds"),
            node_count=len(inventory.items(_NODES)) if isinstance(nodes, Found) else None,
            findings=findings,
            explanation=explanation,
        )
        return Seen(overview=told, inventory=inventory)


def _concluded(inventory: Inventory) -> tuple[Findings, Explanation]:
    return detect(inventory), explain(inventory)


async def known_namespaces(settings: Settings) -> tuple[str, ...]:
    """Return the cluster's namespaces; raises as ``Core.look``."""
    async with _connected(settings) as connection:
        listed = await connection.listed("/api/v1/namespaces")
    names = (text(one, "metadata", "name") for one in objects(listed, "items"))
    return tuple(sorted(filter(None, names)))


async def known_nodes(settings: Settings) -> tuple[NodeFacts, ...]:
    """Return the cluster's nodes; raises as ``Core.look``."""
    async with _connected(settings) as connection:
        return await read_nodes(connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A plan for the app to show, and what is needed to begin it.

    Attributes:
        settings: it was made with.
        context: it was made on, also where the settings name none: the current one may change.
    """

    shown: PlannedRun
    prepared: PreparedRun
    settings: Settings
    context: str


async def written_plan(settings: Settings, options: BenchOptions, choices: RunChoices) -> Written:
    """Plan a run; what stands in its way is among the problems.

    Raises:
        CniAdvisorError: no plan can be made.
    """
    suite = await asyncio.to_thread(chosen_suite, options)
    problems: list[CniAdvisorError] = []
    try:
        image = await asyncio.to_thread(chosen_image, options.image)
    except UsageError as error:
        problems.append(error)
        image = NO_IMAGE_YET
    async with _connected(settings) as connection:
        prepared = await prepare(connection, settings, options, suite, image)
        try:
            await require_rights_for(connection, prepared)
        except AccessError as error:
            problems.append(error)
        target = target_of(connection, prepared).facts()
    shown = PlannedRun(
        choices=choices,
        plan=prepared.plan,
        target=target,
        findings=prepared.findings,
        command=prepared.command,
        problems=tuple(problems),
    )
    return Written(shown=shown, prepared=prepared, settings=settings, context=connection.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """What a run leaves: its report, and a recording if one was asked for."""

    report: Path
    recording: Path | None


def leaves_of(options: BenchOptions) -> Leaves:
    """Return what a run will leave; that it can be written was tried.

    Raises:
        UsageError: it can't, and why.
    """
    report = report_place(options.out)
    if report is None:
        raise UsageError(
            "the app needs the terminal, so the report can't go to stdout",
            hint="name a file with --out, or measure with --headless",
        )
    recording = None if options.record is None else Path(options.record)
    Outputs(report=report, recording=recording, thresholds=()).require_writable()
    return Leaves(report=report, recording=recording)


async def measure(written: Written, leaves: Leaves, owned: OwnedRun) -> RunEnd:
    """Measure until everything is removed again, and write what was measured."""
    run = written.prepared
    builder = ReportBuilder()
    failure: CniAdvisorError | None = None
    cancelled = False
    try:
        with ExitStack() as outer:
            recorders = (
                (outer.enter_context(Recorder(leaves.recording)),) if leaves.recording else ()
            )
            async with _connected(replace(written.settings, context=written.context)) as connection:
                target = target_of(connection, run)
                sinks = (*recorders, owned.sink(""), builder)
                async with session_of(connection, run, target, sinks=sinks) as session:
                    owned.leaves_by(session.abandon)
                    async with session:
                        await carry_out(run.plan, session, target)
    except CniAdvisorError as error:
        failure = error
    except asyncio.CancelledError:
        cancelled = True
    try:
        reports = await asyncio.to_thread(_kept, builder, leaves.report)
    except CniAdvisorError as error:
        return RunEnd(error=failure or error, cancelled=cancelled, reports=())
    return RunEnd(error=failure, cancelled=cancelled, reports=reports)


def _kept(builder: ReportBuilder, place: Path) -> tuple[Path, ...]:
    if not builder.started:
        return ()
    report = measured_report(builder)
    if report is None:
        return ()
    write(report, place)
    return (place,)


def _connected(settings: Settings) -> AbstractAsyncContextManager[Connection]:
    return connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    )

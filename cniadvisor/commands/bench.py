"""``cniadvisor bench``: show the plan, ask, measure, write the report."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from cniadvisor import __version__
from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.tests import drivers_for
from cniadvisor.commands.bench_choices import (
    BenchOptions,
    chosen_image,
    chosen_suite,
    equivalent_command,
    make_plan,
    report_place,
)
from cniadvisor.commands.confirmation import confirm
from cniadvisor.commands.interrupt import Interrupt
from cniadvisor.commands.result import (
    finished_report,
    judge_report,
    keep_report,
    tell_report,
)
from cniadvisor.detect.detection import detect
from cniadvisor.domain.errors import CleanupError, CniAdvisorError, ExitCode, UsageError
from cniadvisor.domain.events import Outcome
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.plan import Suite
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.headless.renderer import Renderer
from cniadvisor.k8s.access import require_rights
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.inventory import read_inventory
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.metrics.agents import agents_of
from cniadvisor.metrics.watch import watch_agents
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import Recorder, require_recordable
from cniadvisor.report.toml_file import require_writable
from cniadvisor.stats.thresholds import Threshold, parse_thresholds
from cniadvisor.wording.plan import plan_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What a run leaves, and what its figures are held against; a report of None is stdout."""

    report: Path | None
    recording: Path | None
    thresholds: tuple[Threshold, ...]

    def require_writable(self) -> None:
        """Find out before anything is created whether the files can be written.

        Raises:
            UsageError: one can't, and why.
        """
        if self.report is not None:
            require_writable(self.report)
        if self.recording is not None:
            require_recordable(self.recording)
            if self.report is not None and self.report.resolve() == self.recording.resolve():
                raise UsageError(
                    "report and recording are the same file",
                    hint="give --out and --record different names",
                )


def run_bench(settings: Settings, options: BenchOptions) -> int:
    """Run a benchmark and return the exit code."""
    if not options.headless and not options.dry_run:
        raise UsageError(
            "the interactive app is not part of this version",
            hint="run it headless: cniadvisor bench --headless",
        )
    if settings.read_only and not options.dry_run:
        raise UsageError(
            "a benchmark creates pods, and --read-only forbids that",
            hint="leave --read-only away, or look at the plan: cniadvisor bench --dry-run",
        )
    suite = chosen_suite(options)
    thresholds = parse_thresholds(options.fail_below, options.fail_above, planned=suite.tests)
    image = chosen_image(options)
    outputs = Outputs(
        report=report_place(options.out),
        recording=None if options.record is None else Path(options.record),
        thresholds=thresholds,
    )
    if not options.dry_run:
        outputs.require_writable()
    return asyncio.run(_bench(settings, options, suite, image, outputs))


async def _bench(
    settings: Settings, options: BenchOptions, suite: Suite, image: str, outputs: Outputs
) -> int:
    interrupt = Interrupt()
    interrupt.install()
    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        inventory, nodes = await asyncio.gather(read_inventory(connection), read_nodes(connection))
        findings = detect(inventory)
        pair = choose_pair(nodes, client=options.client_node, server=options.server_node)
        plan = make_plan(suite, pair, seed=options.seed, max_rate_mbit_per_s=options.max_rate)
        target = KubernetesTarget(
            connection,
            run_id=plan.run_id,
            paths=plan.paths,
            tests=plan.suite.tests,
            pair=pair,
            image=image,
            image_pull_secret=options.image_pull_secret,
            namespace=settings.namespace,
            server_version=_server_version(inventory),
        )
        click.echo(plan_text(plan, target.facts(), findings), err=True)
        if options.dry_run:
            click.echo(json.dumps(await target.manifests(plan), indent=2))
            return ExitCode.OK
        await require_rights(
            connection, "bench", namespace=settings.namespace, tests=plan.suite.tests
        )
        confirm(
            connection.context,
            yes=options.yes,
            confirmed_context=options.confirm_context,
            protected=settings.protected_contexts,
        )
        builder = ReportBuilder()
        async with AsyncExitStack() as outer:
            watch = await outer.enter_async_context(
                watch_agents(connection.access, agents_of(inventory, findings), pair)
            )
            recording = outputs.recording
            recorder = None if recording is None else outer.enter_context(Recorder(recording))
            session = Session(
                plan=plan,
                target=target,
                drivers=drivers_for(plan),
                story=Story(
                    findings=findings,
                    command=equivalent_command(settings, options, plan, pair),
                    tool_version=__version__,
                    agents=watch.measured,
                ),
                sinks=(
                    *((recorder,) if recorder else ()),
                    Renderer(quiet=settings.quiet, verbose=settings.verbose),
                    builder,
                    watch,
                ),
            )
            code = await _measure(session, builder, interrupt, outputs.report)
        if code is not ExitCode.OK:
            return code
        return judge_report(finished_report(builder), outputs.thresholds, quiet=settings.quiet)


async def _measure(
    session: Session, builder: ReportBuilder, interrupt: Interrupt, place: Path | None
) -> ExitCode:
    """Run the session to whatever end and write what was measured."""
    interrupt.leave_now = session.abandon
    failure: CniAdvisorError | None = None
    try:
        async with session:
            await session.run()
    except CniAdvisorError as error:
        failure = error
    except asyncio.CancelledError:
        if interrupt.code is None:
            raise
    _keep(builder, place)
    if isinstance(failure, CleanupError):
        raise failure
    if interrupt.code is not None:
        click.echo(f"cniadvisor: stopped by {interrupt.name}", err=True)
        return interrupt.code
    if failure is not None:
        raise failure
    return ExitCode.OK


def _keep(builder: ReportBuilder, place: Path | None) -> None:
    report = finished_report(builder)
    if not report.trials and report.run.outcome is Outcome.FAILED:
        return  # nothing was measured: the message says why, a file would only repeat it
    tell_report(report)
    keep_report(report, place)


def _server_version(inventory: Inventory) -> str:
    body = inventory.body("/version") or {}
    return printable(str(body.get("gitVersion", "unknown"))).removeprefix("v")

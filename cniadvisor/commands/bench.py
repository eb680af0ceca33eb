"""``cniadvisor bench``: show the plan, ask, measure, write the report."""

import asyncio
import json
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from cniadvisor.bench.session import Session
from cniadvisor.commands.bench_choices import (
    BenchOptions,
    Outputs,
    chosen_image,
    chosen_suite,
    report_place,
)
from cniadvisor.commands.cluster_run import (
    carry_out,
    prepare,
    require_rights_for,
    session_of,
    target_of,
)
from cniadvisor.commands.confirmation import confirm
from cniadvisor.commands.interrupt import Interrupt, stoppable
from cniadvisor.commands.result import judge_report, keep_report, measured_report, tell_report
from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.domain.errors import CleanupError, CniAdvisorError, ExitCode
from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.domain.settings import Settings, refuse_if_read_only
from cniadvisor.ending import say
from cniadvisor.headless.renderer import Renderer
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import Recorder
from cniadvisor.stats.thresholds import parse_thresholds
from cniadvisor.wording.plan import plan_text


def run_bench(settings: Settings, options: BenchOptions) -> int:
    """Run a benchmark and return the exit code."""
    if not options.dry_run:
        instead = "look at the plan: cniadvisor bench --dry-run"
        refuse_if_read_only(settings, "a benchmark creates pods", instead=instead)
    suite = chosen_suite(options)
    thresholds = parse_thresholds(options.fail_below, options.fail_above, planned=suite.tests)
    outputs = Outputs(
        report=report_place(options.out),
        recording=None if options.record is None else Path(options.record),
        thresholds=thresholds,
    )
    if not options.dry_run:
        outputs.require_writable()
    return asyncio.run(stoppable(partial(_bench, settings, options, suite, outputs)))


async def _bench(
    settings: Settings,
    options: BenchOptions,
    suite: Suite,
    outputs: Outputs,
    interrupt: Interrupt,
) -> int:
    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        # Asked for only now: whoever has no cluster need not make an image first.
        image = chosen_image(options.image)
        run = await prepare(connection, settings, options, suite, image)
        target = target_of(connection, run)
        plan = plan_text(run.plan, target.facts(), run.findings)
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
        builder = ReportBuilder()
        async with AsyncExitStack() as outer:
            recording = outputs.recording
            recorder = None if recording is None else outer.enter_context(Recorder(recording))
            renderer = Renderer(quiet=settings.quiet, verbose=settings.verbose)
            session = await outer.enter_async_context(
                session_of(
                    connection,
                    run,
                    target,
                    sinks=(*((recorder,) if recorder else ()), renderer, builder),
                )
            )
            failure = await _measure(run.plan, session, target, interrupt)
            report = measured_report(builder)
            if report is not None:
                if not settings.quiet:
                    tell_report(report)
                keep_report(report, outputs.report)
        if failure is not None and (interrupt.code is None or isinstance(failure, CleanupError)):
            raise failure
        if interrupt.code is not None:
            say(f"stopped by {interrupt.name}")
            return interrupt.code
        assert report is not None, "a run that did what was asked has figures"
        return judge_report(report, outputs.thresholds, quiet=settings.quiet)


async def _measure(
    plan: Plan, session: Session, target: KubernetesTarget, interrupt: Interrupt
) -> CniAdvisorError | None:
    """Run the session to whatever end; return why it did not do what was asked."""
    interrupt.leave_now = session.abandon
    try:
        async with session:
            await carry_out(plan, session, target)
    except CniAdvisorError as error:
        return error
    except asyncio.CancelledError:
        if interrupt.code is None:
            raise
    return None

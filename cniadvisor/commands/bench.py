"""``cniadvisor bench``: show the plan, ask, measure, write the report."""

import asyncio
import json
import secrets
import shlex
import signal
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from cniadvisor import __version__
from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.session import Session, Story
from cniadvisor.bench.suites import find_test, parse_suite
from cniadvisor.bench.tests import UNLIMITED, drivers_for
from cniadvisor.commands.confirmation import confirm
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
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import NodePair, Plan, Suite
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.headless.plan_text import plan_text
from cniadvisor.headless.renderer import Renderer
from cniadvisor.image.record import recorded
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
from cniadvisor.resources import suite_text
from cniadvisor.stats.thresholds import Threshold, parse_thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOptions:
    """The options of ``cniadvisor bench``, as the command line gave them."""

    headless: bool
    suite: str
    tests: str | None
    repeats: int | None
    duration: int | None
    client_node: str | None
    server_node: str | None
    image: str | None
    image_pull_secret: str | None
    seed: int | None
    max_rate: float | None
    out: str | None
    record: str | None
    fail_below: tuple[str, ...]
    fail_above: tuple[str, ...]
    dry_run: bool
    yes: bool
    confirm_context: str | None


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


def chosen_suite(options: BenchOptions) -> Suite:
    """Return the suite with what the command line changed about it.

    Raises:
        UsageError: unknown suite or test.
    """
    found = suite_text(options.suite)
    suite = parse_suite(found.text, source=found.source)
    if options.tests is not None:
        suite = replace(suite, tests=_named_tests(options.tests))
    if options.max_rate is not None:
        suite = replace(suite, tests=_limited_tests(suite.tests))
    if options.repeats is not None:
        suite = replace(
            suite,
            rounds=options.repeats,
            max_rounds=options.repeats,
            target_half_width_percent=None,
        )
    if options.duration is not None:
        suite = replace(suite, duration_s=float(options.duration))
    return suite


def _named_tests(names: str) -> tuple[TestName, ...]:
    wanted = {find_test(name.strip()) for name in names.split(",") if name.strip()}
    if not wanted:
        raise UsageError("--tests names no test", hint=f"tests are: {', '.join(TestName)}")
    return tuple(test for test in TestName if test in wanted)


def _limited_tests(tests: tuple[TestName, ...]) -> tuple[TestName, ...]:
    """Leave out what can't keep to ``--max-rate``: whoever limits the rate has a reason."""
    kept = tuple(test for test in tests if test not in UNLIMITED)
    if kept != tests:
        left_out = ", ".join(test for test in tests if test in UNLIMITED)
        if not kept:
            raise UsageError(
                f"nothing is left to measure: {left_out} can't keep to a limit",
                hint="leave --max-rate away, or name other tests",
            )
        click.echo(f"left out because of --max-rate, which it can't keep to: {left_out}", err=True)
    return kept


def chosen_image(options: BenchOptions) -> str:
    """Return the image the pods run: the one named, or the one built on this machine.

    Raises:
        UsageError: neither, or the one built does not fit this version.
    """
    if options.image is not None:
        return options.image
    record = recorded()
    if record is None:
        raise UsageError(
            "there is no image for the pods yet",
            hint="make one with `cniadvisor image build`, then `cniadvisor image load`; "
            "or name one with --image",
        )
    if not record.current:
        raise UsageError(
            "the image was built by another version of cniadvisor",
            hint="run `cniadvisor image build` and `cniadvisor image load` again",
        )
    return record.reference


def report_place(out: str | None) -> Path | None:
    """Return where the report goes; None is stdout. Without a wish: the XDG data directory."""
    if out == "-":
        return None
    if out is not None:
        return Path(out)
    from platformdirs import user_data_path

    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}.toml"
    folder = user_data_path("cniadvisor") / "reports"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} can't be made: {error.strerror}",
            hint="say where the report goes: --out FILE",
        ) from error
    return folder / name


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
    session: Session, builder: ReportBuilder, interrupt: "Interrupt", place: Path | None
) -> ExitCode:
    """Run the session to whatever end and write what was measured."""
    interrupt.session = session
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


class Interrupt:
    """Ctrl+c, SIGTERM and SIGHUP: the first ends the run tidily, the second leaves at once."""

    def __init__(self) -> None:
        self.code: ExitCode | None = None
        self.name = ""
        self.session: Session | None = None

    def install(self) -> None:
        """Take over the signals for the running task."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        for number, code in (
            (signal.SIGINT, ExitCode.INTERRUPTED),
            (signal.SIGTERM, ExitCode.TERMINATED),
            (signal.SIGHUP, ExitCode.HANGUP),
        ):
            with suppress(NotImplementedError):  # not on Windows
                loop.add_signal_handler(number, self._received, number, code, task)

    def _received(
        self, number: signal.Signals, code: ExitCode, task: "asyncio.Task[object] | None"
    ) -> None:
        if self.code is not None:
            if self.session is not None:
                self.session.abandon()
            return
        self.code, self.name = code, number.name
        click.echo(
            f"cniadvisor: {number.name}: stopping and cleaning up; once more leaves at once",
            err=True,
        )
        if task is not None:
            task.cancel()


def _server_version(inventory: Inventory) -> str:
    body = inventory.body("/version") or {}
    return printable(str(body.get("gitVersion", "unknown"))).removeprefix("v")


def make_plan(
    suite: Suite,
    pair: NodePair,
    *,
    seed: int | None,
    max_rate_mbit_per_s: float | None = None,
) -> Plan:
    """Return the plan of a new run; streams are at most the smaller node's cores."""
    cores = min(pair.client.cpu_millicores, pair.server.cpu_millicores) // 1000
    return Plan(
        run_id=secrets.token_hex(4),
        suite=suite,
        paths=tuple(PathName),
        seed=secrets.randbelow(2**31) if seed is None else seed,
        streams=max(1, min(suite.streams, cores)),
        max_rate_mbit_per_s=max_rate_mbit_per_s,
    )


def equivalent_command(
    settings: Settings, options: BenchOptions, plan: Plan, pair: NodePair
) -> str:
    """Return the command that measures the same again, in the same order."""
    words = ["cniadvisor", "bench", "--headless", "--suite", options.suite]
    given = {
        "--context": settings.context,
        "--namespace": settings.namespace,
        "--tests": None if options.tests is None else ",".join(plan.suite.tests),
        "--repeats": options.repeats,
        "--duration": options.duration,
        "--client-node": pair.client.name,
        "--server-node": pair.server.name,
        "--image": options.image,
        "--max-rate": None if options.max_rate is None else f"{options.max_rate:g}",
        "--seed": plan.seed,
    }
    for option, value in given.items():
        words += [] if value is None else [option, str(value)]
    return shlex.join(words)

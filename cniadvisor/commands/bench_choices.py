"""What the options of ``cniadvisor bench`` amount to: suite, image, plan, place of the report."""

import secrets
import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cniadvisor.bench.suites import find_test, parse_suite
from cniadvisor.bench.tests import UNLIMITED
from cniadvisor.commands.telling import tell
from cniadvisor.domain.commands import context_words
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import NodePair, Plan, Suite
from cniadvisor.domain.settings import Settings
from cniadvisor.image.record import recorded
from cniadvisor.report.recording import require_recordable
from cniadvisor.report.toml_file import require_writable
from cniadvisor.resources import suite_text
from cniadvisor.stats.thresholds import Threshold

POLICY = "policy"
"""What ``--probe`` can name."""


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
    probe: str | None
    out: str | None
    record: str | None
    fail_below: tuple[str, ...]
    fail_above: tuple[str, ...]
    dry_run: bool
    yes: bool
    confirm_context: str | None

    @property
    def probes_policy(self) -> bool:
        """Whether NetworkPolicy is probed first."""
        return self.probe == POLICY


class SuiteOptions(Protocol):
    """The options that choose a suite and change it."""

    @property
    def suite(self) -> str:
        """Its name, or a file."""
        ...

    @property
    def tests(self) -> str | None:
        """Tests instead of its own, with commas between."""
        ...

    @property
    def repeats(self) -> int | None:
        """Rounds instead of its own."""
        ...

    @property
    def duration(self) -> int | None:
        """Seconds a trial instead of its own."""
        ...

    @property
    def max_rate(self) -> float | None:
        """What no test may exceed, in Mbit/s."""
        ...


def chosen_suite(options: SuiteOptions) -> Suite:
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
        tell(f"left out because of --max-rate, which it can't keep to: {left_out}")
    return kept


def chosen_image(named: str | None) -> str:
    """Return the image the pods run: the one named, or the one built on this machine.

    Raises:
        UsageError: neither, or the one built does not fit this version.
    """
    if named is not None:
        return named
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


def make_plan(
    suite: Suite,
    pair: NodePair,
    *,
    seed: int | None,
    max_rate_mbit_per_s: float | None = None,
    probes_policy: bool = False,
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
        probes_policy=probes_policy,
    )


def equivalent_command(
    settings: Settings, options: BenchOptions, plan: Plan, pair: NodePair, *, context: str
) -> str:
    """Return the command that measures the same again, in the same order, on this context.

    It stands in the report, which knows no kubeconfig: a file that was named is left out.
    """
    words = ["cniadvisor", "bench", "--headless", *context_words(context)]
    words += ["--suite", options.suite]
    given = {
        "--namespace": settings.namespace,
        "--tests": None if options.tests is None else ",".join(plan.suite.tests),
        "--repeats": options.repeats,
        "--duration": options.duration,
        "--client-node": pair.client.name,
        "--server-node": pair.server.name,
        "--image": options.image,
        "--image-pull-secret": options.image_pull_secret,
        "--max-rate": None if options.max_rate is None else f"{options.max_rate:g}",
        "--probe": options.probe,
        "--seed": plan.seed,
    }
    for option, value in given.items():
        words += [] if value is None else [option, str(value)]
    return shlex.join(words)

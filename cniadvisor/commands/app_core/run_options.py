"""A run's options as the command line has them and as the Plan screen has them: there and back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cniadvisor.tui.runs import RunChoices

if TYPE_CHECKING:  # the app paints before there is a plan
    from cniadvisor.commands.bench_choices import BenchOptions
    from cniadvisor.domain.measurement import TestName


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExtras:
    """What the command line says about a run that the Plan screen does not ask."""

    image_pull_secret: str | None = None
    seed: int | None = None
    out: str | None = None
    record: str | None = None


def options_of(choices: RunChoices, extras: RunExtras) -> "BenchOptions":
    """Return the options of ``cniadvisor bench`` that a plan is made by."""
    from cniadvisor.commands.bench_choices import POLICY, BenchOptions

    return BenchOptions(
        headless=False,
        suite=choices.suite,
        tests=None if choices.tests is None else ",".join(choices.tests),
        repeats=choices.repeats,
        duration=choices.duration_s,
        client_node=choices.client_node,
        server_node=choices.server_node,
        image=choices.image,
        image_pull_secret=extras.image_pull_secret,
        seed=extras.seed,
        max_rate=choices.max_rate_mbit_per_s,
        probe=POLICY if choices.probes_policy else None,
        out=extras.out,
        record=extras.record,
        fail_below=(),
        fail_above=(),
        dry_run=False,
        yes=False,
        confirm_context=None,
    )


def choices_of(options: "BenchOptions") -> RunChoices:
    """Return what the Plan screen begins with.

    Raises:
        UsageError: an unknown test.
    """
    return RunChoices(
        suite=options.suite,
        tests=None if options.tests is None else _tests(options.tests),
        repeats=options.repeats,
        duration_s=options.duration,
        client_node=options.client_node,
        server_node=options.server_node,
        image=options.image,
        max_rate_mbit_per_s=options.max_rate,
        probes_policy=options.probes_policy,
    )


def extras_of(options: "BenchOptions") -> RunExtras:
    """Return what the Plan screen does not ask."""
    return RunExtras(
        image_pull_secret=options.image_pull_secret,
        seed=options.seed,
        out=options.out,
        record=options.record,
    )


def _tests(names: str) -> "tuple[TestName, ...]":
    from cniadvisor.bench.suites import find_test

    return tuple(find_test(name.strip()) for name in names.split(",") if name.strip())

"""``cniadvisor bench`` without ``--headless``: the app, opened on this plan."""

import shlex
import sys

from cniadvisor.bench.suites import find_test
from cniadvisor.commands.app import Opening, run_app
from cniadvisor.commands.app_core.core import AppCore, RunExtras
from cniadvisor.commands.bench_choices import BenchOptions
from cniadvisor.config_file import Preferences
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.settings import Settings
from cniadvisor.tui.runs import RunChoices


def run_bench_app(settings: Settings, options: BenchOptions, preferences: Preferences) -> int:
    """Open the app on the plan that ``options`` describe.

    Raises:
        UsageError: an option that only makes sense without a person, or no terminal.
    """
    instead = shlex.join(["cniadvisor", "bench", "--headless", *sys.argv[2:]])
    for given, option in (
        (options.fail_below, "--fail-below"),
        (options.fail_above, "--fail-above"),
    ):
        if given:
            raise UsageError(
                f"{option} is for pipelines; the app shows ratios and judges nothing",
                hint=f"say: {instead}",
            )
    core = AppCore(
        settings,
        extras=RunExtras(
            image_pull_secret=options.image_pull_secret,
            seed=options.seed,
            out=options.out,
            record=options.record,
        ),
    )
    opening = Opening(screen="plan", choices=choices_of(options))
    return run_app(core, preferences, opening, instead=instead)


def choices_of(options: BenchOptions) -> RunChoices:
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


def _tests(names: str) -> tuple[TestName, ...]:
    return tuple(find_test(name.strip()) for name in names.split(",") if name.strip())

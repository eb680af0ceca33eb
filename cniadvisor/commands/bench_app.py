"""``cniadvisor bench`` without ``--headless``: the app, opened on this plan."""

import shlex
import sys

from cniadvisor.commands.app import Opening, run_app
from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.commands.app_core.run_options import choices_of, extras_of
from cniadvisor.commands.bench_choices import BenchOptions
from cniadvisor.config_file import Preferences
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.settings import Settings


def run_bench_app(settings: Settings, options: BenchOptions, preferences: Preferences) -> int:
    """Open the app on the plan that ``options`` describe.

    Raises:
        UsageError: an option that only makes sense without a person, or no terminal.
    """
    instead = shlex.join(["cniadvisor", *sys.argv[1:], "--headless"])
    for given, option in (
        (options.fail_below, "--fail-below"),
        (options.fail_above, "--fail-above"),
    ):
        if given:
            raise UsageError(
                f"{option} is for pipelines; the app shows ratios and judges nothing",
                hint=f"say: {instead}",
            )
    core = AppCore(settings, extras=extras_of(options))
    opening = Opening(screen="plan", choices=choices_of(options))
    return run_app(core, preferences, opening, instead=instead)

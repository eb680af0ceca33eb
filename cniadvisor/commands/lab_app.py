"""``cniadvisor lab`` without ``--headless``: the app, with the lab measuring."""

import shlex
import sys

from cniadvisor.commands.app import Opening, run_app
from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.commands.lab_choices import LabOptions, chosen_wirings
from cniadvisor.config_file import Preferences
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.lab.requirements import require_linux
from cniadvisor.tui.runs import LabChoices


def run_lab_app(settings: Settings, options: LabOptions, preferences: Preferences) -> int:
    """Open the app and begin the lab.

    Raises:
        UsageError: an unknown wiring, no terminal, or an option for pipelines.
    """
    require_linux()
    instead = shlex.join(["cniadvisor", *sys.argv[1:], "--headless"])
    if options.fail_below or options.fail_above:
        raise UsageError(
            "thresholds are for pipelines; the app shows ratios and judges nothing",
            hint=f"say: {instead}",
        )
    wirings = chosen_wirings(options.wiring)
    choices = LabChoices(
        wirings=tuple(wiring.name for wiring in wirings), suite=options.suite, wire=options.wire
    )
    return run_app(
        AppCore(settings, lab=options), preferences, Opening(lab=choices), instead=instead
    )

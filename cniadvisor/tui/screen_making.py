"""How each screen is made. Its module is loaded when it is opened."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from textual.screen import Screen

from cniadvisor.tui.core import Core
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.runs import RunChoices, RunHandle
from cniadvisor.tui.screens.overview import OverviewScreen

AnyScreen = Screen[Any]

OVERVIEW, LIVE, RESULTS = "overview", "live", "results"


def makers(
    core: Core, options: AppOptions, choices: RunChoices, now: Callable[[], datetime]
) -> dict[str, Callable[[], AnyScreen]]:
    """Return how to make each screen, by the name that keys and messages use.

    Args:
        core: the product without a face.
        options: how they shall look.
        choices: what the command line chose for the Plan screen.
        now: tells the time, for the age of what is shown.
    """
    return {
        OVERVIEW: lambda: OverviewScreen(core, symbols=options.symbols, now=now),
        "plan": lambda: _plan(core, options, choices),
        LIVE: lambda: live(None, options),
        RESULTS: lambda: _results(core, options),
        "compare": lambda: _compare(options),
        "advisor": lambda: _advisor(core, options, now),
    }


def live(handle: RunHandle | None, options: AppOptions) -> AnyScreen:
    """Make a Live screen; each run has one of its own."""
    from cniadvisor.tui.screens.live import LiveScreen

    return LiveScreen(handle, symbols=options.symbols, marker=options.chart_marker)


def _plan(core: Core, options: AppOptions, choices: RunChoices) -> AnyScreen:
    from cniadvisor.tui.screens.plan import PlanScreen

    return PlanScreen(core, choices=choices, symbols=options.symbols)


def _results(core: Core, options: AppOptions) -> AnyScreen:
    from cniadvisor.tui.screens.results import ResultsScreen

    return ResultsScreen(core, options=options)


def _compare(options: AppOptions) -> AnyScreen:
    from cniadvisor.tui.screens.compare import CompareScreen

    return CompareScreen(options=options)


def _advisor(core: Core, options: AppOptions, now: Callable[[], datetime]) -> AnyScreen:
    from cniadvisor.tui.screens.advisor import AdvisorScreen

    return AdvisorScreen(core, symbols=options.symbols, now=now)

"""The whole app over a product, real or fake, for tests of its flows."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from textual.pilot import Pilot

from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.core import Core
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.runs import RunChoices, RunHandle

NOW = datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
"""Five minutes after the fake overview was seen."""


@asynccontextmanager
async def opened(
    core: Core,
    *,
    size: tuple[int, int] = (80, 24),
    options: AppOptions | None = None,
    begin: str | RunHandle = "overview",
    choices: RunChoices | None = None,
) -> AsyncGenerator[Pilot[Any]]:
    """Run the app at five past ten."""
    app = CniAdvisorApp(
        core, options=options or AppOptions(), begin=begin, choices=choices, now=lambda: NOW
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot

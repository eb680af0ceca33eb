"""The README's pictures: `python -m tests.tui.screenshots docs/images`, from the shipped recording.

What they show was measured: the recorded real run, told up to its middle for the Live screen and
to its end for the report; our newest campaign for the comparison.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot

from cniadvisor.advise.prefill import prefill
from cniadvisor.commands.profiles import known_campaigns
from cniadvisor.commands.result import finished_report
from cniadvisor.domain.events import BenchEvent, RunStarted, ThroughputSample
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import read_recording
from cniadvisor.report.toml_file import write
from cniadvisor.resources import shipped_recording
from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.core import Overview
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.compare import CompareScreen
from cniadvisor.tui.screens.export import picture_of
from tests.tui.fake_core import FakeCore
from tests.tui.screen_text import until
from tests.tui.told_run import ToldRun
from tests.unit.advise.shipped import shipped

SIZE = (110, 34)

Steps = Callable[[Pilot[None]], Awaitable[None]]


def recorded() -> list[BenchEvent]:
    """Return the events of the recording that ships with the product."""
    place = shipped_recording()
    assert place is not None, "no recording ships"
    return list(read_recording(place, tell=print))


def referred(ground: str) -> tuple[Path, ...]:
    """Return the reports of our newest campaign on real clusters ("cluster") or in the "lab"."""
    ours = [one for one in known_campaigns(None) if one.name.endswith(f"-cniadvisor-{ground}")]
    return ours[-1].reports


def middle_of(events: list[BenchEvent]) -> int:
    """Return the place of the last sample of a pod trial whose baseline is known."""
    return 1 + max(
        number
        for number, event in enumerate(events)
        if isinstance(event, ThroughputSample)
        and event.trial.path is PathName.POD
        and event.trial.test is TestName.FTP
    )


async def picture(app: CniAdvisorApp, steps: Steps) -> str:
    """Run the app, do the steps, and return what the screen then shows."""
    async with app.run_test(size=SIZE) as pilot:
        await steps(pilot)
        for _ in range(20):
            await pilot.pause(0.1)
        return picture_of(app.screen)


def pressing(*keys: str) -> Steps:
    """Return the steps of somebody who presses these keys."""

    async def press(pilot: Pilot[None]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.5)

    return press


async def pictures() -> dict[str, str]:
    """Return all of them, as SVG by the name of the screen."""
    events = recorded()
    begun = events[0]
    assert isinstance(begun, RunStarted)
    overview = Overview(
        context=begun.target.context,
        server=begun.target.server,
        cluster_id="0",
        server_version=begun.target.server_version,
        seen_at=begun.started_at,
        node_count=2,
        findings=begun.findings,
    )
    builder = ReportBuilder()
    for event in events:
        builder(event)
    with tempfile.TemporaryDirectory() as reports:
        write(finished_report(builder), Path(reports) / "flannel-vxlan.toml")

        def app(begin: str | ToldRun) -> CniAdvisorApp:
            core = FakeCore(
                looks=[overview],
                places=(Path(reports),),
                context=begun.target.context,
                found=prefill(shipped(), begun.findings),
            )
            return CniAdvisorApp(
                core,
                options=AppOptions(),
                begin=begin,
                now=lambda: datetime.fromisoformat(begun.started_at),
            )

        run = ToldRun(events)
        run.title = begun.target.context

        async def half_way(pilot: Pilot[None]) -> None:
            await pilot.pause(0.3)
            run.tell(middle_of(events))

        def comparing(*paths: Path) -> Steps:
            async def compare(pilot: Pilot[None]) -> None:
                screen = pilot.app.screen
                assert isinstance(screen, CompareScreen)
                screen.compare(paths)
                await until(pilot, lambda: not screen.state.reading)
                if screen.state.asks:
                    screen.action_insist()

            return compare

        real = referred("cluster")
        like_the_labs = [place for place in real if place.name.startswith("flannel-")]
        return {
            "overview": await picture(app("overview"), pressing()),
            "live": await picture(app(run), half_way),
            "results": await picture(app("results"), pressing()),
            "compare": await picture(app("compare"), comparing(*real)),
            "compare-lab": await picture(
                app("compare"), comparing(*like_the_labs, *referred("lab"))
            ),
            "advisor": await picture(app("advisor"), pressing()),
        }


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    for screen, svg in asyncio.run(pictures()).items():
        (folder / f"{screen}.svg").write_text(svg, encoding="utf-8")

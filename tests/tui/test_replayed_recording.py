"""A recorded run, told again through the whole app, ends in the table of its report."""

from pathlib import Path

import pytest

from cniadvisor.commands.app_core.replaying import ReplayedRun
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import read_recording
from tests.tui.fake_core import FakeCore
from tests.tui.real_app import opened
from tests.tui.report_rows import require_table_of
from tests.tui.screen_text import screen_text, until

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "recording",
    ["profiles/recordings/flannel-vxlan-quick.jsonl", "tests/golden/recording-v1.jsonl"],
    ids=["real", "small"],
)
async def test_it_ends_in_the_table_of_its_report(recording: str) -> None:
    builder = ReportBuilder()
    for event in read_recording(ROOT / recording, tell=print):
        builder(event)
    run = ReplayedRun(ROOT / recording, speed=1e9)
    async with opened(FakeCore(), size=(200, 60), begin=run) as pilot:
        await until(pilot, lambda: "The run is complete" in screen_text(pilot.app))
        last = builder.report().comparisons[-1].test.value
        await until(pilot, lambda: f"\n {last} " in screen_text(pilot.app))  # the table, after it
        require_table_of(builder.report(), screen_text(pilot.app))

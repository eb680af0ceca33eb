"""A recorded session replays as the same events, the same lines and the same report."""

import io
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.bench.drivers.iperf3 import Iperf3Tcp
from cniadvisor.bench.session import Session, Story
from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan, Suite
from cniadvisor.headless.renderer import Renderer
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.report.recording import Recorder, read_recording


@pytest.mark.parametrize("trouble", [None, "node node2 is NotReady"])
async def test_a_replay_is_the_run_again(
    target: Any,
    make_suite: Callable[..., Suite],
    working: Any,
    failing: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str | None,
) -> None:
    monkeypatch.setattr("cniadvisor.bench.session.CHECK_EVERY_S", 0.3)
    target.answers = {PathName.POD: [working, working, failing("refused.jsonl"), working]}
    target.trouble_told = trouble
    lines, builder, place = io.StringIO(), ReportBuilder(), tmp_path / "run.jsonl"
    plan = Plan(run_id="r1", suite=make_suite(), paths=tuple(PathName), seed=7, streams=2)
    story = Story(findings=Findings(), command="cniadvisor bench", tool_version="0")
    with Recorder(place) as recorder:
        session = Session(
            plan=plan,
            target=target,
            drivers={TestName.TCP: Iperf3Tcp(streams=1)},
            story=story,
            sinks=[recorder, Renderer(verbose=True, stream=lines), builder],
        )
        with pytest.raises(BenchmarkError, match=trouble) if trouble else nullcontext():
            async with session:
                await session.run()

    again, rebuilt = io.StringIO(), ReportBuilder()
    told: list[str] = []
    renderer = Renderer(verbose=True, stream=again)
    for event in read_recording(place, tell=told.append):
        renderer(event)
        rebuilt(event)
    assert told == []
    assert again.getvalue() == lines.getvalue() != ""
    assert rebuilt.report() == builder.report()
    if trouble is None:
        assert len(rebuilt.report().trials) == 8, "six and the retry of the pair that failed"

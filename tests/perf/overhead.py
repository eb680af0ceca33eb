"""What a run takes beside measuring, and what that makes for the suite ``standard``."""

import os
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from cniadvisor.bench.suites import parse_suite
from cniadvisor.domain.events import BenchEvent, PhaseStarted, RunFinished, TrialFinished
from cniadvisor.domain.plan import Suite
from cniadvisor.report.recording import read_recording
from cniadvisor.resources import suite_text
from tests.cluster import state
from tests.cluster.command_line import CommandLine
from tests.cluster.image import load_bench_image

SUITE = """\
name = "like-standard"
tests = ["tcp", "http", "latency-tcp"]
rounds = 2
max_rounds = 2
duration_s = 10
warm_up_s = 2
idle_s = 10
streams = 8
"""
PATHS = 2


def run() -> None:
    """Print wall time over measuring time of a short run, and the same worked out for standard.

    Measuring is the seconds the suite asks for: all trials, and the idle nodes.
    """
    cluster = state.load(os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME))
    if os.geteuid() != 0 or cluster is None:
        print("overhead: left out, no cluster is up (python -m tests.cluster up --cni flannel)")
        return
    image = load_bench_image(cluster)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        (folder / "suite.toml").write_text(SUITE)
        program = CommandLine(cluster=cluster, home=folder, image=image)
        began = time.monotonic()
        ended = program.run(
            *("bench", "--headless", "--yes", "--image", image, "--out", "-"),
            *("--suite", str(folder / "suite.toml"), "--record", str(folder / "run.jsonl")),
        )
        wall_s = time.monotonic() - began
        if ended.code != 0:
            raise RuntimeError(ended.stderr)
        events = list(read_recording(folder / "run.jsonl", tell=print))
    spent_s = _phases(events)
    suite = parse_suite(SUITE, source="overhead")
    standard = parse_suite(suite_text("standard").text, source="standard")
    print("phases: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent_s.items()))
    print(f"this run: {wall_s:.0f} s for {_measuring_s(suite):.0f} s of measuring")
    _tell_trials(events, suite)
    for_trials = _trials(standard) / _trials(suite)
    for_warm_up = len(standard.tests) / len(suite.tests)
    whole_s = (
        (wall_s - sum(spent_s[name] for name in ("warm-up", "idle", "measure")))
        + spent_s["warm-up"] * for_warm_up
        + standard.idle_s
        + spent_s["measure"] * for_trials
    )
    ratio = whole_s / _measuring_s(standard)
    print(f"standard: {whole_s:.0f} s for {_measuring_s(standard):.0f} s of measuring")
    print(f"wall / measuring: {ratio:.3f} (goal: at most 1.15)")


def _phases(events: list[BenchEvent]) -> dict[str, float]:
    """Seconds of every phase."""
    marks = [
        (event.phase.value if isinstance(event, PhaseStarted) else "", event.at_s)
        for event in events
        if isinstance(event, PhaseStarted | RunFinished)
    ]
    spent: dict[str, float] = {}
    for (name, since_s), (_, until_s) in pairwise(marks):
        spent[name] = spent.get(name, 0.0) + until_s - since_s
    return spent


def _tell_trials(events: list[BenchEvent], suite: Suite) -> None:
    """Print what the trials of each test take beyond their seconds: the tool's start and end."""
    finished = [event for event in events if isinstance(event, TrialFinished)]
    for test in suite.tests:
        beyond_s = [
            event.trial.duration_s - suite.duration_s
            for event in finished
            if event.trial.id.test is test
        ]
        print(f"  {test}: {fmean(beyond_s):.2f} s beyond each trial's {suite.duration_s:g} s")
    waited_s = [event.at_s - event.trial.started_s - event.trial.duration_s for event in finished]
    print(f"  then {fmean(waited_s):.2f} s until the samplers have told of its end")


def _trials(suite: Suite) -> int:
    return suite.rounds * len(suite.tests) * PATHS


def _measuring_s(suite: Suite) -> float:
    return _trials(suite) * suite.duration_s + suite.idle_s

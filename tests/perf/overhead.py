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

PATHS = 2


def run() -> None:
    """Run one round of standard; print wall time over measuring time for all its rounds.

    Measuring is the seconds that the suite asks for: all trials, and the idle nodes.
    """
    cluster = state.load(os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME))
    if os.geteuid() != 0 or cluster is None:
        print("overhead: left out, no cluster is up (python -m tests.cluster up --cni flannel)")
        return
    image = load_bench_image(cluster)
    suite = parse_suite(suite_text("standard").text, source="standard")
    with tempfile.TemporaryDirectory() as home:
        recording = Path(home) / "run.jsonl"
        program = CommandLine(cluster=cluster, home=Path(home), image=image)
        began = time.monotonic()
        process = program.start(
            *("bench", "--headless", "--yes", "--image", image, "--out", "-"),
            *("--suite", "standard", "--repeats", "1", "--record", str(recording)),
        )
        _, stderr = process.communicate(timeout=900)
        wall_s = time.monotonic() - began
        if process.returncode != 0:
            raise RuntimeError(stderr)
        events = list(read_recording(recording, tell=print))
    spent_s = _phases(events)
    print("phases: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent_s.items()))
    _tell_trials(events, suite)
    # A copy that ended early (scp's size is a guess) is no merit.
    round_s = spent_s["measure"] + sum(
        max(0.0, suite.duration_s - event.trial.duration_s)
        for event in events
        if isinstance(event, TrialFinished)
    )
    whole_s = wall_s - spent_s["measure"] + suite.rounds * round_s
    measuring_s = suite.rounds * len(suite.tests) * PATHS * suite.duration_s + suite.idle_s
    print(f"{suite.rounds} rounds: {whole_s:.0f} s for {measuring_s:.0f} s of measuring")
    print(
        f"wall / measuring: {whole_s / measuring_s:.3f} (goal: at most 1.15); "
        f"load average {os.getloadavg()[0]:.1f}"
    )


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

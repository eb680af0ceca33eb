"""What the sampler itself costs."""

import json
import subprocess
import time
from pathlib import Path

SAMPLER = Path(__file__).parents[2] / "benchmarks" / "image" / "cniadvisor-sampler"
SECONDS = 15


def run() -> None:
    """Print the sampler's own CPU time by its own count, in percent of a core."""
    process = subprocess.Popen([SAMPLER, "127.0.0.1"], stdout=subprocess.PIPE, text=True)
    time.sleep(SECONDS)
    process.terminate()
    told, _ = process.communicate(timeout=5)
    readings = [json.loads(line) for line in told.splitlines()]
    spent = [(reading["t"], reading["self"]) for reading in readings if "self" in reading]
    (first_t, first), (last_t, last) = spent[0], spent[-1]
    percent = 100 * (last - first) / (last_t - first_t)
    print(f"sampler: {percent:.2f} % of a core over {last_t - first_t:.0f} s (goal: at most 0.5 %)")

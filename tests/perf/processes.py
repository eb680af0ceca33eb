"""How much CPU time a whole process takes: unlike wall time, little moved by the neighbours."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 21


def python(code: str) -> list[str]:
    """The command that runs this code with the interpreter that runs us."""
    return [sys.executable, "-c", code]


def cpu_ms(command: Sequence[str], **environment: str) -> float:
    """The least CPU time of many runs, in ms; the first one fills the caches."""
    kept = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment}
    spent: list[float] = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=kept, cwd=ROOT, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        )
    return 1000 * min(spent)

"""What starting costs, against an empty interpreter and against the imports a command needs."""

import os
import sys

from tests.perf.processes import cpu_ms, python

PROGRAM = [sys.executable, "-m", "cniadvisor"]
DETECT_IMPORTS = (
    "import asyncio, click, cniadvisor.cli, cniadvisor.commands.detect, cniadvisor.k8s.connection,"
    " cniadvisor.k8s.inventory, cniadvisor.wording.findings"
)


def run() -> None:
    """Print the ratios."""
    empty = cpu_ms(python("pass"))
    print(f"python -c pass: {empty:.1f} ms of CPU")
    for arguments, limit in ((["--version"], 5), (["--help"], 8), (["bench", "--help"], 8)):
        spent = cpu_ms([*PROGRAM, *arguments])
        print(f"{' '.join(arguments)}: {spent / empty:.1f} x (goal: at most {limit} x)")
    config = os.environ.get("KUBECONFIG")
    if config is None:
        print("detect: left out, KUBECONFIG names no cluster")
        return
    imports = cpu_ms(python(DETECT_IMPORTS))
    whole = cpu_ms([*PROGRAM, "detect"], KUBECONFIG=config)
    print(f"detect: {whole / imports:.2f} x its imports of {imports:.0f} ms (goal: at most 2 x)")

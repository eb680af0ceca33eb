"""Reading 5,000 nodes and 100,000 pods: time, memory, and what the API server is asked for."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

_READ = """
import asyncio, json, resource, sys, time
from cniadvisor.detect.detection import detect
from cniadvisor.k8s.connection import connect
from cniadvisor.k8s.inventory import read_inventory

async def main():
    begun, cpu_begun = time.monotonic(), time.process_time()
    async with connect(kubeconfig=sys.argv[1]) as connection:
        inventory = await read_inventory(connection)
    read, cpu_read = time.monotonic(), time.process_time()
    findings = detect(inventory)
    print(json.dumps({
        "read_s": read - begun,
        "read_cpu_s": cpu_read - cpu_begun,
        "detect_cpu_s": time.process_time() - cpu_read,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "nodes": len(inventory.items("/api/v1/nodes")),
        "pods": len(inventory.items("/api/v1/pods")),
        "primary": findings.primary.name if findings.primary else None,
    }))

asyncio.run(main())
"""


def run() -> None:
    """Print the figures beside their goals."""
    with tempfile.TemporaryDirectory() as directory:
        kubeconfig = Path(directory) / "config"
        figures, asked = _measured(kubeconfig)
    print(
        f"{figures['nodes']} nodes read in {figures['read_s']:.1f} s "
        f"({figures['read_cpu_s']:.1f} s of CPU; goal: at most 5 s), "
        f"then {figures['primary']} detected in {figures['detect_cpu_s']:.1f} s of CPU"
    )
    print(f"memory at its peak: {figures['peak_mib']:.0f} MiB (goal: at most 300 MB)")
    print(
        f"kept {figures['pods']} of 100,000 pods, with {asked['/api/v1/pods']} lists of pods and "
        f"{asked['/api/v1/nodes']} pages of nodes of {sum(asked.values())} requests in all"
    )


def _measured(kubeconfig: Path) -> tuple[dict[str, float], dict[str, int]]:
    serve = [sys.executable, "-m", "tests.perf.big_cluster", str(kubeconfig)]
    with subprocess.Popen(
        serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        done = subprocess.run(
            [sys.executable, "-c", _READ, str(kubeconfig)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        asked = json.loads(server.communicate()[0])
    return json.loads(done.stdout), asked

"""python -m tests.cluster up | down | status | kubeconfig | build | load"""

import argparse
import sys
import time
from pathlib import Path

from tests.cluster import lifecycle, node, processes, state
from tests.cluster.api import admin_api
from tests.cluster.cni import ready_nodes
from tests.cluster.errors import ClusterError

_MODES = ", ".join(f"{cni.name} {cni.mode}".rstrip() for cni in lifecycle.CNIS)


def main() -> int:
    """Do what the command line says; 0 is success, otherwise words on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    commands = ["up", "down", "status", "kubeconfig", "build", "load"]
    parser.add_argument("command", choices=commands)
    parser.add_argument("archives", nargs="*", type=Path, help="image archives to load")
    parser.add_argument("--name", default=state.DEFAULT_NAME)
    parser.add_argument("--cni", help=_MODES)
    parser.add_argument("--mode")
    parser.add_argument("--nodes", type=int, default=2)
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; `down` removes what was made so far", file=sys.stderr)
        return 130


def _run(given: argparse.Namespace) -> int:
    match given.command:
        case "up":
            began = time.monotonic()
            cluster = lifecycle.up(given.cni or "flannel", given.nodes, given.name, given.mode)
            print(f"up in {time.monotonic() - began:.0f} s; kubeconfig: {cluster.kubeconfig}")
        case "down":
            lifecycle.down(given.name)
        case "build":
            lifecycle.build([lifecycle.cni_of(given.cni)] if given.cni else lifecycle.CNIS)
        case "kubeconfig":
            print(_existing(given.name).kubeconfig)
        case "load":
            for archive in given.archives:
                node.load_image(_existing(given.name), archive)
        case _:
            return _status(_existing(given.name))
    return 0


def _existing(name: str) -> state.Cluster:
    cluster = state.load(name)
    if cluster is None:
        raise ClusterError(f"there is no cluster {name}")
    return cluster


def _status(cluster: state.Cluster) -> int:
    reachable = lifecycle.is_up(cluster)
    print(f"{cluster.name}: {cluster.network}, {'up' if reachable else 'not up'}")
    print(f"API server: https://127.0.0.1:{cluster.port}")
    print(f"kubeconfig: {cluster.kubeconfig}")
    print(f"state and logs: {cluster.directory}")
    if reachable:
        ready = ready_nodes(admin_api(cluster))
        print(f"nodes: {ready} of {len(cluster.nodes)} Ready")
    for process in processes.all_of(cluster):
        print(f"  {process.name}: {process.pid if process.running else 'ended'}")
    return 0 if reachable else 1


if __name__ == "__main__":
    sys.exit(main())

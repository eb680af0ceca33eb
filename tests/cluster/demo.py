"""`make run-cluster`: the main job on a real two-node Kubernetes with a real CNI, on this machine.

Uses the cluster that is up, or makes one and takes it down again. Said as variables, such as
`make run-cluster SUITE=standard TESTS=tcp,http KEEP=1`:

CNI    flannel (default) or cilium
MODE   of Flannel: vxlan (default) or host-gw; of Cilium: vxlan (default) or native, which does
       kube-proxy's work, too
SUITE  quick (default), standard, thorough or a file
TESTS  only these tests of the suite
KEEP   1: leave the cluster up; the next run then starts at once
CNIADVISOR_CLUSTER  the cluster's name
"""

import os
import sys

from tests.cluster import lifecycle, prerequisites, state
from tests.cluster.errors import ClusterError
from tests.cluster.image import load_bench_image
from tests.cluster.running import Stopped, cluster_for, cniadvisor, raise_when_stopped, say

WITHOUT_A_CLUSTER = """\
Without it you can look at a saved cluster:
  .venv/bin/cniadvisor detect --inventory tests/golden/inventories/canal-3.31.json
or at one of your own (your kubeconfig's; this only reads):
  .venv/bin/cniadvisor detect"""


def main() -> int:
    """Run the demonstration; 2 where this machine can't, 128 and the signal's number if stopped."""
    raise_when_stopped()
    try:
        return _demonstrate(os.environ.get("CNIADVISOR_CLUSTER", state.DEFAULT_NAME))
    except ClusterError as error:
        say(f"make run-cluster: {error}")
        return 1
    except Stopped as stopped:
        say(f"make run-cluster: stopped by {stopped}")
        return 128 + stopped.number


def _demonstrate(name: str) -> int:
    try:
        cni = lifecycle.cni_of(os.environ.get("CNI") or "flannel", os.environ.get("MODE") or None)
        prerequisites.require_root()
        prerequisites.require_go()
        prerequisites.install_missing_packages()
    except ClusterError as error:
        say(f"make run-cluster: {error}\n{WITHOUT_A_CLUSTER}")
        return 2
    with cluster_for(cni, name, keep=os.environ.get("KEEP") == "1") as cluster:
        say("\n== The image the pods run")
        image = load_bench_image(cluster)
        say("\n== cniadvisor detect")
        code, findings = cniadvisor("detect", kubeconfig=cluster.kubeconfig)
        print(findings, flush=True)
        if code != 0:
            return code
        arguments = ["--headless", "--yes", "--suite", os.environ.get("SUITE") or "quick"]
        if tests := os.environ.get("TESTS"):
            arguments += ["--tests", tests]
        say(f"\n== cniadvisor bench {' '.join(arguments)} --image {image}")
        arguments = ["bench", *arguments, "--image", image]
        code, report = cniadvisor(*arguments, kubeconfig=cluster.kubeconfig)
        if report:
            say(f"\nThe report: {report}")
            say(f"Read it again: .venv/bin/cniadvisor show {report}")
        return code


if __name__ == "__main__":
    sys.exit(main())

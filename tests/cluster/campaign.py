"""`make campaign`: our own reference results, into `profiles/reference/` and docs/reference.md.

The standard suite on real Flannel (vxlan, host-gw) and real Cilium (vxlan, native), one cluster
after the other, then the lab's wirings. A campaign is a folder of reports as cniadvisor wrote them
and a file beside it that says under which conditions they were taken. About 25 minutes a cluster on
two cores; leave the machine alone meanwhile. What is there already is not measured again, so a
campaign that was stopped goes on where it was; delete a report to repeat it.

MONTH   of the campaign, such as 2026-11; otherwise this month
SUITE   standard (default), quick, thorough or a file
ROUNDS  5 (default): no more rounds for wide intervals, or two cores take hours
CAUTION  one more sentence to be told beside the results, such as what else ran meanwhile
LAB_SUITE  quick (default): its wirings by turns take as long as two clusters otherwise
"""

import os
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from cniadvisor.resources import profiles
from tests.cluster import campaign_page, prerequisites
from tests.cluster.cilium import CILIUM_NATIVE, CILIUM_VXLAN
from tests.cluster.cni import Cni
from tests.cluster.errors import ClusterError
from tests.cluster.flannel import FLANNEL_HOST_GW, FLANNEL_VXLAN
from tests.cluster.image import load_bench_image
from tests.cluster.running import Stopped, cluster_for, cniadvisor, raise_when_stopped, say

NETWORKS = (FLANNEL_VXLAN, FLANNEL_HOST_GW, CILIUM_VXLAN, CILIUM_NATIVE)
_WIRINGS = ("flannel-vxlan", "flannel-host-gw")  # those that can stand beside a real CNI here
_CLUSTER = "cniadvisor-campaign"
# The metrics API tells nothing of an agent that is younger than two of its windows.
_SETTLING_SECONDS = 60

_ONE_MACHINE = (
    "Both nodes are one machine: sender and receiver share its cores, and what a CNI's work takes "
    "from the one, the other lacks, too.",
    "The wire is a veth pair without a rate: the cores are the limit, never the wire. Nothing here "
    "says what a network of 10 Gbit/s would carry; see docs/method.md.",
    "A virtual machine on shared hardware: what its neighbours did is not known.",
    "Compare the ratios to each report's own baseline, never the Gbit/s of two reports.",
)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign: where its reports lie, and what is true of all of them.

    Attributes:
        name: of its file and folder, such as 2026-11-cniadvisor-cluster.
        title: begins the line under which its results are shown.
        ground: what the nodes were.
        cautions: what its results don't say.
    """

    name: str
    title: str
    ground: str
    cautions: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where its reports lie."""
        return _reference() / self.name

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those of these reports that are not there yet."""
        return [name for name in names if not (self.folder / f"{name}.toml").exists()]

    def write(self) -> None:
        """Write the file that names the reports and their conditions."""
        files = sorted(self.folder.glob("*.toml"))
        reports = [tomllib.loads(file.read_text()) for file in files]
        document = {
            "schema_version": 1,
            "title": self.title,
            "author": "cniadvisor",
            "date": max(date.fromisoformat(r["run"]["started_at"][:10]) for r in reports),
            "provenance": "measured by this project with `make campaign`",
            "conditions": [self.ground, *conditions(reports)],
            "cautions": [*self.cautions, *filter(None, [os.environ.get("CAUTION")])],
            "results": [{"report": f"{self.name}/{file.name}"} for file in files],
        }
        text = tomli_w.dumps(document, multiline_strings=False)
        (_reference() / f"{self.name}.toml").write_text(
            "# Written by `make campaign`. Shown beside your own results, never mixed with them.\n"
            + text
        )


def conditions(reports: Sequence[dict[str, Any]]) -> list[str]:
    """What the reports themselves tell of how they were taken, each distinct thing once.

    Args:
        reports: as parsed TOML, at least one.
    """
    told: list[str] = []
    for report in reports:
        suite = report["plan"]["suite"]
        node = report["target"]["pair"]["client"]
        told += [
            f"suite {suite['name']}: {suite['rounds']} rounds, {suite['duration_s']:g} s a trial, "
            f"{suite['warm_up_s']:g} s of warm-up, pod and host path in turn",
            f"{node['cpu_millicores'] // 1000} cores ({_models(report)}), "
            f"{node['memory_mib'] / 1024:.0f} GiB, kernel {node['kernel']}",
            f"cniadvisor {report['run']['tool_version']}",
        ]
        if report["target"]["kind"] == "kubernetes":
            version = report["target"]["server_version"]
            told.append(f"Kubernetes {version}, {node['container_runtime']}")
    return list(dict.fromkeys(told))


def main() -> int:
    """Measure what is missing; 2 where this machine can't, 128 + the signal's number if stopped."""
    raise_when_stopped()
    month = os.environ.get("MONTH") or date.today().strftime("%Y-%m")
    suite = ["--suite", os.environ.get("SUITE") or "standard"]
    suite += ["--repeats", os.environ.get("ROUNDS") or "5"]
    try:
        prerequisites.require_root()
        prerequisites.require_go()
        code = _clusters(month, suite) or _lab(month)
        if code == 0:
            campaign_page.main()
        return code
    except ClusterError as error:
        say(f"make campaign: {error}")
        return 2
    except Stopped as stopped:
        say(f"make campaign: stopped by {stopped}; the next start goes on where this one was")
        return 128 + stopped.number


def _clusters(month: str, suite: list[str]) -> int:
    campaign = Campaign(
        name=f"{month}-cniadvisor-cluster",
        title=f"Real Flannel and Cilium on a two-node Kubernetes on one machine, {month}",
        ground="this repository's test cluster: two nodes on one machine, a veth pair as the wire",
        cautions=_ONE_MACHINE,
    )
    for network in NETWORKS:
        name = f"{network.name}-{network.mode}"
        if campaign.missing([name]):
            say(f"\n== {name}")
            code = _on_cluster(network, campaign.folder / f"{name}.toml", suite)
            if code != 0:
                return code
            campaign.write()
    return 0


def _on_cluster(network: Cni, target: Path, suite: list[str]) -> int:
    with cluster_for(network, _CLUSTER) as cluster, tempfile.TemporaryDirectory() as scratch:
        image = load_bench_image(cluster)
        time.sleep(_SETTLING_SECONDS)
        written = Path(scratch) / target.name
        code, _ = cniadvisor(
            *("bench", "--headless", "--yes", *suite, "--probe", "policy"),
            *("--image", image, "--out", str(written)),
            kubeconfig=cluster.kubeconfig,
        )
        if code != 0:
            return _not_kept(code)
        _keep(written, target)
        return 0


def _lab(month: str) -> int:
    campaign = Campaign(
        name=f"{month}-cniadvisor-lab",
        title=f"The lab's wirings on one machine, {month}",
        ground="the lab: network namespaces wired as a CNI wires them, no Kubernetes, no agents; "
        "all wirings by turns in one run",
        cautions=(
            "The wirings imitate a CNI's links, routes and rules; no CNI ran.",
            *_ONE_MACHINE,
        ),
    )
    wirings = campaign.missing(_WIRINGS)
    if not wirings:
        return 0
    say(f"\n== the lab: {', '.join(wirings)}")
    with tempfile.TemporaryDirectory() as scratch:
        suite = ("--suite", os.environ.get("LAB_SUITE") or "quick")
        chosen = ("--wiring", ",".join(wirings))
        code, _ = cniadvisor("lab", "--headless", *chosen, *suite, "--out", scratch)
        if code != 0:
            return _not_kept(code)
        for wiring in wirings:
            (written,) = Path(scratch).glob(f"*-{wiring}.toml")
            _keep(written, campaign.folder / f"{wiring}.toml")
    campaign.write()
    return 0


def _keep(written: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(written.read_bytes())


def _not_kept(code: int) -> int:
    say(f"make campaign: cniadvisor ended with {code}; what it wrote is not kept")
    return code


def _models(report: dict[str, Any]) -> str:
    return ", ".join(dict.fromkeys(cpu["model"] for cpu in report.get("cpus", ()))) or "unknown"


def _reference() -> Path:
    return profiles() / "reference"


if __name__ == "__main__":
    sys.exit(main())

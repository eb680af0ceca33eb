"""Answers that a cluster gives by itself, each with its evidence. They are proposals."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Node
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.probe import Enforcement
from cniadvisor.domain.quantities import mebibytes
from cniadvisor.domain.text import printable

MANAGED = frozenset({"eks", "aks", "gke", "oke", "openshift"})
RUN_BY_PROVIDER = frozenset({("gke", "cilium"), ("aks", "cilium")})
"""Dataplane V2 and Azure CNI powered by Cilium: Cilium, but the provider's."""

SMALL_MIB = 2048
_VERSION = re.compile(r"(\d+)\.(\d+)")


_SEEN = {
    Enforcement.ENFORCED: "NetworkPolicy is enforced now",
    Enforcement.PARTLY: "NetworkPolicy is enforced only in part now",
    Enforcement.NOT_ENFORCED: "NetworkPolicy is not enforced now",
}
_ABOUT_POLICY = ("policy", "network_policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An answer the cluster gives, and why we think so.

    ``value`` is None where something is known that answers nothing: what is so need not be wanted.
    """

    value: str | None
    evidence: str


def prefill(
    catalogue: Catalogue, findings: Findings, inventory: Inventory | None = None
) -> Mapping[str, Found]:
    """Return question -> answer, as far as the cluster tells.

    Findings alone tell less than with the inventory they come from (nodes, policies). Answers that
    the questionnaire doesn't know (another ``--profiles``) are left out.
    """
    found = dict(_of_findings(catalogue, findings))
    if inventory is not None:
        found |= dict(_of_inventory(Cluster(inventory)))
    return {
        question.name: found[question.name]
        for question in catalogue.questions
        if question.name in found
        and any(choice.value == found[question.name].value for choice in question.choices)
    }


def with_probe(found: Mapping[str, Found], own: OwnMeasurements) -> Mapping[str, Found]:
    """Return the answers with what the newest probe of NetworkPolicy says beside them.

    A report's probe counts if its CNI is the one that runs now.
    """
    current = found["current"].value if "current" in found else None
    here = [probed.probe for probed in own.probes if probed.is_about(current)]
    probe = max(here, key=lambda one: one.probed_at, default=None)
    if probe is None or probe.enforcement not in _SEEN:
        return found
    seen = f"{_SEEN[probe.enforcement]} (probed {probe.probed_at[:10]})."
    told = {name: found.get(name, Found(value=None, evidence="")) for name in _ABOUT_POLICY}
    return {
        **found,
        **{
            name: replace(one, evidence=f"{one.evidence} {seen}".lstrip())
            for name, one in told.items()
        },
    }


def _of_findings(catalogue: Catalogue, findings: Findings) -> Iterator[tuple[str, Found]]:
    primary = findings.primary
    if primary is not None:
        known = {profile.name for profile in catalogue.primaries}
        value = primary.name if primary.name in known | {"none"} else "other"
        version = f" {primary.version}" if primary.version else ""
        sure = f"{primary.confidence.value} confidence"
        yield "current", Found(value=value, evidence=f"Detected: {primary.name}{version}, {sure}.")
        if primary.encryption in {"wireguard", "ipsec"}:
            told = f"{primary.name} encrypts now, by {primary.encryption}."
            yield "encrypted", Found(value="yes", evidence=told)
        managed = findings.distribution in MANAGED and value == "other"
        if managed or (findings.distribution, primary.name) in RUN_BY_PROVIDER:
            told = f"The distribution is {findings.distribution} and runs its own {primary.name}."
            yield "cni_fixed", Found(value="yes", evidence=told)
    if findings.distribution is not None:
        ours = findings.distribution in {"k3s", "rke2"}
        told = f"The nodes say {findings.distribution}."
        value = findings.distribution if ours else "other"
        yield "distribution", Found(value=value, evidence=told)
    if findings.kube_proxy_mode == "replaced":
        told = "The CNI does kube-proxy's work now."
        yield "kube_proxy_free", Found(value="yes", evidence=told)
    if any(component.name == "multus" for component in findings.meta):
        yield "interfaces", Found(value="several", evidence="Multus runs.")


def _of_inventory(cluster: Cluster) -> Iterator[tuple[str, Found]]:
    policies = len(cluster.objects("networking.k8s.io", "networkpolicies"))
    if policies:
        told = f"The cluster has {policies} NetworkPolicy object{'s' if policies > 1 else ''}."
        yield "network_policy", Found(value="yes", evidence=told)
    if not cluster.nodes or not cluster.complete("", "nodes"):
        return
    windows = [node.name for node in cluster.nodes if node.windows]
    if windows:
        told = f"{len(windows)} of {len(cluster.nodes)} nodes run Windows."
        yield "windows", Found(value="yes", evidence=told)
    else:
        yield "windows", Found(value="no", evidence=f"All {len(cluster.nodes)} nodes run Linux.")
    kernel = _oldest([node for node in cluster.nodes if not node.windows])
    if kernel is not None:
        yield "kernel", kernel
    if families := _families(cluster.nodes):
        both = len(families) == 2
        told = f"The nodes' pod networks are {' and '.join(sorted(families))}."
        yield "ip", Found(value="dual-stack" if both else "ipv4", evidence=told)
    if (least := _least_memory_mib(cluster)) is not None:
        small = least <= SMALL_MIB
        told = f"The smallest node has {least} MiB of memory."
        yield "small_nodes", Found(value="yes" if small else "no", evidence=told)


def _oldest(nodes: list[Node]) -> Found | None:
    """Return the answer for the oldest kernel; None if one can't be read."""
    versions: list[tuple[tuple[int, int], Node]] = []
    for node in nodes:
        matched = _VERSION.match(node.kernel_version)
        if matched is None:
            return None
        versions.append(((int(matched[1]), int(matched[2])), node))
    if not versions:
        return None
    version, node = min(versions, key=lambda told: told[0])
    if version >= (5, 10):
        value = "5.10"
    elif version >= (5, 6):
        value = "5.6"
    else:
        value = "rhel8" if version == (4, 18) and ".el8" in node.kernel_version else "older"
    told = f"The oldest kernel among the nodes is {printable(node.kernel_version, limit=60)}."
    return Found(value=value, evidence=told)


def _families(nodes: tuple[Node, ...]) -> set[str]:
    families: set[str] = set()
    for cidr in (cidr for node in nodes for cidr in node.pod_cidrs):
        try:
            families.add(f"IPv{ip_network(cidr, strict=False).version}")
        except ValueError:
            continue
    # An IPv6-only cluster is not among the answers.
    return set() if families == {"IPv6"} else families


def _least_memory_mib(cluster: Cluster) -> int | None:
    found: list[int] = []
    for node in cluster.objects("", "nodes"):
        status = node.get("status")
        capacity = status.get("capacity") if isinstance(status, dict) else None
        memory = capacity.get("memory") if isinstance(capacity, dict) else None
        if isinstance(memory, str) and mebibytes(memory) > 0:
            found.append(mebibytes(memory))
    return min(found, default=None)

"""The keys of facts: what each is called in a sentence, and what kind of value it has.

A closed list: a key that nobody reads would be a fact without effect, so a file that has one is
refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What values a fact has. ``version`` is a kernel's: ``5.10``."""

    FLAG = "flag"
    NUMBER = "number"
    VERSION = "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One key.

    Attributes:
        kind: what values it has.
        label: what it is called: "policy tiers", "images to mirror".
        capability: something a CNI can do, so that lacking it is something given up.
    """

    kind: Kind
    label: str
    capability: bool = True


def _cost(kind: Kind, label: str) -> Term:
    return Term(kind=kind, label=label, capability=False)


def _can(label: str) -> Term:
    return Term(kind=Kind.FLAG, label=label)


TERMS: Mapping[str, Term] = {
    "workloads": _cost(Kind.NUMBER, "workloads"),
    "containers_per_node": _cost(Kind.NUMBER, "containers a node"),
    "crds": _cost(Kind.NUMBER, "CustomResourceDefinitions"),
    "least_privilege": _cost(Kind.FLAG, "few privileges"),
    "node_openings": _cost(Kind.NUMBER, "openings between nodes"),
    "images": _cost(Kind.NUMBER, "images to mirror"),
    "idle_memory_mb": _cost(Kind.NUMBER, "memory a node when idle"),
    "min_kernel": _cost(Kind.VERSION, "oldest kernel"),
    "kernel_rhel8": _cost(Kind.FLAG, "RHEL 8's kernel"),
    "policy_kubernetes": _can("Kubernetes NetworkPolicy"),
    "policy_cluster_wide": _can("cluster-wide policy"),
    "policy_tiers": _can("policy tiers"),
    "policy_staged": _can("staged policies"),
    "policy_host": _can("policy for the nodes"),
    "policy_admin": _can("ClusterNetworkPolicy"),
    "policy_fqdn": _can("rules by host name"),
    "policy_l7": _can("rules on HTTP and other application protocols"),
    "policy_windows": _can("policy on Windows nodes"),
    "policy_host_windows": _can("policy for Windows nodes themselves"),
    "policy_beside": _can("policy beside another CNI"),
    "encryption_wireguard": _can("encryption by WireGuard"),
    "encryption_ipsec": _can("encryption by IPsec"),
    "encryption_nodes": _can("encryption of the nodes' own traffic"),
    "encryption_mtls": _can("mutual TLS between pods"),
    "windows": _can("Windows nodes"),
    "dual_stack": _can("IPv4 and IPv6 together"),
    "dual_stack_windows": _can("IPv4 and IPv6 together on Windows nodes"),
    "kube_proxy_replacement": _can("doing without kube-proxy"),
    "bgp": _can("BGP"),
    "flow_observability": _can("showing flows"),
    "multi_cluster": _can("joining clusters"),
    "egress_gateway": _can("egress gateways"),
    "bandwidth_limit": _can("limiting pods' bandwidth"),
    "no_overlay": _can("routing without an overlay"),
    "beside_multus": _cost(Kind.FLAG, "working under Multus"),
    "several_interfaces": _can("several interfaces"),
}
"""Every key a fact may have."""


def version_of(text: str) -> tuple[int, ...]:
    """Return a kernel version for comparison: ``5.10`` is (5, 10).

    Raises:
        ValueError: it is not numbers with points between them.
    """
    # int() alone would take "-3" and "1_0".
    if not all(part.isascii() and part.isdigit() for part in text.split(".")):
        raise ValueError(text)
    return tuple(int(part) for part in text.split("."))

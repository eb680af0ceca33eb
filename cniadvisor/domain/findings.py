"""What detection concludes: who wires pods, who enforces policy, what else lies around, and why.

The field names are those of ``cniadvisor detect --output json``; scripts rely on them.
"""

from dataclasses import dataclass
from enum import StrEnum

WIRED_AS = "kernel dataplane wired as "
"""How the name of what a lab wired begins, which is never a CNI's name alone."""


class Confidence(StrEnum):
    """How sure a finding is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """On how many nodes the component was seen working."""

    nodes: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One detected component.

    Attributes:
        name: lower-case product name (flannel, calico, canal, cilium, multus, antrea, ...).
        variant: how it was installed (manifest, operator, chart, embedded, thin, thick, ...).
        version: without a leading v; None when it could not be read.
        mode: vxlan, geneve, ipip, host-gw, native, bgp, unencapsulated, wireguard, ipsec, udp,
            bridge; None when it could not be read.
        cross_subnet: the encapsulation applies only between subnets.
        mtu: pod MTU in bytes as configured or implied; None when unknown.
        encryption: wireguard, ipsec or none; None when unknown.
        evidence: sentences, strongest first.
        details: further facts by name (``flannel_version`` for Canal, ``ipam``, ...).
    """

    name: str
    variant: str | None = None
    version: str | None = None
    mode: str | None = None
    cross_subnet: bool = False
    mtu: int | None = None
    encryption: str | None = None
    confidence: Confidence = Confidence.LOW
    coverage: Coverage | None = None
    evidence: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something that could not be read, and the right that would tell."""

    what: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All slots of a cluster's network. ``primary`` None means: not found out."""

    primary: Component | None = None
    policy: Component | None = None
    meta: tuple[Component, ...] = ()
    chained: tuple[Component, ...] = ()
    embedded: tuple[Component, ...] = ()
    residue: tuple[Component, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    warnings: tuple[str, ...] = ()
    distribution: str | None = None
    kube_proxy_mode: str | None = None


class Stance(StrEnum):
    """Which way a piece of evidence speaks."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation about a candidate.

    Attributes:
        rank: 1 (a ready agent) to 8 (an API group): ``cniadvisor.detect.evidence.Rank``.
        text: the observation as a sentence.
        source: the inventory key it was read from; empty when it follows from several.
    """

    rank: int
    text: str
    stance: Stance = Stance.FOR
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A candidate with everything that speaks for and against it, strongest first.

    ``slot`` is where it ended: primary, policy, meta, chained, embedded or residue.
    """

    name: str
    slot: str
    confidence: Confidence
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why detection concluded what it did, and what would settle what it is not sure of."""

    considered: tuple[Considered, ...] = ()
    settle: tuple[str, ...] = ()

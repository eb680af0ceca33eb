"""Detection: from an inventory to findings, and to the evidence behind them. Pure functions."""

from collections.abc import Callable
from dataclasses import replace

from cniadvisor.detect import (
    calico,
    canal,
    cilium,
    embedded,
    flannel,
    health,
    kube_proxy,
    multus,
    others,
    policy,
    residue,
    unknowns,
)
from cniadvisor.detect.candidate import Candidate, Slot
from cniadvisor.detect.chained_plugins import chained_plugins
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.distributions import distribution_of
from cniadvisor.detect.fallback import guess, proven_absent
from cniadvisor.detect.weigh import Judgement, Weighed, weigh
from cniadvisor.domain.findings import (
    Component,
    Confidence,
    Considered,
    Evidence,
    Explanation,
    Findings,
    Unknown,
)
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.text import printable

FINDERS: tuple[Callable[[Cluster], tuple[Candidate, ...]], ...] = (
    canal.find,
    flannel.find,
    calico.find,
    cilium.find,
    multus.find,
    others.find,
)


def detect(inventory: Inventory) -> Findings:
    """Return who wires pods here, who enforces policy, and what else there is.

    Never raises: what is missing or malformed makes the answer less sure, not fail. All text in the
    answer is printable.
    """
    cluster = Cluster(inventory)
    distribution = distribution_of(cluster)
    judgement = _judge(cluster, distribution)
    primary = judgement.primary.component() if judgement.primary else proven_absent(cluster)
    return _printable(
        Findings(
            primary=primary,
            policy=policy.policy(judgement),
            meta=_components(judgement.in_slot(Slot.META)),
            chained=(*_components(judgement.in_slot(Slot.CHAINED)), *_plugins(judgement)),
            embedded=_components(_embedded(judgement)),
            residue=(
                *_components(judgement.in_slot(Slot.RESIDUE)),
                *residue.residue(
                    residue.leftovers(cluster, _active(judgement)), settled=_settled(primary)
                ),
            ),
            unknown=unknowns.unknown(cluster, judgement),
            warnings=(
                *health.warnings(cluster, judgement),
                *policy.warnings(cluster, judgement),
                *kube_proxy.warnings(cluster, judgement),
                *multus.warnings(cluster),
            ),
            distribution=distribution,
            kube_proxy_mode=kube_proxy.mode(cluster, judgement),
        )
    )


def explain(inventory: Inventory) -> Explanation:
    """Return the evidence for and against each candidate, and what would settle an unsure one."""
    cluster = Cluster(inventory)
    judgement = _judge(cluster, distribution_of(cluster))
    left = residue.leftovers(cluster, _active(judgement))
    settled = _settled(judgement.primary.component() if judgement.primary else None)
    sure = Confidence.HIGH if settled else Confidence.LOW
    considered = [
        Considered(
            name=weighed.name,
            slot=str(weighed.candidate.slot),
            confidence=weighed.confidence,
            evidence=tuple(map(_printable_evidence, weighed.evidence)),
        )
        for weighed in judgement.everybody
    ]
    considered += [
        Considered(
            name=name,
            slot="residue",
            confidence=sure,
            evidence=tuple(map(_printable_evidence, evidence)),
        )
        for name, evidence in left.items()
    ]
    return Explanation(
        considered=tuple(considered),
        settle=tuple(map(printable, unknowns.settle(cluster, judgement))),
    )


def _judge(cluster: Cluster, distribution: str | None) -> Judgement:
    """Find, then fill in what shows no workload, then guess where agents could not be read."""
    found = tuple(candidate for find in FINDERS for candidate in find(cluster))
    found += embedded.find(cluster, distribution, found)
    if not any(candidate.slot is Slot.PRIMARY for candidate in found):
        found += guess(cluster)
    return weigh(cluster, found)


def _plugins(judgement: Judgement) -> tuple[Component, ...]:
    """Helper plugins chained behind the primary."""
    if judgement.primary is None:
        return ()
    primary = judgement.primary.candidate
    return tuple(
        Component(name=name, confidence=judgement.primary.confidence, evidence=(seen.text,))
        for name, seen in chained_plugins(primary, judgement.observations).items()
    )


def _embedded(judgement: Judgement) -> tuple[Weighed, ...]:
    """What shows no workload, a primary among it."""
    primary = judgement.primary
    hidden = primary is not None and primary.candidate.embedded
    return (*((primary,) if primary and hidden else ()), *judgement.in_slot(Slot.EMBEDDED))


def _active(judgement: Judgement) -> frozenset[str]:
    """Names whose traces are accounted for by something that is there."""
    return frozenset(
        name
        for weighed in judgement.everybody
        for name in (weighed.name, *weighed.candidate.covers)
    )


def _settled(primary: Component | None) -> bool:
    return primary is not None and primary.confidence is Confidence.HIGH


def _components(weighed: tuple[Weighed, ...]) -> tuple[Component, ...]:
    return tuple(item.component() for item in weighed)


def _printable(findings: Findings) -> Findings:
    """Return the findings with every text that may come from the cluster made printable."""
    clean = _printable_component
    return replace(
        findings,
        primary=clean(findings.primary) if findings.primary else None,
        policy=clean(findings.policy) if findings.policy else None,
        meta=tuple(map(clean, findings.meta)),
        chained=tuple(map(clean, findings.chained)),
        embedded=tuple(map(clean, findings.embedded)),
        residue=tuple(map(clean, findings.residue)),
        unknown=tuple(
            Unknown(what=printable(item.what), right=printable(item.right))
            for item in findings.unknown
        ),
        warnings=tuple(map(printable, findings.warnings)),
    )


def _printable_component(component: Component) -> Component:
    return replace(
        component,
        variant=_printable_or_none(component.variant),
        version=_printable_or_none(component.version),
        mode=_printable_or_none(component.mode),
        encryption=_printable_or_none(component.encryption),
        evidence=tuple(map(printable, component.evidence)),
        details=tuple((printable(key), printable(value)) for key, value in component.details),
    )


def _printable_evidence(evidence: Evidence) -> Evidence:
    return replace(evidence, text=printable(evidence.text), source=printable(evidence.source))


def _printable_or_none(text: str | None) -> str | None:
    return None if text is None else printable(text, limit=200) or None

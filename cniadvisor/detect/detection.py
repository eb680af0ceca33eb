"""Detection: from an inventory to findings, and to the evidence behind them. Pure functions."""

from collections.abc import Callable
from dataclasses import replace

from cniadvisor.detect import flannel, health
from cniadvisor.detect.candidate import Candidate, Slot
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.distributions import distribution
from cniadvisor.detect.residue import residue
from cniadvisor.detect.weigh import Judgement, Weighed, weigh
from cniadvisor.domain.findings import Component, Confidence, Findings, Unknown
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.text import printable

FINDERS: tuple[Callable[[Cluster], tuple[Candidate, ...]], ...] = (flannel.find,)


def detect(inventory: Inventory) -> Findings:
    """Return who wires pods here, who enforces policy, and what else there is.

    Never raises: what is missing or malformed makes the answer less sure, not fail. All text in the
    answer is printable.
    """
    cluster = Cluster(inventory)
    judgement = _judge(cluster)
    return _printable(
        Findings(
            primary=judgement.primary.component() if judgement.primary else None,
            meta=_components(judgement.in_slot(Slot.META)),
            chained=_components(judgement.in_slot(Slot.CHAINED)),
            embedded=_components(judgement.in_slot(Slot.EMBEDDED)),
            residue=residue(cluster, _active(judgement), settled=_settled(judgement)),
            unknown=tuple(
                dict.fromkeys(u for w in judgement.everybody for u in w.candidate.unknown)
            ),
            warnings=health.warnings(cluster, judgement),
            distribution=distribution(cluster),
        )
    )


def _judge(cluster: Cluster) -> Judgement:
    return weigh(cluster, (candidate for find in FINDERS for candidate in find(cluster)))


def _active(judgement: Judgement) -> frozenset[str]:
    """Names whose traces are accounted for by something that is there."""
    return frozenset(
        name
        for weighed in judgement.everybody
        for name in (weighed.name, *weighed.candidate.covers)
    )


def _settled(judgement: Judgement) -> bool:
    return judgement.primary is not None and judgement.primary.confidence is Confidence.HIGH


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


def _printable_or_none(text: str | None) -> str | None:
    return None if text is None else printable(text, limit=200) or None

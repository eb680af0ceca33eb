"""Who enforces NetworkPolicy: often not the one that wires pods, and sometimes nobody."""

from cniadvisor.detect.candidate import Engine, Slot
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.weigh import Judgement, Weighed
from cniadvisor.domain.findings import Component, Confidence
from cniadvisor.domain.words import counted

_LESS = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW}


def engine_of(judgement: Judgement) -> tuple[Weighed, Engine] | None:
    """Return the engine in charge: one that is there for policy only, before the primary's own."""
    engines = _engines(judgement)
    return engines[0] if engines else None


def policy(judgement: Judgement) -> Component | None:
    """Return the policy engine as a finding; None when nothing enforces NetworkPolicy."""
    found = engine_of(judgement)
    if found is None:
        return None
    weighed, engine = found
    confidence = weighed.confidence
    if engine.doubt:
        confidence = _LESS.get(confidence, Confidence.LOW)
    evidence = [engine.evidence.text]
    if engine.doubt:
        evidence.append(f"But: {engine.doubt}")
    return Component(
        name=engine.name,
        variant=engine.variant or weighed.candidate.variant,
        version=engine.version,
        confidence=confidence,
        coverage=weighed.coverage,
        evidence=tuple(evidence),
    )


def warnings(cluster: Cluster, judgement: Judgement) -> tuple[str, ...]:
    """Policies that nobody enforces, and engines that get in each other's way."""
    engines = _engines(judgement)
    if len({engine.name for _, engine in engines}) > 1:
        names = ", ".join(dict.fromkeys(engine.name for _, engine in engines))
        return (f"More than one engine enforces NetworkPolicy: {names}.",)
    policies = len(cluster.objects("networking.k8s.io", "networkpolicies"))
    primary = judgement.primary
    certain = primary is not None and primary.confidence is Confidence.HIGH
    if policies and not engines and certain and cluster.known("apps", "daemonsets"):
        return (
            f"{counted(policies, 'NetworkPolicy object')} without effect: nothing that enforces"
            " NetworkPolicy was found.",
        )
    return ()


def _engines(judgement: Judgement) -> list[tuple[Weighed, Engine]]:
    """Engines at work, the one in charge first.

    A CNI that lost against the primary still enforces on the pods it wired, and k3s' controller
    runs beside any CNI: neither comes before the primary's own.
    """
    order = {Slot.POLICY: 0, Slot.CHAINED: 1, Slot.PRIMARY: 2, Slot.EMBEDDED: 3, Slot.META: 4}
    found = [
        (weighed, weighed.candidate.engine)
        for weighed in judgement.everybody
        if weighed.candidate.engine is not None and weighed.candidate.running
    ]
    return sorted(found, key=lambda item: (item[0].candidate.rival, order[item[0].candidate.slot]))

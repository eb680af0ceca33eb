"""Weighs the candidates: who is the primary, how sure, and what everybody else is.

Ranks 1 and 2 decide, ranks 3 to 6 break ties and lower the confidence where they disagree, ranks 7
and 8 alone never make a component (cniadvisor.detect.evidence names the ranks).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cniadvisor.detect.candidate import Candidate, Slot
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.corroborate import Observations
from cniadvisor.detect.evidence import Evidence, Rank, in_favour, ordered
from cniadvisor.domain.findings import Component, Confidence, Coverage, Stance
from cniadvisor.domain.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A candidate with all its evidence, how sure it is, and on how many nodes it works."""

    candidate: Candidate
    evidence: tuple[Evidence, ...]
    confidence: Confidence
    coverage: Coverage | None

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name

    def component(self) -> Component:
        """Return it as a finding."""
        found = self.candidate
        return Component(
            name=found.name,
            variant=found.variant,
            version=found.version,
            mode=found.mode,
            cross_subnet=found.cross_subnet,
            mtu=found.mtu,
            encryption=found.encryption,
            confidence=self.confidence,
            coverage=self.coverage,
            evidence=tuple(
                item.text if item.stance is Stance.FOR else f"But: {item.text}"
                for item in self.evidence
            ),
            details=tuple(sorted(found.details.items())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Who got which slot."""

    primary: Weighed | None
    others: tuple[Weighed, ...]
    observations: Observations
    warnings: tuple[str, ...]

    def in_slot(self, slot: Slot) -> tuple[Weighed, ...]:
        """Return what is in a slot beside the primary."""
        return tuple(item for item in self.others if item.candidate.slot is slot)

    @property
    def everybody(self) -> tuple[Weighed, ...]:
        """The primary first, then all others."""
        return (*((self.primary,) if self.primary else ()), *self.others)


def weigh(cluster: Cluster, candidates: Iterable[Candidate]) -> Judgement:
    """Give each candidate its slot and confidence."""
    found = tuple(candidates)
    companions = frozenset(
        name
        for candidate in found
        if candidate.slot is not Slot.PRIMARY
        for name in candidate.covers
    )
    observations = Observations(cluster, companions=companions)
    contenders = sorted(
        (candidate for candidate in found if candidate.slot is Slot.PRIMARY),
        key=lambda candidate: (candidate.running, observations.standing(candidate)),
        reverse=True,
    )
    running = [candidate for candidate in contenders if candidate.running]
    warnings: list[str] = []
    losers: list[Candidate] = []
    primary = contenders[0] if contenders else None
    if primary is not None:
        primary = encrypted_by_companion(primary, found)
        losers = [
            replace(loser, slot=Slot.CHAINED if loser.running else Slot.RESIDUE, rival=True)
            for loser in contenders[1:]
        ]
    if len(running) > 1 and primary is not None:
        told = ", ".join(f"{c.name} on {counted(c.ready, 'node')}" for c in running)
        warnings.append(
            f"More than one primary CNI is ready: {told}. {primary.name} is taken for the primary;"
            " a migration may be under way, or one of them is left over."
        )
    return Judgement(
        primary=_weighed(cluster, primary, observations, rivals=len(running) > 1)
        if primary
        else None,
        others=tuple(
            _weighed(cluster, candidate, observations, rivals=candidate in losers)
            for candidate in (*(c for c in found if c.slot is not Slot.PRIMARY), *losers)
        ),
        observations=observations,
        warnings=tuple(warnings),
    )


def encrypted_by_companion(primary: Candidate, found: Iterable[Candidate]) -> Candidate:
    """Return the primary with what a policy engine or chained CNI beside it encrypts.

    Calico's and Cilium's WireGuard work on another CNI's pods as well.
    """
    for companion in found:
        beside = companion.slot in {Slot.POLICY, Slot.CHAINED} and companion.running
        if beside and companion.encryption not in {None, "none"}:
            told = f"{companion.name} beside it encrypts with {companion.encryption}"
            return replace(
                primary,
                encryption=companion.encryption,
                evidence=(*primary.evidence, in_favour(Rank.RESOURCE, told)),
            )
    return primary


def coverage(cluster: Cluster, candidate: Candidate) -> Coverage | None:
    """Return on how many nodes its agents are ready, of all nodes if those could be read."""
    total = len(cluster.nodes) if cluster.known("", "nodes") else candidate.desired
    if total is None:
        return None
    if not candidate.workloads:
        seen = candidate.seen_on
        return None if seen is None else Coverage(nodes=min(seen, total), of=total)
    return Coverage(nodes=min(candidate.ready, total), of=total)


def _weighed(
    cluster: Cluster, candidate: Candidate, observations: Observations, *, rivals: bool
) -> Weighed:
    evidence = candidate.evidence
    if candidate.slot is Slot.PRIMARY or rivals:
        evidence += observations.evidence(candidate)
    return Weighed(
        candidate=candidate,
        evidence=ordered(evidence),
        confidence=_confidence(cluster, candidate, evidence, rivals=rivals),
        coverage=coverage(cluster, candidate),
    )


def uncovered(cluster: Cluster, candidate: Candidate) -> int:
    """Return how many Ready Linux nodes have no ready agent, as far as counts tell."""
    linux = sum(node.ready and not node.windows for node in cluster.nodes)
    return max(0, linux - candidate.ready) if candidate.workloads else 0


def _confidence(
    cluster: Cluster, candidate: Candidate, evidence: tuple[Evidence, ...], *, rivals: bool
) -> Confidence:
    if candidate.sure is not None:
        return candidate.sure
    if not candidate.running:
        return Confidence.LOW
    wanted = candidate.desired
    if wanted is not None and 2 * candidate.ready < wanted:
        return Confidence.LOW
    contradicted = any(item.stance is Stance.AGAINST for item in evidence)
    partly = wanted is None or candidate.ready < wanted
    partly = partly or (candidate.slot is Slot.PRIMARY and uncovered(cluster, candidate) > 0)
    if contradicted or partly or rivals or candidate.doubts or not candidate.image_known:
        return Confidence.MEDIUM
    return Confidence.HIGH

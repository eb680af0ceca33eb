"""What a probe of NetworkPolicy found: which parts of it the cluster really enforces."""

from dataclasses import dataclass
from enum import StrEnum


class PolicyPart(StrEnum):
    """The parts of NetworkPolicy that are tried, each against one pod of ours.

    ``deny-ingress``: a policy without rules keeps everybody out. ``label``: a rule for pods with
    another label lets nobody else in. ``port``: a rule for one port lets that one in and no other.
    ``deny-egress``: a policy without rules lets nothing out.
    """

    DENY_INGRESS = "deny-ingress"
    LABEL = "label"
    PORT = "port"
    DENY_EGRESS = "deny-egress"


class Standing(StrEnum):
    """What became of a part."""

    ENFORCED = "enforced"
    NOT_ENFORCED = "not enforced"
    UNTOLD = "untold"


class Enforcement(StrEnum):
    """What all parts together say."""

    ENFORCED = "enforced"
    PARTLY = "partly enforced"
    NOT_ENFORCED = "not enforced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTried:
    """One part that was tried.

    ``took_s`` is the time from the API server's answer to the first connection that showed the
    effect, with the resolution of the attempts (about a second); None where there was no effect.
    """

    part: PolicyPart
    standing: Standing
    took_s: float | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProbe:
    """What a probe found. ``probed_at`` is UTC, ISO 8601; ``reason`` says why nothing is known."""

    probed_at: str
    parts: tuple[PartTried, ...] = ()
    reason: str = ""

    @property
    def enforcement(self) -> Enforcement:
        """All parts in one word; a part that could not be told keeps the whole from "enforced"."""
        standings = {tried.standing for tried in self.parts}
        if standings == {Standing.ENFORCED}:
            return Enforcement.ENFORCED
        if Standing.ENFORCED in standings:
            return Enforcement.PARTLY
        if Standing.NOT_ENFORCED in standings:
            return Enforcement.NOT_ENFORCED
        return Enforcement.UNKNOWN

"""The seam to whatever holds NetworkPolicies."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from cniadvisor.bench.endpoints import PROBED


class Rule(StrEnum):
    """The policies the probe makes; each selects one pod of the run and no other."""

    DENY_INGRESS = "deny-ingress"
    """The server takes no connections."""
    ALLOW_STRANGER = "allow-stranger"
    """The server takes connections to one port from pods with a label nobody has."""
    ALLOW_CLIENT = "allow-client"
    """The server takes connections to one port from the run's client."""
    DENY_EGRESS = "deny-egress"
    """The client makes no connections."""


class Policies(Protocol):
    """Makes and removes the probe's policies; the target removes what is left."""

    async def apply(self, rule: Rule) -> None:
        """Return when the API server has taken it.

        Raises:
            AccessError: a right is missing. ClusterError: refused, or unreachable.
        """
        ...

    async def remove(self, rule: Rule) -> None:
        """Return when the API server has removed it; nothing happens when there is none."""
        ...


ALLOWED, OTHER = PROBED
"""The server whose port the rules allow, and one on another port, which no rule allows."""

Tell = Callable[[str], None]
"""Told in a sentence what is being tried."""

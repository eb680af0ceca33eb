"""How much data a plan moves, before it has run: an upper bound under a stated assumption."""

from dataclasses import dataclass

from cniadvisor.domain.measurement import FIGURES
from cniadvisor.domain.plan import NodePair, Plan
from cniadvisor.domain.units import gigabytes

ASSUMED_MBIT_PER_S = 10_000
"""Assumed where nobody knows how fast the NIC is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Data a run moves if every trial fills a wire of the assumed speed, or reaches its limit.

    ``gigabytes`` counts the rounds that always run, ``most_gigabytes`` the longest run;
    ``across_zones`` is None when a node's zone is not known.
    """

    assumed_mbit_per_s: float
    gigabytes: float
    most_gigabytes: float
    across_zones: bool | None


def estimate(
    plan: Plan, pair: NodePair, *, assumed_mbit_per_s: float = ASSUMED_MBIT_PER_S
) -> Volume:
    """Return what a plan moves between its nodes, warm-up included, on both paths.

    Everything that crosses counts once, in the direction it goes: from the server to the client.
    Tests of latency move next to nothing.
    """
    suite = plan.suite
    if plan.max_rate_mbit_per_s is not None:
        assumed_mbit_per_s = min(assumed_mbit_per_s, plan.max_rate_mbit_per_s)
    filling = [test for test in suite.tests if FIGURES[test].unit == "Mbit/s"]
    ways = len(filling) * len(plan.paths)
    warm_up_s = ways * suite.warm_up_s
    always_s = ways * suite.rounds * suite.duration_s
    longest_s = ways * suite.max_rounds * suite.duration_s
    zones = (pair.client.zone, pair.server.zone)
    return Volume(
        assumed_mbit_per_s=assumed_mbit_per_s,
        gigabytes=gigabytes(assumed_mbit_per_s, always_s + warm_up_s),
        most_gigabytes=gigabytes(assumed_mbit_per_s, longest_s + warm_up_s),
        across_zones=None if None in zones else pair.crosses_zones,
    )

"""Evidence and its strength: what can be taken away without a trace decides, what stays does not.

Ranks 1 to 3 decide who is there. Ranks 4 to 6 supply parameters and break ties. Ranks 7 and 8
outlive every uninstall and say only "residue or unknown".
"""

from enum import IntEnum

from cniadvisor.domain.findings import Evidence, Stance

__all__ = ["Evidence", "Rank", "against", "in_favour", "ordered"]


class Rank(IntEnum):
    """Strength of evidence, 1 is strongest."""

    AGENT = 1
    """A workload with ready pods, known by container name and image."""
    POD = 2
    """What the CNI wrote on, or gave to, an ordinary pod after it was installed."""
    NODE_FILE = 3
    """What a node itself holds: the configuration file the runtime takes first. It says who wires
    new pods, but it stays when its writer goes, so it corroborates and does not decide."""
    CONDITION = 4
    """The node condition NetworkUnavailable; never deleted, only overwritten."""
    CONFIG_MAP = 5
    """A ConfigMap; stays when only the DaemonSet was deleted."""
    RESOURCE = 6
    """An instance of a custom resource."""
    ANNOTATION = 7
    """A node annotation; never removed."""
    API_GROUP = 8
    """A custom resource definition or API group; outlives most uninstalls."""


def in_favour(rank: Rank, text: str, *, source: str = "") -> Evidence:
    """Return evidence that speaks for a candidate."""
    return Evidence(rank=rank, text=text, source=source)


def against(rank: Rank, text: str, *, source: str = "") -> Evidence:
    """Return evidence that speaks against a candidate."""
    return Evidence(rank=rank, text=text, stance=Stance.AGAINST, source=source)


def ordered(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return the evidence strongest first, each sentence once."""
    unique: dict[tuple[Stance, str], Evidence] = {}
    for item in evidence:
        unique.setdefault((item.stance, item.text), item)
    return tuple(sorted(unique.values(), key=lambda item: item.rank))

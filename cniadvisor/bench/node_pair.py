"""Which two nodes a run uses: pure, and always with the sentence that says why."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.plan import NodeFacts, NodePair
from cniadvisor.domain.text import printable

_PAIR = 2


def choose_pair(
    nodes: Sequence[NodeFacts], *, client: str | None = None, server: str | None = None
) -> NodePair:
    """Choose client and server among ``nodes``, or take the named ones.

    Chosen are two Ready, schedulable, untainted Linux nodes, alike in architecture, zone and
    instance type as far as possible, and of those the two with the smallest share of their CPU
    requested; where that is not known, a node comes after those where it is, by its name. Tainted
    and control-plane nodes serve only when nothing else is left.

    Raises:
        UsageError: an unknown or unfit node was named, both names are the same, or there are not
            two nodes to choose from (it says what each one lacks).
    """
    if client is not None and client == server:
        raise UsageError(
            f"client and server are the same node, {printable(client)}",
            hint="cross-node figures need two nodes; name two different ones",
        )
    named = {name: _named(nodes, name) for name in (client, server) if name is not None}
    fit = [node for node in nodes if unfit(node) is None]
    if client is not None and server is not None:
        return NodePair(client=named[client], server=named[server], reason="both were named")
    given = next(iter(named.values()), None)
    pool, remark = _pool(fit, given)
    if given is not None:
        if not pool:
            raise UsageError(
                f"no other node to pair with {printable(given.name)}: {_why_unfit(nodes)}",
                hint="make a second node Ready and schedulable, or name both",
            )
        partner = min(pool, key=_load)
        ends = (given, partner) if client is not None else (partner, given)
        reason = f"one was named; the other: {_why(partner)}, {_likeness(*ends)}{remark}"
        return NodePair(client=ends[0], server=ends[1], reason=reason)
    if len(pool) < _PAIR:
        count = "one node" if len(nodes) == 1 else f"{len(fit)} of {len(nodes)} nodes"
        raise UsageError(
            f"cross-node figures need two Ready, schedulable Linux nodes; {count} can serve: "
            f"{_why_unfit(nodes)}",
            hint="add a node, or try the product on this machine alone with a local test cluster",
        )
    first, second = sorted(pool, key=_load)[:_PAIR]
    return NodePair(
        client=first,
        server=second,
        reason=f"{_why(first, second)}, {_likeness(first, second)}{remark}",
    )


def unfit(node: NodeFacts) -> str | None:
    """Return why nothing of ours can run on the node, or None."""
    if node.operating_system != "linux":
        return f"runs {printable(node.operating_system)}"
    if not node.ready:
        return "not Ready"
    if not node.schedulable:
        return "cordoned"
    if node.internal_ip is None:
        return "no InternalIP"
    return None


def _named(nodes: Sequence[NodeFacts], name: str) -> NodeFacts:
    found = next((node for node in nodes if node.name == name), None)
    if found is None:
        known = ", ".join(printable(node.name) for node in nodes[:10])
        more = f" and {len(nodes) - 10} more" if len(nodes) > 10 else ""
        raise UsageError(
            f"no node is called {printable(name)}", hint=f"the cluster has {known}{more}"
        )
    reason = unfit(found)
    if reason is not None:
        raise UsageError(
            f"node {printable(name)} can't be used: {reason}", hint="name another, or name none"
        )
    return found


def _why_unfit(nodes: Sequence[NodeFacts]) -> str:
    reasons = [
        f"{printable(node.name)} {reason}" for node in nodes if (reason := unfit(node)) is not None
    ]
    shown = reasons[:5] + ([f"and {len(reasons) - 5} more"] if len(reasons) > 5 else [])
    return "; ".join(shown) if shown else "the cluster has no other node"


def _load(node: NodeFacts) -> tuple[bool, float, str]:
    share = _requested_share(node)
    return (share is None, share or 0.0, node.name)


def _requested_share(node: NodeFacts) -> float | None:
    """Return what pods request of the node's CPU; None where pods were not read."""
    if node.requested_cpu_millicores is None or not node.cpu_millicores:
        return None
    return node.requested_cpu_millicores / node.cpu_millicores


def _why(*chosen: NodeFacts) -> str:
    if any(_requested_share(node) is None for node in chosen):
        return "first by name, as what pods request there is not known"
    return "least CPU requested"


_LIKENESSES: tuple[Callable[[NodeFacts], Hashable], ...] = (
    lambda node: (node.architecture, node.zone, node.instance_type),
    lambda node: (node.architecture, node.zone),
    lambda node: (node.architecture, node.instance_type),
    lambda node: node.architecture,
    lambda _: None,
)
"""In what two nodes should be alike, best first."""


def _pool(fit: Sequence[NodeFacts], given: NodeFacts | None) -> tuple[list[NodeFacts], str]:
    """Return the nodes to choose from, and what is to be said of where they come from."""
    workers = [node for node in fit if not node.tainted and not node.control_plane]
    untainted = [node for node in fit if not node.tainted]
    tiers = (
        (workers, ""),
        (untainted, "; a control-plane node serves because no other is free"),
        (list(fit), "; a tainted node serves because no other is free"),
    )
    for tier, remark in tiers:
        for alike in _LIKENESSES:
            groups: defaultdict[Hashable, list[NodeFacts]] = defaultdict(list)
            for node in tier:
                groups[alike(node)].append(node)
            if given is not None:
                group = [node for node in groups[alike(given)] if node.name != given.name]
                if group:
                    return group, remark
                continue
            pairs = [group for group in groups.values() if len(group) >= _PAIR]
            if pairs:
                return min(pairs, key=lambda group: sorted(map(_load, group))[:_PAIR]), remark
    return ([] if given is not None else list(fit)), ""


def _likeness(first: NodeFacts, second: NodeFacts) -> str:
    """Say in what two nodes are alike, in what not, and what nobody tells."""
    facts = {
        "architecture": (first.architecture, second.architecture),
        "zone": (first.zone, second.zone),
        "instance type": (first.instance_type, second.instance_type),
    }
    told = {name: pair for name, pair in facts.items() if None not in pair}
    said = {
        "same": [name for name, (one, other) in told.items() if one == other],
        "different": [name for name, (one, other) in told.items() if one != other],
        "unlabelled": [name for name in facts if name not in told],
    }
    return ", ".join(f"{how} {' and '.join(names)}" for how, names in said.items() if names)

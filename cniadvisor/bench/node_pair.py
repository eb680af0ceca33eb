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
    instance type as far as possible, and of those the two with the least CPU requested. Tainted
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
    pool, likeness = _pool(fit, given)
    if given is not None:
        others = [node for node in pool if node.name != given.name]
        if not others:
            raise UsageError(
                f"no other node to pair with {printable(given.name)}: {_why_unfit(nodes)}",
                hint="make a second node Ready and schedulable, or name both",
            )
        partner = min(others, key=_load)
        ends = (given, partner) if client is not None else (partner, given)
        return NodePair(
            client=ends[0], server=ends[1], reason=f"one was named; the other is {likeness}"
        )
    if len(pool) < _PAIR:
        count = "one node" if len(nodes) == 1 else f"{len(fit)} of {len(nodes)} nodes"
        raise UsageError(
            f"cross-node figures need two Ready, schedulable Linux nodes; {count} can serve: "
            f"{_why_unfit(nodes)}",
            hint="add a node, or try the product on this machine alone with a local test cluster",
        )
    first, second = sorted(pool, key=_load)[:_PAIR]
    return NodePair(client=first, server=second, reason=likeness)


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


def _load(node: NodeFacts) -> tuple[float, str]:
    requested = node.requested_cpu_millicores
    share = requested / node.cpu_millicores if requested is not None and node.cpu_millicores else 0
    return (share, node.name)


def _pool(fit: Sequence[NodeFacts], given: NodeFacts | None) -> tuple[list[NodeFacts], str]:
    """Return the nodes to choose from, and in what they are alike."""
    workers = [node for node in fit if not node.tainted and not node.control_plane]
    untainted = [node for node in fit if not node.tainted]
    tiers = [
        (workers, ""),
        (untainted, "; a control-plane node serves because no other is free"),
        (list(fit), "; a tainted node serves because no other is free"),
    ]
    likenesses: list[tuple[Callable[[NodeFacts], Hashable], str]] = [
        (
            lambda node: (node.architecture, node.zone, node.instance_type),
            "same architecture, zone and instance type",
        ),
        (
            lambda node: (node.architecture, node.zone),
            "same architecture and zone, different instance types",
        ),
        (
            lambda node: (node.architecture, node.instance_type),
            "same architecture and instance type, different zones",
        ),
        (lambda node: node.architecture, "same architecture only"),
        (lambda node: None, "different architectures"),
    ]
    for tier, remark in tiers:
        for alike, words in likenesses:
            groups: defaultdict[Hashable, list[NodeFacts]] = defaultdict(list)
            for node in tier:
                groups[alike(node)].append(node)
            if given is not None:
                group = [node for node in groups[alike(given)] if node.name != given.name]
                if group:
                    return [given, *group], f"{words}, least CPU requested{remark}"
                continue
            pairs = [group for group in groups.values() if len(group) >= _PAIR]
            if pairs:
                best = min(pairs, key=lambda group: sorted(map(_load, group))[:_PAIR])
                return best, f"{words}, least CPU requested{remark}"
    return list(fit), ""

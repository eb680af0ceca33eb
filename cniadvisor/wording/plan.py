"""A plan before anything is created: what, where, how long, how much, what it does to others."""

from collections.abc import Iterator

from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.plan import NodeFacts, Plan, TargetFacts
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted, listed
from cniadvisor.stats.volume import ASSUMED_MBIT_PER_S, Volume, estimate
from cniadvisor.wording.report import component_line, limit_row
from cniadvisor.wording.words import (
    WIDTH,
    duration,
    facts,
    gigabytes,
    network,
    rate,
    test_name,
    wrapped,
)

_PROBE = "whether NetworkPolicy is enforced, on the run's own pods, before the first trial"


def plan_text(
    plan: Plan,
    target: TargetFacts,
    findings: Findings,
    *,
    assumed_mbit_per_s: float = ASSUMED_MBIT_PER_S,
    width: int = WIDTH,
) -> str:
    """Return a plan as text of at most ``width`` columns, without a newline at its end."""
    volume = estimate(plan, target.pair, assumed_mbit_per_s=assumed_mbit_per_s)
    sections = [
        _what(plan, target, findings, volume, width),
        _creates(target, width),
        _effects(plan, target, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections)


def agree_question(context: str) -> str:
    """Return the question before anything is created."""
    return f"Create these in {printable(context)}?"


def name_question(context: str) -> str:
    """Return the question before anything is created in a protected context."""
    return f"{printable(context)} looks like production; type its name to go on"


def _what(
    plan: Plan, target: TargetFacts, findings: Findings, volume: Volume, width: int
) -> list[str]:
    suite, pair = plan.suite, target.pair
    tests = listed([test_name(test, plan.streams) for test in suite.tests])
    rows = [
        ("Plan", f"run {plan.run_id}"),
        ("Cluster", f"{target.kind} {target.server_version}, context {target.context}"),
        ("API server", target.server),
        ("CNI", component_line(findings.primary) or "not found out"),
        ("Client node", _node(pair.client)),
        ("Server node", _node(pair.server)),
        ("Why these", pair.reason),
        ("Image", target.image),
        ("Suite", f"{suite.name}: {tests}"),
        ("Paths", listed([network(path) for path in plan.paths])),
        *([("Probe", _PROBE)] if plan.probes_policy else []),
        ("Trials", _trials(plan)),
        *limit_row(plan),
        ("Expected", f"about {duration(plan.expected_s)}"),
        ("At the latest", f"everything ends by itself after {duration(plan.longest_s)}"),
        ("Data", _data(plan, volume)),
        ("Across zones", _zones(volume)),
    ]
    return facts(rows, width=width)


def _node(node: NodeFacts) -> str:
    zone = "zone not known" if node.zone is None else f"zone {node.zone}"
    return f"{node.name}, {node.architecture}, {node.cpu_millicores} millicores, {zone}"


def _trials(plan: Plan) -> str:
    suite = plan.suite
    rounds = counted(suite.rounds, "round")
    told = f"{plan.trial_count} of {suite.duration_s:g} s in {rounds}, seed {plan.seed}"
    if suite.max_rounds > suite.rounds and suite.target_half_width_percent is not None:
        told += (
            f"; then up to {suite.max_rounds} rounds until the ratio is known to "
            f"{suite.target_half_width_percent:g} % either way"
        )
    return told


def _data(plan: Plan, volume: Volume) -> str:
    most = gigabytes(volume.most_gigabytes)
    told = f"at most {gigabytes(volume.gigabytes)}"
    if volume.most_gigabytes > volume.gigabytes:
        told += f", {most} with every extra round"
    if volume.assumed_mbit_per_s == plan.max_rate_mbit_per_s:
        return f"{told}, at that limit"
    return f"{told}, if the NICs do {rate(volume.assumed_mbit_per_s)} (assumed)"


def _zones(volume: Volume) -> str:
    if volume.across_zones is None:
        return "not known: a node has no zone label"
    if not volume.across_zones:
        return "0 GB: both nodes are in one zone"
    return f"all of it, at most {gigabytes(volume.most_gigabytes)}; it may cost money"


def _creates(target: TargetFacts, width: int) -> list[str]:
    where = "new" if target.creates_namespace else "already there"
    title = f"Creates in namespace {printable(target.namespace)} ({where}), and removes at the end:"
    lines = wrapped(title, width=width)
    for item in target.creates:
        told = f"{printable(item.kind)} {printable(item.name)}: {printable(item.purpose)}"
        lines += wrapped(told, indent="  ", first="- ", width=width)
    return lines


def _effects(plan: Plan, target: TargetFacts, width: int) -> list[str]:
    return [line for text in _effect_sentences(plan, target) for line in wrapped(text, width=width)]


def _effect_sentences(plan: Plan, target: TargetFacts) -> Iterator[str]:
    most = plan.max_rate_mbit_per_s
    takes = "all the bandwidth it can get" if most is None else f"up to {rate(most)}"
    yield (
        f"While a trial runs it takes {takes} between the two nodes; other traffic on their NICs "
        "and on the links between them gets slower."
    )
    if PathName.HOST in plan.paths:
        yield (
            "The host-network pods listen on the nodes' internal addresses, on a port of their "
            "own, for the time of the run."
        )
    if target.pair.one_machine:
        yield (
            "Both nodes are one machine: the wire between them is virtual, and the figures are "
            "about that machine."
        )

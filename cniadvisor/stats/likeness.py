"""Whether reports may be compared: each condition that must be alike and is not, by name.

What is being compared (CNI, encapsulation, pod MTU) is no condition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cniadvisor.domain.measurement import Role, TestName
from cniadvisor.domain.plan import NodeFacts
from cniadvisor.domain.report import Report

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """A condition that differs; one value for each report, in their order."""

    condition: str
    values: tuple[str, ...]


def unlike_conditions(reports: Sequence[Report]) -> tuple[Unlike, ...]:
    """Return every condition in which the reports are not all alike.

    What one report knows and another does not is unlike; what none knows cannot be told apart.
    Tools, streams and congestion control count only where at least two reports have them: a test
    that only one of them ran is not compared.
    """
    always = [_always(report) for report in reports]
    where_used = [_where_used(report) for report in reports]
    found: list[Unlike] = []
    for condition in _keys(always):
        values = tuple(told.get(condition, UNKNOWN) for told in always)
        if len(set(values)) > 1:
            found.append(Unlike(condition=condition, values=values))
    for condition in _keys(where_used):
        used = [told[condition] for told in where_used if condition in told]
        if len(set(used)) > 1:
            values = tuple(told.get(condition, "not used") for told in where_used)
            found.append(Unlike(condition=condition, values=values))
    return tuple(found)


def _keys(tables: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(key for table in tables for key in table))


def _always(report: Report) -> dict[str, str]:
    pair, suite = report.target.pair, report.plan.suite
    told = {
        "kind of target": report.target.kind,
        "machines": "one machine" if pair.one_machine else "two machines",
    }
    for role, node in ((Role.CLIENT, pair.client), (Role.SERVER, pair.server)):
        told |= _node(role, node)
    for cpu in report.cpus:
        told[f"CPU model of the {cpu.role} node"] = cpu.model
    for nic in report.nics:
        place = f"NIC of the {nic.role} node"
        told |= {
            f"MTU of the {place}": _known(nic.mtu, " bytes"),
            f"driver of the {place}": nic.driver or UNKNOWN,
            f"speed of the {place}": _known(nic.speed_mbit_per_s, " Mbit/s"),
        }
    rounds = f"{suite.rounds}"
    if suite.max_rounds > suite.rounds:
        rounds += f" to {suite.max_rounds}"
    limit = report.plan.max_rate_mbit_per_s
    return told | {
        "cniadvisor": report.run.tool_version,
        "suite": suite.name,
        "rounds": rounds,
        "seconds of a trial": f"{suite.duration_s:g}",
        "limit (--max-rate)": "none" if limit is None else f"{limit:g} Mbit/s",
    }


def _node(role: Role, node: NodeFacts) -> dict[str, str]:
    return {
        f"architecture of the {role} node": node.architecture,
        f"CPU of the {role} node": f"{node.cpu_millicores} millicores",
        f"kernel of the {role} node": node.kernel,
    }


def _where_used(report: Report) -> dict[str, str]:
    told = {f"version of {tool}": version for tool, version in sorted(report.tools.items())}
    if report.target.kind == "lab":
        # Its only way to say how the wire is shaped: the NIC's speed is veth's, whatever it is.
        told["wire"] = report.target.pair.reason
    if TestName.TCP_MULTI in report.plan.suite.tests:
        told["streams of tcp-multi"] = str(report.plan.streams)
    controls = {trial.facts.get("congestion_control") for trial in report.trials}
    known = sorted(control for control in controls if control is not None)
    if known:
        told["congestion control"] = ", ".join(known)
    return told


def _known(value: int | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{value}{unit}"

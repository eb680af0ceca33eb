"""A report for a person: at most 80 columns, a unit on every number, no ranking inside noise."""

from collections.abc import Iterable, Iterator, Sequence

from cniadvisor.domain.commands import cleanup_command_at
from cniadvisor.domain.events import NicFacts
from cniadvisor.domain.findings import Component
from cniadvisor.domain.measurement import FIGURES, PathName, Role, TestName
from cniadvisor.domain.plan import NodeFacts, Plan
from cniadvisor.domain.report import Comparison, Flag, Notice, Report, Resource, Summary, Verdict
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted, listed
from cniadvisor.stats.pairing import latest_attempts
from cniadvisor.wording.agents import agents_lines
from cniadvisor.wording.figures import extra_medians, remarks
from cniadvisor.wording.probes import probe_lines
from cniadvisor.wording.words import (
    NOT_KNOWN,
    WIDTH,
    duration,
    facts,
    network,
    percent,
    quantity,
    quantity_range,
    rate,
    ratio_percent,
    ratio_times,
    significant,
    table,
    test_name,
    wrapped,
)

_SHOWN_FAILURES = 3

_FLAG_SENTENCES = {
    Flag.ABOVE_BASELINE: "Better than the host-network baseline: to be explained, not a win.",
    Flag.CPU_BOUND: (
        "CPU-bound: one core was busy all the time in most trials, so this measures that core "
        "as much as the network."
    ),
    Flag.NOT_ON_NIC: ("Not proven: in some trials fewer bytes crossed the NIC than were received."),
    Flag.OTHER_TRAFFIC: (
        "Other traffic: in some trials over 1.3 times the received bytes crossed the NIC."
    ),
}


def report_text(report: Report, *, width: int = WIDTH) -> str:
    """Return a report as text of at most ``width`` columns, without a newline at its end."""
    sections = [
        head_lines(report, width=width),
        *(lines_of_test(report, test, width=width) for test in report.plan.suite.tests),
        error_rate_lines(report.comparisons, width=width),
        resources_lines(report, width=width),
        agents_lines(report.agents, width=width) if report.agents is not None else [],
        [] if report.policy_probe is None else probe_lines(report.policy_probe, width=width),
        diagnoses_lines(report, width=width),
        warnings_lines(report, width=width),
        left_over_lines(report, width=width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def comparison_sentence(
    comparison: Comparison, summaries: Iterable[Summary], *, streams: int
) -> str:
    """Say what one test found, in one sentence that stands alone."""
    pods = (s for s in summaries if (s.test, s.path) == (comparison.test, PathName.POD))
    pod = next(pods, None)
    figure = FIGURES[comparison.test]
    value = f"{quantity(pod.median, pod.unit)}" if pod else "no figure"
    if pod and not figure.higher_is_better:
        value = f"{figure.label} {value}"
    value = f"{test_name(comparison.test, streams)}: {value} on the pod network"
    if comparison.ratio is None or comparison.ratio_95 is None:
        return f"{value}; no verdict: {printable(comparison.reason)}."
    if figure.higher_is_better:
        share, interval = ratio_percent(comparison.ratio, comparison.ratio_95)
        against = f"{share} of the host-network baseline"
    else:
        times, interval = ratio_times(comparison.ratio, comparison.ratio_95)
        against = f"{times} the host-network baseline"
    return f"{value}, {against} (95 % interval {interval}): {comparison.verdict.value}."


# -- what was measured where


def head_lines(report: Report, *, width: int = WIDTH) -> list[str]:
    """Return what was measured where: outcome, CNI, nodes, NICs, suite, tools."""
    run, target = report.run, report.target
    suite, pair = report.plan.suite, target.pair
    models = {cpu.role: cpu.model for cpu in report.cpus}
    outcome = f"{run.outcome.value}, {duration(run.duration_s)}"
    if run.reason:
        outcome += f": {run.reason}"
    tools = listed([f"{name} {version}" for name, version in sorted(report.tools.items())])
    rows = [
        ("Outcome", outcome),
        ("CNI", component_line(report.findings.primary) or "not found out"),
        ("Policy", component_line(report.findings.policy) or "no engine found"),
        ("Cluster", f"{target.kind} {target.server_version}, context {target.context}"),
        ("Client node", _node(pair.client, models.get(Role.CLIENT))),
        ("Server node", _node(pair.server, models.get(Role.SERVER))),
        ("Node pair", pair.reason),
        *_nics(report),
        *((f"{path.path.value.capitalize()} MTU", _mtu(path.mtu)) for path in report.paths),
        ("Suite", f"{suite.name}, {_rounds(report)}, seed {report.plan.seed}"),
        *limit_row(report.plan),
        ("Tools", f"cniadvisor {run.tool_version}{f', {tools}' if tools else ''}"),
    ]
    title = f"Run {report.plan.run_id}, {run.started_at}"
    return [*wrapped(printable(title), width=width), *facts(rows, width=width)]


def component_line(component: Component | None) -> str:
    """Return ``flannel 0.28.9, vxlan, MTU 1450 bytes, high confidence``; empty for None."""
    if component is None:
        return ""
    words = [component.name if component.version is None else _versioned(component)]
    if component.mode is not None:
        between = " between subnets only" if component.cross_subnet else ""
        words.append(f"{component.mode}{between}")
    if component.mtu is not None:
        words.append(f"MTU {component.mtu} bytes")
    if component.encryption not in (None, "none"):
        words.append(f"encrypted with {component.encryption}")
    words.append(f"{component.confidence.value} confidence")
    return printable(", ".join(words))


def limit_row(plan: Plan) -> list[tuple[str, str]]:
    """Return label and text of what held the tools back; nothing when nothing did."""
    most = plan.max_rate_mbit_per_s
    return [] if most is None else [("Limit", f"{rate(most)} (--max-rate)")]


def _versioned(component: Component) -> str:
    return f"{component.name} {component.version}"


def _node(node: NodeFacts, cpu_model: str | None) -> str:
    words = [
        node.name,
        f"kernel {node.kernel}",
        node.os_image,
        node.architecture,
        cpu_model or f"CPU model {NOT_KNOWN}",
        f"{node.cpu_millicores} millicores",
        f"{node.memory_mib} MiB",
    ]
    if node.zone is not None:
        words.append(f"zone {node.zone}")
    return ", ".join(word for word in words if word)


def _nics(report: Report) -> Iterator[tuple[str, str]]:
    if not report.nics:
        yield "NIC", "not known, so it is not proven which NIC the traffic crossed"
    for nic in report.nics:
        yield ("Client NIC" if nic.role is Role.CLIENT else "Server NIC"), _nic(nic)


def _nic(nic: NicFacts) -> str:
    driver = nic.driver or f"driver {NOT_KNOWN}"
    speed = rate(nic.speed_mbit_per_s) if nic.speed_mbit_per_s else f"speed {NOT_KNOWN}"
    return f"{nic.interface}, {driver}, {speed}, MTU {_mtu(nic.mtu)}"


def _mtu(mtu: int | None) -> str:
    return NOT_KNOWN if mtu is None else f"{mtu} bytes"


def _rounds(report: Report) -> str:
    suite = report.plan.suite
    rounds = counted(suite.rounds, "round")
    if suite.max_rounds > suite.rounds:
        rounds = f"{suite.rounds} to {suite.max_rounds} rounds"
    return f"{rounds} of {suite.duration_s:g} s a trial"


# -- what came out


def lines_of_test(report: Report, test: TestName, *, width: int = WIDTH) -> list[str]:
    """Return what one test found: figures of both paths, the ratio, what is to be known of it."""
    summaries = [summary for summary in report.summaries if summary.test is test]
    comparison = next((c for c in report.comparisons if c.test is test), None)
    figure = FIGURES[test]
    lower = "" if figure.higher_is_better else " (lower is better)"
    lines = wrapped(
        f"{test_name(test, report.plan.streams)} ({test.value}), {figure.label}{lower}", width=width
    )
    if comparison is None:
        return [*lines, "  Not measured."]
    if summaries:
        lines += table(SUMMARY_HEADER, [summary_row(summary) for summary in summaries], width=width)
    counting = latest_attempts(report.trials)
    for told in (extra_medians(test, counting), *remarks(test, counting)):
        lines += wrapped(told, indent="  ", width=width)
    lines += wrapped(_ratio_line(comparison), indent="  ", width=width)
    told = comparison_sentence(comparison, summaries, streams=report.plan.streams)
    lines += wrapped(told, indent="  ", width=width)
    for flag in comparison.flags:
        words = _unstable(summaries) if flag is Flag.UNSTABLE else _FLAG_SENTENCES[flag]
        lines += wrapped(words, indent="  ", width=width)
    for dropped in comparison.dropped:
        lines += wrapped(f"Dropped: {printable(dropped)}", indent="  ", width=width)
    return [*lines, *_failures(report, test, width)]


SUMMARY_HEADER = ("path", "n", "median", "quartiles", "minimum to maximum", "CV")


def summary_row(summary: Summary) -> tuple[str, ...]:
    """Return a summary under :data:`SUMMARY_HEADER`."""
    return (
        summary.path.value,
        str(summary.n),
        quantity(summary.median, summary.unit),
        quantity_range(summary.q1, summary.q3, summary.unit),
        quantity_range(summary.minimum, summary.maximum, summary.unit),
        "n/a" if summary.cv_percent is None else percent(summary.cv_percent),
    )


def _ratio_line(comparison: Comparison) -> str:
    ratio, interval = comparison.ratio, comparison.ratio_95
    if ratio is None or interval is None:
        return ""
    return (
        f"Ratio pod/host {ratio:.4f}, 95 % interval {interval.low:.4f} to {interval.high:.4f}, "
        f"{counted(comparison.pairs, 'pair')}."
    )


def _unstable(summaries: Sequence[Summary]) -> str:
    paths = [
        f"{percent(summary.cv_percent)} on the {network(summary.path)}"
        for summary in summaries
        if summary.unstable and summary.cv_percent is not None
    ]
    return f"Unstable: the values vary by {listed(paths)} (CV above 5 %)."


def _failures(report: Report, test: TestName, width: int) -> Iterator[str]:
    failed = [
        trial for trial in report.trials if trial.id.test is test and trial.failure is not None
    ]
    for trial in failed[:_SHOWN_FAILURES]:
        yield from wrapped(
            f"Failed: {trial.id}: {printable(trial.failure or '')}", indent="  ", width=width
        )
    if len(failed) > _SHOWN_FAILURES:
        yield f"  {len(failed) - _SHOWN_FAILURES} more failed; the report file has them all."


def error_rate_lines(comparisons: Sequence[Comparison], *, width: int = WIDTH) -> list[str]:
    """Say how far several verdicts can be trusted together."""
    verdicts = sum(comparison.verdict is not Verdict.NO_VERDICT for comparison in comparisons)
    if verdicts < 2:
        return []
    chance = 100 * (1 - 0.95**verdicts)
    return wrapped(
        "Each verdict alone calls equal paths different in at most 5 % of runs; that at least "
        f"one of these {verdicts} does has a chance of up to {chance:.0f} %.",
        width=width,
    )


# -- what it cost


def resources_lines(report: Report, *, width: int = WIDTH) -> list[str]:
    """Return CPU and memory of the nodes, idle and by test and path; nothing if not sampled."""
    if not report.resources:
        return []
    lines = wrapped(
        "CPU and memory, mean over the trials; 1000 m (millicores) are one core. Busy is all time "
        "but idle and waiting for I/O; what a node does at idle is in it.",
        width=width,
    )
    if report.target.pair.one_machine:
        lines += wrapped(
            "Both nodes are one machine, so its CPU and memory are told once, client and server "
            "together, and the wire between them is virtual.",
            width=width,
        )
    return lines + table(
        RESOURCE_HEADER, [resource_row(row) for row in report.resources], width=width
    )


RESOURCE_HEADER = (
    "test",
    "path",
    "node",
    "busy",
    "softirq",
    "top core",
    "memory",
    "per Gbit/s",
)


def resource_row(resource: Resource) -> tuple[str, ...]:
    """Return a resource figure under :data:`RESOURCE_HEADER`."""
    cost = resource.millicores_per_gbit_per_s
    return (
        "idle" if resource.test is None else resource.test.value,
        "n/a" if resource.path is None else resource.path.value,
        resource.role.value,
        f"{resource.cpu.busy_millicores:.0f} m",
        f"{resource.cpu.softirq_millicores:.0f} m",
        f"{resource.cpu.busiest_core_percent:.0f} %",
        f"{resource.memory_used_mib:.0f} MiB",
        "n/a" if cost is None else f"{significant(cost)} m",
    )


# -- what else to know


def diagnoses_lines(report: Report, *, width: int = WIDTH) -> list[str]:
    """Return the diagnoses with advice and source; nothing without one."""
    if not report.diagnoses:
        return []
    lines = ["Diagnoses"]
    for diagnosis in report.diagnoses:
        about = f" ({listed([test.value for test in diagnosis.tests])})" if diagnosis.tests else ""
        told = f"{diagnosis.severity.value.capitalize()}{about}: {printable(diagnosis.text)}"
        lines += wrapped(told, indent="  ", first="- ", width=width)
        if diagnosis.advice:
            lines += wrapped(f"Advice: {printable(diagnosis.advice)}", indent="  ", width=width)
        if diagnosis.source:
            lines += wrapped(f"Source: {printable(diagnosis.source)}", indent="  ", width=width)
    return lines


def warnings_lines(report: Report, *, width: int = WIDTH) -> list[str]:
    """Return the warnings of detection and run with their advice; nothing without one."""
    notices = [
        *(Notice(code="", text=text) for text in report.findings.warnings),
        *report.warnings,
    ]
    if not notices:
        return []
    lines = ["Warnings"]
    for notice in notices:
        lines += wrapped(printable(notice.text), indent="  ", first="- ", width=width)
        if notice.advice:
            lines += wrapped(f"Advice: {printable(notice.advice)}", indent="  ", width=width)
    return lines


def left_over_lines(report: Report, *, width: int = WIDTH) -> list[str]:
    """Return what was not removed, and the command that does; nothing if all is gone."""
    left = [removal for removal in report.cleanup if removal.error is not None]
    if not left:
        return []
    lines = ["Not removed"]
    for removal in left:
        told = f"{printable(removal.what)}: {printable(removal.error or '')}"
        lines += wrapped(told, indent="  ", first="- ", width=width)
    if report.target.kind == "lab":  # what was left went with the program
        return lines
    command = cleanup_command_at(report.target, report.plan.run_id)
    return [*lines, *wrapped(f"Remove it with: {command}", indent="  ", width=width)]

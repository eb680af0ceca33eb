"""A report as Markdown: tables for an issue, a wiki or a pull request."""

from collections.abc import Iterator

from cniadvisor.domain.measurement import FIGURES, PathName
from cniadvisor.domain.report import Report, Resource
from cniadvisor.wording.comparing import median_words
from cniadvisor.wording.markdown import escaped, table
from cniadvisor.wording.probes import probe_sentence
from cniadvisor.wording.report import comparison_sentence, component_line, limit_row
from cniadvisor.wording.words import significant, test_name


def report_markdown(report: Report) -> str:
    """Return a report as Markdown (GitHub's tables), without a newline at its end."""
    run = report.run
    lines = [
        f"## {escaped(f'Run {report.plan.run_id}, {run.started_at}')}",
        "",
        *_facts(report),
        "",
        *results_table(report),
    ]
    resources = [_resource(row) for row in report.resources]
    if resources:
        header = ("test", "path", "node", "CPU busy", "softirq", "memory", "CPU per Gbit/s")
        lines += ["", *table(header, resources)]
    remarks = list(_remarks(report))
    if remarks:
        lines += ["", *(f"- {remark}" for remark in remarks)]
    return "\n".join(lines)


def _facts(report: Report) -> list[str]:
    pair, suite = report.target.pair, report.plan.suite
    outcome = report.run.outcome.value + (f": {report.run.reason}" if report.run.reason else "")
    rows = [
        ("CNI", component_line(report.findings.primary) or "not found out"),
        ("Cluster", f"{report.target.kind} {report.target.server_version}"),
        ("Nodes", f"{pair.client.name} (client), {pair.server.name} (server)"),
        ("Kernel", f"{pair.client.kernel} (client), {pair.server.kernel} (server)"),
        ("Suite", f"{suite.name}, {suite.rounds} rounds of {suite.duration_s:g} s a trial"),
        *limit_row(report.plan),
        ("Outcome", outcome),
    ]
    if pair.one_machine:
        rows.append(("Machines", "both nodes are one machine; the wire between them is virtual"))
    return table(("", ""), [(label, escaped(told)) for label, told in rows])


def results_table(report: Report) -> list[str]:
    """Return a table with a row for every test: medians, ratio, interval, verdict."""
    rows: list[tuple[str, ...]] = []
    for comparison in report.comparisons:
        interval = comparison.ratio_95
        figure = FIGURES[comparison.test]
        verdict = ", ".join([comparison.verdict.value, *(f.value for f in comparison.flags)])
        rows.append(
            (
                escaped(f"{test_name(comparison.test, report.plan.streams)}, {figure.label}"),
                *(median_words(report, comparison.test, path) for path in PathName),
                "n/a" if comparison.ratio is None else f"{comparison.ratio:.4f}",
                "n/a" if interval is None else f"{interval.low:.4f} to {interval.high:.4f}",
                escaped(verdict),
            )
        )
    header = ("test", "pod network", "host network", "pod/host", "95 % interval", "verdict")
    return table(header, rows)


def _resource(row: Resource) -> tuple[str, ...]:
    cost = row.millicores_per_gbit_per_s
    return (
        "idle" if row.test is None else row.test.value,
        "n/a" if row.path is None else row.path.value,
        row.role.value,
        f"{row.cpu.busy_millicores:.0f} m",
        f"{row.cpu.softirq_millicores:.0f} m",
        f"{row.memory_used_mib:.0f} MiB",
        "n/a" if cost is None else f"{significant(cost)} m",
    )


def _remarks(report: Report) -> Iterator[str]:
    for comparison in report.comparisons:
        told = comparison_sentence(comparison, report.summaries, streams=report.plan.streams)
        yield escaped(told)
    if report.policy_probe is not None:
        yield escaped(probe_sentence(report.policy_probe))
    for diagnosis in report.diagnoses:
        told = f"{escaped(diagnosis.text)} {escaped(diagnosis.advice)}"
        yield f"**{diagnosis.severity.value}**: {told}"
    for warning in (*report.findings.warnings, *(notice.text for notice in report.warnings)):
        yield f"**warning**: {escaped(warning)}"

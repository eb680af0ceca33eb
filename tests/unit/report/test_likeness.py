"""Which conditions keep reports from being compared: one at a time, and what is compared never."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.events import BenchEvent
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Report
from cniadvisor.report.builder import ReportBuilder
from cniadvisor.stats.likeness import Unlike, unlike_conditions

Change = Callable[[Report], Report]


@pytest.fixture
def report(run_events: list[BenchEvent]) -> Report:
    builder = ReportBuilder()
    for event in run_events:
        builder(event)
    return builder.report()


def test_alike_reports_may_be_compared(report: Report) -> None:
    assert unlike_conditions([report, report, report]) == ()


def of_client(**changes: object) -> Change:
    def change(report: Report) -> Report:
        pair = report.target.pair
        client = replace(pair.client, **changes)  # pyright: ignore[reportArgumentType]
        return replace(report, target=replace(report.target, pair=replace(pair, client=client)))

    return change


def of_suite(**changes: object) -> Change:
    def change(report: Report) -> Report:
        suite = replace(report.plan.suite, **changes)  # pyright: ignore[reportArgumentType]
        return replace(report, plan=replace(report.plan, suite=suite))

    return change


def of_nic(**changes: object) -> Change:
    def change(report: Report) -> Report:
        first, *others = report.nics
        changed = replace(first, **changes)  # pyright: ignore[reportArgumentType]
        return replace(report, nics=(changed, *others))

    return change


def with_cpu(model: str) -> Change:
    return lambda report: replace(
        report, cpus=(replace(report.cpus[0], model=model), *report.cpus[1:])
    )


def of_report(**changes: object) -> Change:
    return lambda report: replace(report, **changes)  # pyright: ignore[reportArgumentType]


def with_streams(streams: int) -> Change:
    return lambda report: replace(report, plan=replace(report.plan, streams=streams))


def with_limit(mbit_per_s: float) -> Change:
    return lambda report: replace(report, plan=replace(report.plan, max_rate_mbit_per_s=mbit_per_s))


def of_version(version: str) -> Change:
    return lambda report: replace(report, run=replace(report.run, tool_version=version))


def of_kind(kind: str) -> Change:
    return lambda report: replace(report, target=replace(report.target, kind=kind))


def with_congestion_control(name: str) -> Change:
    return lambda report: replace(
        report,
        trials=tuple(replace(trial, facts={"congestion_control": name}) for trial in report.trials),
    )


@pytest.mark.parametrize(
    ("change", "condition", "values"),
    [
        (of_client(kernel="6.1.0"), "kernel of the client node", ("6.12.48", "6.1.0")),
        (of_client(architecture="arm64"), "architecture of the client node", ("amd64", "arm64")),
        (
            of_client(cpu_millicores=8000),
            "CPU of the client node",
            ("4000 millicores", "8000 millicores"),
        ),
        (
            with_cpu("AMD EPYC 7763"),
            "CPU model of the client node",
            ("Intel(R) Xeon(R) Gold 6338", "AMD EPYC 7763"),
        ),
        (of_report(cpus=()), "CPU model of the client node", None),
        (of_client(boot_id="9c0d2b77"), "machines", ("two machines", "one machine")),
        (of_nic(mtu=9000), "MTU of the NIC of the client node", ("1500 bytes", "9000 bytes")),
        (of_nic(driver="virtio_net"), "driver of the NIC of the client node", None),
        (of_nic(driver=None), "driver of the NIC of the client node", ("ixgbe", "not known")),
        (of_nic(speed_mbit_per_s=25_000), "speed of the NIC of the client node", None),
        (of_suite(name="standard"), "suite", ("quick", "standard")),
        (of_suite(duration_s=10.0), "seconds of a trial", ("2", "10")),
        (of_suite(max_rounds=15), "rounds", ("3", "3 to 15")),
        (with_limit(99.5), "limit (--max-rate)", ("none", "99.5 Mbit/s")),
        (
            with_streams(8),
            "streams of tcp-multi",
            ("4", "8"),
        ),
        (
            of_report(tools={"iperf3": "3.19"}),
            "version of iperf3",
            ("3.18", "3.19"),
        ),
        (
            of_version("0.2.0"),
            "cniadvisor",
            ("0.1.0", "0.2.0"),
        ),
        (
            of_kind("lab"),
            "kind of target",
            ("kubernetes", "lab"),
        ),
        (with_congestion_control("bbr"), "congestion control", ("cubic", "bbr")),
    ],
)
def test_each_unlike_condition_is_named(
    report: Report, change: Change, condition: str, values: tuple[str, str] | None
) -> None:
    (unlike,) = unlike_conditions([report, change(report)])
    assert unlike.condition == condition
    assert values is None or unlike.values == values


def test_a_report_without_nic_facts_is_unlike(report: Report) -> None:
    found = unlike_conditions([report, replace(report, nics=())])
    assert [one.condition for one in found] == [
        "MTU of the NIC of the client node",
        "driver of the NIC of the client node",
        "speed of the NIC of the client node",
        "MTU of the NIC of the server node",
    ]
    assert unlike_conditions([replace(report, nics=())] * 2) == ()


def test_what_is_compared_is_never_a_condition(report: Report) -> None:
    findings, primary = report.findings, report.findings.primary
    assert primary is not None
    other = replace(
        report,
        findings=replace(findings, primary=replace(primary, name="calico", mode="ipip", mtu=1480)),
        paths=tuple(replace(path, mtu=1400) for path in report.paths),
        plan=replace(report.plan, run_id="other", seed=7),
        trials=(),
    )
    assert unlike_conditions([report, other]) == ()


def test_a_tool_that_only_one_report_used_compares_nothing(report: Report) -> None:
    suite = replace(report.plan.suite, tests=(TestName.TCP,))
    fewer = replace(report, plan=replace(report.plan, suite=suite, streams=1))
    more = replace(report, tools={**report.tools, "wrk": "4.1.0"})
    assert unlike_conditions([fewer, more]) == ()
    third = replace(more, tools={**report.tools, "wrk": "4.2.0"})
    assert unlike_conditions([report, more, third]) == (
        Unlike(condition="version of wrk", values=("not used", "4.1.0", "4.2.0")),
    )


def test_labs_with_other_wires_are_unlike(report: Report) -> None:
    def lab(wire: str) -> Report:
        pair = replace(report.target.pair, reason=f"the wire is {wire}")
        return replace(report, target=replace(report.target, kind="lab", pair=pair))

    (unlike,) = unlike_conditions([lab("unshaped"), lab("shaped to 1000 Mbit/s")])
    assert unlike.condition == "wire"
    assert unlike_conditions([lab("unshaped")] * 2) == ()

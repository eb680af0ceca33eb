"""Each rule with a report that it must speak about and one on which it must be silent."""

import dataclasses
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cniadvisor.diagnose.baseline import unstable_baseline
from cniadvisor.diagnose.diagnosing import RULES, diagnose
from cniadvisor.diagnose.mtu import overhead_bytes
from cniadvisor.diagnose.policy import policy_not_enforced
from cniadvisor.diagnose.tools import udp_loss
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.measurement import (
    AgentsCost,
    AgentShare,
    AgentUse,
    PathName,
    Role,
    TestName,
    Trial,
)
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.report.toml_file import dumps, read
from tests.unit.diagnose.example_report import (
    FLANNEL,
    OFFLOADS,
    Example,
    cpu,
    failed,
    healthy,
    trials,
)

TCP, MULTI, UDP, SCP = TestName.TCP, TestName.TCP_MULTI, TestName.UDP, TestName.SCP
POD, HOST = PathName.POD, PathName.HOST


def codes(example: Example) -> list[str]:
    return [found.code for found in diagnose(example.report())]


def found(example: Example, code: str) -> Diagnosis:
    (diagnosis,) = [one for one in diagnose(example.report()) if one.code == code]
    return diagnosis


def test_a_healthy_run_has_no_diagnosis() -> None:
    assert codes(Example()) == []


# MTU


@pytest.mark.parametrize(
    ("component", "overhead"),
    [
        (Component(name="flannel", mode="vxlan"), 50),
        (Component(name="flannel", mode="host-gw"), 0),
        (Component(name="flannel", mode="wireguard", encryption="wireguard"), 80),
        (Component(name="canal", mode="ipip"), 20),
        (Component(name="flannel", mode="ipsec", encryption="ipsec"), 77),
        (Component(name="calico", mode="vxlan", encryption="none"), 50),
        (Component(name="calico", mode="ipip"), 20),
        (Component(name="calico", mode="bgp", encryption="wireguard"), 60),
        (Component(name="calico", mode="vxlan", encryption="wireguard"), 60),
        (Component(name="calico", mode=None), None),
        (Component(name="cilium", mode="vxlan"), 0),
        (Component(name="aws-vpc-cni", mode="native", encryption="none"), 0),
        (Component(name="antrea", mode="geneve"), None),
    ],
)
def test_what_a_mode_needs(component: Component, overhead: int | None) -> None:
    assert overhead_bytes(component) == overhead


def test_packets_that_do_not_fit() -> None:
    said = found(Example(pod_mtu=1500), "mtu-too-big")
    assert said.severity is Severity.PROBLEM
    assert "1550 bytes" in said.text
    assert "MTU is 1500" in said.text
    assert "Set the pod MTU to 1450" in said.advice
    assert "net-conf.json" in said.advice


def test_packets_that_do_not_fit_count_the_trials_that_failed() -> None:
    broken = Example(pod_mtu=1500, trials=[failed(TCP, POD), *trials(TCP, HOST, (9400.0,))])
    assert "1 trials on the pod network failed" in found(broken, "mtu-too-big").text


def test_between_subnets_only_it_is_a_warning() -> None:
    calico = Component(name="calico", mode="vxlan", cross_subnet=True, encryption="none")
    said = found(Example(primary=calico, pod_mtu=1500), "mtu-too-big")
    assert said.severity is Severity.WARNING
    assert "different subnets" in said.text


def test_small_packets_on_a_jumbo_wire() -> None:
    said = found(Example(nic_mtu=9001), "mtu-too-small")
    assert said.severity is Severity.WARNING
    assert "8951 would fit" in said.text
    assert "6.2 times fewer packets" in said.text
    assert "8.3 % more goodput" in said.text


@pytest.mark.parametrize(
    "example",
    [
        Example(pod_mtu=1450, nic_mtu=1500),
        Example(pod_mtu=1420, nic_mtu=1500),  # 2 % too small: within the noise
        Example(pod_mtu=8951, nic_mtu=9001),
        Example(primary=Component(name="cilium", mode="vxlan"), pod_mtu=1500),
        Example(primary=Component(name="antrea", mode="geneve"), pod_mtu=1500),
        Example(primary=None, pod_mtu=9000),
        Example(pod_mtu=None),
        Example(nic_mtu=None),
        Example(pod_mtu=1500, host=False),
        Example(pod_mtu=1500, address="2001:db8::2"),
    ],
)
def test_an_mtu_that_fits_or_is_not_known(example: Example) -> None:
    assert not [code for code in codes(example) if code.startswith("mtu")]


@pytest.mark.parametrize(
    ("pod_mtu", "address", "fragments"),
    [(1400, "10.0.0.2", False), (1399, "10.0.0.2", True), (1419, "2001:db8::2", True)],
)
def test_udp_in_a_narrow_path_is_fragmented(pod_mtu: int, address: str, fragments: bool) -> None:
    some = [*trials(UDP, POD, (3000.0,) * 3), *trials(UDP, HOST, (3000.0,) * 3)]
    example = Example(trials=some, pod_mtu=pod_mtu, pod_address=address)
    assert ("udp-fragments" in codes(example)) is fragments


def test_fragments_are_told_with_both_sizes_and_their_tests() -> None:
    some = [*trials(UDP, POD, (3000.0,) * 3), *trials(TestName.UDP_MAX, POD, (900.0,))]
    said = found(Example(trials=[*some, *healthy()], pod_mtu=1340), "udp-fragments")
    assert said.severity is Severity.NOTE
    assert "1372 bytes" in said.text
    assert "1400" in said.text
    assert "pod path's MTU of 1340" in said.text
    assert said.tests == (UDP, TestName.UDP_MAX)


def test_no_fragments_without_udp_or_an_mtu() -> None:
    assert "udp-fragments" not in codes(Example(pod_mtu=1340))
    some = trials(UDP, POD, (3000.0,) * 3)
    assert "udp-fragments" not in codes(Example(trials=some, pod_mtu=None))


# Checksum offload


def slow(pod: float, host: float, test: TestName = TCP) -> list[Trial]:
    return [
        *trials(test, POD, (pod, pod * 1.01, pod * 0.99)),
        *trials(test, HOST, (host, host * 1.01, host * 0.99)),
    ]


def test_vxlan_with_a_broken_checksum_offload() -> None:
    said = found(Example(trials=slow(180, 9400)), "vxlan-checksum-offload")
    assert said.severity is Severity.PROBLEM
    assert "tcp 180 Mbit/s against 9.40 Gbit/s" in said.text
    assert "ethtool -K flannel.1 tx-checksum-ip-generic off" in said.advice
    assert said.tests == (TCP,)
    assert "issues/11435" in said.source


def test_it_names_the_tunnel_and_the_setting_of_the_cni() -> None:
    calico = Component(name="calico", mode="vxlan", encryption="none")
    said = found(
        Example(trials=slow(180, 9400), primary=calico, driver="vmxnet3"),
        "vxlan-checksum-offload",
    )
    assert "ethtool -K vxlan.calico tx-checksum-ip-generic off" in said.advice
    assert "ChecksumOffloadBroken=true" in said.advice
    assert "ethtool -K eth0 tx-udp_tnl-segmentation off" in said.advice
    rke2 = replace(FLANNEL, details=(("vni", "4096"),))
    said = found(Example(trials=slow(180, 9400), primary=rke2), "vxlan-checksum-offload")
    assert "flannel.4096" in said.advice


@pytest.mark.parametrize(("pod", "host"), [(500, 9400), (90, 200)])
def test_less_than_a_tenth_or_in_the_typical_range(pod: float, host: float) -> None:
    assert "vxlan-checksum-offload" in codes(Example(trials=slow(pod, host)))


@pytest.mark.parametrize(
    "example",
    [
        Example(trials=slow(180, 190)),
        Example(trials=slow(4000, 9400)),
        Example(trials=slow(180, 9400), offloads=("tcp-segmentation-offload",)),
        Example(trials=slow(180, 9400), primary=Component(name="flannel", mode="host-gw")),
        Example(trials=slow(180, 9400, UDP)),
        Example(trials=trials(TCP, POD, (180.0, 181.0)), host=False),
    ],
)
def test_slow_for_another_reason(example: Example) -> None:
    assert "vxlan-checksum-offload" not in codes(example)


# CPU


def test_one_core_is_full_while_others_idle() -> None:
    full = cpu(busiest=99.4, busy=1600.0, softirq=870.0)
    said = found(
        Example(trials=[*trials(TCP, POD, (6000.0,) * 3, use=full), *healthy()[3:]]),
        "one-core-bound",
    )
    assert "(99 %) while 2.4 of 4 cores were idle, in tcp (pod network)" in said.text
    assert "870 millicores were softirq" in said.text
    assert "ethtool -N eth0 rx-flow-hash udp4 sdfn" in said.advice
    assert said.tests == (TCP,)


def test_softirq_that_nearly_fills_a_core_is_bound_too() -> None:
    use = cpu(busiest=93.0, busy=1300.0, softirq=920.0)
    assert "one-core-bound" in codes(Example(trials=trials(TCP, POD, (6000.0,) * 3, use=use)))


def test_all_cores_busy_is_the_machine() -> None:
    use = cpu(busiest=100.0, busy=1980.0, softirq=900.0, cores=2)
    said = found(Example(trials=trials(MULTI, POD, (6000.0,) * 3, use=use)), "machine-bound")
    assert "All 2 cores" in said.text
    assert "1980 millicores" in said.text
    assert said.tests == (MULTI,)


@pytest.mark.parametrize(
    "some",
    [
        trials(TCP, POD, (6000.0,) * 3, use=cpu(busiest=93.0, softirq=500.0)),
        [
            *trials(TCP, POD, (6000.0,), use=cpu(busiest=99.0)),
            *trials(TCP, POD, (1.0, 6000.0, 6000.0))[1:],
        ],
        trials(SCP, POD, (2000.0,) * 3, use=cpu(busiest=100.0)),
        trials(TestName.LATENCY_TCP, POD, (40.0,) * 3, use=cpu(busiest=100.0)),
    ],
)
def test_cores_with_time_left_or_full_by_design(some: list[Trial]) -> None:
    assert not {"one-core-bound", "machine-bound"} & set(codes(Example(trials=some)))


# Baseline


def test_more_than_the_baseline_wants_an_explanation() -> None:
    better = slow(9800, 9000)
    said = found(Example(trials=better), "above-baseline")
    assert re.search(r"tcp 109 % \(10\d to 1\d\d %\) of the baseline", said.text)
    assert said.tests == (TCP,)
    assert "eBPF" not in said.text
    cilium = Component(name="cilium", mode="native")
    said = found(Example(trials=better, primary=cilium, pod_mtu=1500), "above-baseline")
    assert "eBPF host routing" in said.text
    assert "docs.cilium.io" in said.source


def test_lower_is_better_for_latency() -> None:
    quicker = slow(40, 60, TestName.LATENCY_TCP)
    assert "above-baseline" in codes(Example(trials=quicker))
    assert "above-baseline" not in codes(Example(trials=slow(60, 40, TestName.LATENCY_TCP)))


def test_a_little_above_is_no_finding() -> None:
    assert "above-baseline" not in codes(Example(trials=slow(9020, 9000)))


def test_an_unsteady_baseline() -> None:
    unsteady = [*healthy()[:3], *trials(TCP, HOST, (9400.0, 7000.0, 8200.0))]
    said = found(Example(trials=unsteady), "unstable-baseline")
    assert "tcp by 15 %" in said.text
    assert "longer (--duration 10) and more often (--repeats 10)" in said.advice
    assert said.tests == (TCP,)


def test_an_unsteady_baseline_of_long_trials_wants_more_of_them() -> None:
    report = Example(trials=[*healthy()[:3], *trials(TCP, HOST, (9400.0, 7000.0, 8200.0))]).report()
    suite = replace(report.plan.suite, duration_s=10.0, rounds=15)
    (said,) = unstable_baseline(replace(report, plan=replace(report.plan, suite=suite)))
    assert "quieter, more often (--repeats 30);" in said.advice


def test_an_unsteady_pod_path_is_not_the_baseline_s_fault() -> None:
    unsteady = [*trials(TCP, POD, (9400.0, 7000.0, 8200.0)), *healthy()[3:]]
    assert "unstable-baseline" not in codes(Example(trials=unsteady))


def test_traffic_that_went_another_way() -> None:
    elsewhere = [*trials(TCP, POD, (8900.0,) * 3, nic_ratio=0.2), *healthy()[3:]]
    said = found(Example(trials=elsewhere), "path-not-proven")
    assert said.severity is Severity.PROBLEM
    assert "In 3 of 3 trials on the pod network, NIC eth0" in said.text


@pytest.mark.parametrize(
    ("late", "severity"), [(1, Severity.NOTE), (2, Severity.WARNING), (3, Severity.WARNING)]
)
def test_counters_that_lag_behind_are_no_other_way(late: int, severity: Severity) -> None:
    short = [
        *trials(TCP, POD, (8900.0,) * late, nic_ratio=0.637),
        *healthy()[late:],
    ]
    said = found(Example(trials=short), "path-not-proven")
    assert said.severity is severity
    assert f"In {late} of 3 trials on the pod network, NIC eth0" in said.text
    assert "no less than 63 % of them: its counters lag behind, or a part" in said.text
    assert "once a second" in said.advice
    assert said.tests == (TCP,)


def test_one_trial_that_went_another_way_is_told_without_those_that_lag() -> None:
    mixed = [
        *trials(TCP, POD, (8900.0,), nic_ratio=0.24),
        *trials(TCP, POD, (8900.0,) * 2, nic_ratio=0.99)[1:],
        *healthy()[2:],
    ]
    said = found(Example(trials=mixed), "path-not-proven")
    assert said.severity is Severity.PROBLEM
    assert "In 1 of 3 trials on the pod network" in said.text
    assert "the traffic went another way" in said.text


def test_a_byte_that_is_missing_is_not_all_that_arrived() -> None:
    nearly = [*trials(TCP, POD, (8900.0,), nic_ratio=0.9999), *healthy()[1:]]
    assert "no less than 99 %" in found(Example(trials=nearly), "path-not-proven").text


def test_without_a_host_endpoint_nothing_is_proven() -> None:
    alone = trials(TCP, POD, (8900.0,) * 3, nic_ratio=None)
    said = found(Example(trials=alone, host=False), "path-not-proven")
    assert said.severity is Severity.WARNING
    assert "no host-network endpoint" in said.text
    uncounted = found(Example(trials=[*alone, *healthy()[3:]]), "path-not-proven")
    assert "counters could not be read" in uncounted.text


def test_trials_without_a_proof_are_counted() -> None:
    some = [*trials(TCP, POD, (8900.0,), nic_ratio=None), *healthy()[1:]]
    said = found(Example(trials=some), "path-not-proven")
    assert said.severity is Severity.NOTE
    assert "2 of 3 trials on the pod network are proven to have crossed the NIC" in said.text
    assert said.tests == (TCP,)
    elsewhere = [
        *trials(TCP, POD, (8900.0, 8900.0), nic_ratio=0.2),
        *trials(TCP, POD, (8900.0,) * 4, nic_ratio=None)[2:],
    ]
    said = found(Example(trials=elsewhere), "path-not-proven")
    assert said.severity is Severity.PROBLEM
    assert "In 2 of 4 trials on the pod network, NIC eth0" in said.text
    assert "2 more were not counted" in said.text


def test_what_udp_loses_behind_the_nic_is_nobody_elses() -> None:
    lossy = trials(UDP, POD, (3000.0,) * 3, nic_ratio=4.0, figures={"loss_percent": 60.0})
    said = found(Example(trials=lossy), "other-traffic")
    assert "up to 1.6 times as many" in said.text, "4.0 times arrived at the NIC, 60 % of it lost"
    quiet = trials(UDP, POD, (3000.0,) * 3, nic_ratio=2.5, figures={"loss_percent": 60.0})
    mixed = [*trials(UDP, POD, (3000.0,), nic_ratio=1.5), *quiet[1:]]
    said = found(Example(trials=mixed), "other-traffic")
    assert "up to 1.5 times as many" in said.text


def test_strangers_on_the_wire() -> None:
    busy = [*trials(TCP, POD, (8900.0,) * 3, nic_ratio=1.8), *healthy()[3:]]
    said = found(Example(trials=busy), "other-traffic")
    assert "up to 1.8 times as many" in said.text
    assert said.tests == (TCP,)


# Place


def test_one_machine_is_a_note() -> None:
    said = found(Example(boots=("same", "same")), "one-machine")
    assert said.severity is Severity.NOTE
    assert "worker-1 and worker-2 are one machine" in said.text


@pytest.mark.parametrize("code", ["cpu-limit-imposed", "sidecar-injected"])
def test_what_the_cluster_added(code: str) -> None:
    notices = [(code, "a CPU limit was put on pod a: iperf3 500m"), (code, "and on pod b")]
    said = found(Example(notices=notices), code)
    assert "iperf3 500m and and on pod b" in said.text
    assert said.severity is Severity.WARNING


def test_other_warnings_are_no_diagnosis() -> None:
    assert codes(Example(notices=[("cross-zone", "zones a and b")])) == []


# Tools


def test_udp_loss_is_told_as_the_receiver_s() -> None:
    lossy = [
        *trials(UDP, POD, (3000.0,) * 3, figures={"loss_percent": 41.0}),
        *trials(UDP, HOST, (5000.0,) * 3, figures={"loss_percent": 0.2}),
    ]
    said = found(Example(trials=lossy), "udp-loss-is-the-receivers")
    assert "41 % on the pod network" in said.text
    assert "host" not in said.text
    assert said.severity is Severity.NOTE


def test_the_loss_of_a_sender_that_is_held_is_not_the_receiver_s() -> None:
    lossy = trials(UDP, POD, (95.0,) * 3, figures={"loss_percent": 5.0})
    report = Example(trials=lossy).report()
    limited = replace(report, plan=replace(report.plan, max_rate_mbit_per_s=100.0))
    (said,) = udp_loss(limited)
    assert said.code == "udp-loss-at-max-rate"
    assert said.severity is Severity.WARNING
    assert "5 % on the pod network although its sender was held to 100 Mbit/s" in said.text
    assert "does not hold back" not in said.text


def test_udp_without_loss_needs_no_note() -> None:
    clean = trials(UDP, POD, (3000.0,) * 3, figures={"loss_percent": 0.0})
    assert codes(Example(trials=clean)) == []


def test_scp_is_always_noted() -> None:
    assert codes(Example(trials=trials(SCP, POD, (2000.0,) * 3))) == ["scp-ranks-cpus"]


# All together


def test_the_gravest_come_first() -> None:
    bad = Example(
        pod_mtu=1500,
        boots=("same", "same"),
        notices=[("cpu-limit-imposed", "500m")],
        trials=slow(180, 9400),
    )
    severities = [one.severity for one in diagnose(bad.report())]
    assert severities == sorted(severities, key=list(Severity).index)
    assert set(severities) == set(Severity)


def test_every_diagnosis_has_advice_a_source_and_printable_text() -> None:
    named = Component(name="flannel", mode="vxlan", details=(("vni", "1\x1b[2J"),))
    bad = Example(
        primary=named,
        pod_mtu=1500,
        boots=("same", "same"),
        notices=[("cpu-limit-imposed", "\x1b[31m500m"), ("sidecar-injected", "istio-proxy")],
        trials=[
            *slow(180, 9400),
            *trials(UDP, POD, (1.0,), figures={"loss_percent": 9.0}),
            *trials(SCP, POD, (1.0,)),
        ],
    )
    diagnoses = diagnose(bad.report())
    assert len(diagnoses) >= 7
    for one in diagnoses:
        assert one.text.endswith(".")
        assert one.advice.endswith(".")
        assert one.source
        assert (one.text + one.advice).isprintable()


def test_diagnoses_and_agents_survive_the_report_file(tmp_path: Path) -> None:
    share = AgentShare(
        component="flannel",
        workload="kube-flannel/kube-flannel-ds",
        role=Role.CLIENT,
        container="kube-flannel",
        idle=None,
        idle_reason="no window lies within the 20 s of the idle phase",
        load=AgentUse(cpu_millicores=14.5, memory_mib=12.75, windows=9, covered_s=141.5),
    )
    report = Example(nic_mtu=9001, offloads=OFFLOADS).report()
    report = replace(
        report,
        agents=AgentsCost(resolution_s=15.5, shares=(share,)),
        diagnoses=diagnose(report),
    )
    assert report.diagnoses
    (tmp_path / "report.toml").write_text(dumps(report))
    assert read(tmp_path / "report.toml") == report


REPORTS = [
    Example(pod_mtu=1500, boots=("same", "same")).report(),
    Example(trials=slow(180, 9400)).report(),
    Example(trials=slow(9800, 9000), host=False).report(),
    Example(trials=[failed(TCP, POD)]).report(),
    Example(trials=()).report(),
]
OPTIONAL = [
    field.name for field in dataclasses.fields(Report) if field.default is not dataclasses.MISSING
]


@settings(deadline=None)
@given(
    st.sampled_from(REPORTS),
    st.lists(st.sampled_from(OPTIONAL), unique=True),
    st.booleans(),
    st.integers(0, 6),
)
def test_no_rule_raises_on_a_partial_report(
    report: Report, missing: list[str], unknown_cni: bool, kept: int
) -> None:
    empty = {
        field.name: field.default
        for field in dataclasses.fields(Report)
        if field.name in missing and field.name != "schema_version"
    }
    partial = replace(report, **empty)
    partial = replace(
        partial,
        trials=partial.trials[:kept],
        findings=Findings() if unknown_cni else partial.findings,
    )
    for rule in RULES:
        assert all(isinstance(one, Diagnosis) for one in rule(partial))


def probed(*standings: Standing) -> PolicyProbe:
    parts = [
        PartTried(part=part, standing=standing, took_s=None, detail="tried")
        for part, standing in zip(PolicyPart, standings, strict=True)
    ]
    return PolicyProbe(probed_at="2026-11-23T09:00:00+00:00", parts=tuple(parts))


def test_policies_without_effect_where_nothing_enforces_them() -> None:
    report = replace(Example().report(), policy_probe=probed(*[Standing.NOT_ENFORCED] * 4))
    (said,) = policy_not_enforced(report)
    assert said.severity is Severity.WARNING
    assert "(deny-ingress, label, port and deny-egress)" in said.text
    assert "cniadvisor advise --priority policy" in said.advice


def test_an_engine_that_lets_something_through_is_a_problem() -> None:
    report = Example().report()
    found = replace(report.findings, policy=FLANNEL)
    only_egress = probed(*[Standing.ENFORCED] * 3, Standing.NOT_ENFORCED)
    (said,) = policy_not_enforced(replace(report, findings=found, policy_probe=only_egress))
    assert said.severity is Severity.PROBLEM
    assert "flannel is there to enforce NetworkPolicy" in said.text
    assert "(deny-egress)" in said.text


@pytest.mark.parametrize("last", [Standing.ENFORCED, Standing.UNTOLD])
def test_what_did_not_pass_is_held_against_nobody(last: Standing) -> None:
    probe = probed(*[Standing.ENFORCED] * 3, last)
    assert policy_not_enforced(replace(Example().report(), policy_probe=probe)) == ()
    assert policy_not_enforced(replace(Example().report(), policy_probe=None)) == ()

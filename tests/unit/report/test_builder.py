import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.events import (
    BenchEvent,
    NodeSample,
    Outcome,
    RunFinished,
    TrialFinished,
    WarningRaised,
)
from cniadvisor.domain.measurement import NicProof, NodeLoad, PathName, Role, TestName, Trial
from cniadvisor.domain.report import Flag, Machine, Removal, Report, Verdict
from cniadvisor.report.builder import CUT_OFF, ReportBuilder

MakeTrial = Callable[..., Trial]
RunOf = Callable[[list[Trial]], list[BenchEvent]]

POD, HOST = PathName.POD, PathName.HOST


def built(events: list[BenchEvent]) -> Report:
    builder = ReportBuilder()
    for event in events:
        builder(event)
    return builder.report()


def test_a_complete_run(run_events: list[BenchEvent]) -> None:
    report = built(run_events)
    assert report.run.outcome is Outcome.COMPLETE
    assert report.run.finished_at == "2026-11-22T10:16:04Z"
    assert report.run.duration_s == pytest.approx(64.0)
    assert len(report.trials) == 12
    assert [(path.path, path.mtu) for path in report.paths] == [(POD, 1450), (HOST, 1500)]
    assert [nic.role for nic in report.nics] == [Role.CLIENT, Role.SERVER]
    assert [cpu.model for cpu in report.cpus] == ["Intel(R) Xeon(R) Gold 6338"]
    assert report.tools == {"iperf3": "3.18"}
    assert [warning.code for warning in report.warnings] == ["limit-range"]
    assert report.cleanup == (
        Removal(what="Job pod-client"),
        Removal(what="Namespace cniadvisor-k7m2q", error="still terminating"),
    )


def test_raw_figures_stay_as_the_tool_gave_them(run_events: list[BenchEvent]) -> None:
    given = [event.trial for event in run_events if isinstance(event, TrialFinished)]
    assert built(run_events).trials == tuple(given)


def test_summaries_and_comparisons(run_events: list[BenchEvent]) -> None:
    report = built(run_events)
    medians = {(s.test, s.path): s.median for s in report.summaries}
    assert medians == {
        (TestName.TCP, POD): 8_910.5,
        (TestName.TCP, HOST): 9_402.0,
        (TestName.TCP_MULTI, POD): 9_391.0,
        (TestName.TCP_MULTI, HOST): 9_401.0,
    }
    tcp, multi = report.comparisons
    assert (tcp.test, tcp.pairs, tcp.verdict) == (TestName.TCP, 3, Verdict.SLOWER)
    ratios = 8_910.5 / 9_410.25 * 8_850.0 / 9_395.5 * 8_932.75 / 9_402.0
    assert tcp.ratio == pytest.approx(ratios ** (1 / 3))
    assert (multi.pairs, multi.verdict) == (3, Verdict.NO_DETECTABLE_DIFFERENCE)
    assert tcp.flags == multi.flags == ()


def test_a_run_that_was_cut_off_is_partial_at_every_point(run_events: list[BenchEvent]) -> None:
    builder = ReportBuilder()
    with pytest.raises(BenchmarkError, match="never started"):
        builder.report()
    assert not builder.started
    for event in run_events[:-1]:
        builder(event)
        report = builder.report()
        assert builder.started
        assert (report.run.outcome, report.run.reason) == (Outcome.PARTIAL, CUT_OFF)
        assert report.run.finished_at is None
        assert report.run.duration_s == event.at_s


def test_the_outcome_and_reason_are_the_run_s_own(run_events: list[BenchEvent]) -> None:
    events = run_events[:-1]
    events.append(
        RunFinished(
            at_s=99.0, finished_at="x", outcome=Outcome.FAILED, reason="a node went NotReady"
        )
    )
    facts = built(events).run
    assert (facts.outcome, facts.reason) == (Outcome.FAILED, "a node went NotReady")


def test_a_failed_trial_drops_its_pair(make_trial: MakeTrial, run_of: RunOf) -> None:
    trials = [
        make_trial(value, path=path, number=number)
        for number, values in enumerate([(90, 100), (None, 100), (91, 101), (92, 100)], start=1)
        for path, value in zip((POD, HOST), values, strict=True)
    ]
    report = built(run_of(trials))
    (comparison,) = report.comparisons
    assert comparison.pairs == 3
    assert comparison.dropped == ("round 2: the pod trial failed",)
    pod, host = report.summaries
    assert (pod.n, pod.failed, host.n, host.failed) == (3, 1, 4, 0)


def test_a_retry_replaces_and_both_attempts_are_kept(make_trial: MakeTrial, run_of: RunOf) -> None:
    trials = [
        make_trial(value, path=path, number=number)
        for number in (1, 2, 3)
        for path, value in ((POD, 90.0 if number < 3 else None), (HOST, 100.0))
    ]
    trials.append(make_trial(90.0, path=POD, number=3, attempt=2))
    report = built(run_of(trials))
    assert report.comparisons[0].pairs == 3
    assert report.comparisons[0].ratio == pytest.approx(0.9)
    assert report.comparisons[0].dropped == ()
    assert len(report.trials) == 7
    assert (report.summaries[0].n, report.summaries[0].failed) == (3, 1)


def test_the_latest_attempt_counts_and_not_the_best(make_trial: MakeTrial, run_of: RunOf) -> None:
    trials = [
        make_trial(100.0, path=POD, number=1),
        make_trial(100.0, path=HOST, number=1),
        make_trial(None, path=POD, number=1, attempt=2),
    ]
    report = built(run_of(trials))
    assert report.comparisons[0].dropped == ("round 1: the pod trial failed",)
    # The order in which attempts arrive does not matter either.
    assert built(run_of(trials[::-1])).comparisons == report.comparisons


def test_half_a_round_is_dropped_and_told(make_trial: MakeTrial, run_of: RunOf) -> None:
    report = built(run_of([make_trial(90.0, path=POD), make_trial(90.0, path=HOST, number=2)]))
    assert report.comparisons[0].dropped == ("round 1: no host trial", "round 2: no pod trial")
    assert report.comparisons[0].verdict is Verdict.NO_VERDICT


def test_without_a_baseline_there_is_no_verdict_and_the_reason_says_so(
    make_trial: MakeTrial, run_of: RunOf
) -> None:
    report = built(run_of([make_trial(90.0, path=POD, number=number) for number in (1, 2, 3)]))
    (comparison,) = report.comparisons
    assert comparison.verdict is Verdict.NO_VERDICT
    assert comparison.reason == "there is no host-network baseline to compare with"
    assert comparison.dropped == ()
    assert [summary.path for summary in report.summaries] == [POD]


def test_resources_of_two_machines(run_events: list[BenchEvent]) -> None:
    resources = built(run_events).resources
    assert [(r.role, r.test, r.path) for r in resources] == [
        (Machine.CLIENT, None, None),
        (Machine.SERVER, None, None),
        *(
            (machine, test, path)
            for test in (TestName.TCP, TestName.TCP_MULTI)
            for path in (POD, HOST)
            for machine in (Machine.CLIENT, Machine.SERVER)
        ),
    ]
    assert resources[0].cpu.busy_millicores == 120.0
    assert resources[0].millicores_per_gbit_per_s is None
    client, server = resources[2], resources[3]
    assert client.cpu.busy_millicores == pytest.approx(1500.0)
    assert client.window_s == pytest.approx(6.0)
    goodput_gbit_per_s = (8.9105 + 8.85 + 8.93275) / 3
    assert client.millicores_per_gbit_per_s == pytest.approx(1500 / goodput_gbit_per_s)
    assert server.millicores_per_gbit_per_s == pytest.approx(750 / goodput_gbit_per_s)


def test_one_machine_is_reported_once(one_machine_events: list[BenchEvent]) -> None:
    report = built(one_machine_events)
    assert {r.role for r in report.resources} == {Machine.MACHINE}
    places = [(r.test, r.path) for r in report.resources]
    assert len(places) == len(set(places)) == 5
    assert report.resources[1].cpu.busy_millicores == pytest.approx(1500.0)
    assert {s.role for s in report.samples} == {Machine.MACHINE}
    assert len(report.samples) == 12


def test_one_machine_of_which_only_the_server_was_sampled(
    one_machine_events: list[BenchEvent],
) -> None:
    def server_only(event: BenchEvent) -> BenchEvent:
        if not isinstance(event, TrialFinished):
            return event
        load = {Role.SERVER: event.trial.load[Role.SERVER]}
        return replace(event, trial=replace(event.trial, load=load))

    resources = built([server_only(event) for event in one_machine_events]).resources
    loads = [r for r in resources if r.test is not None]
    assert len(loads) == 4
    assert loads[0].cpu.busy_millicores == pytest.approx(750.0)


def test_means_are_weighted_by_the_window(make_trial: MakeTrial, run_of: RunOf) -> None:
    short, long = make_trial(1000.0, number=1, busy=1000.0), make_trial(1000.0, number=2, busy=2000)
    load = long.load[Role.CLIENT]
    longer = NodeLoad(cpu=load.cpu, memory_used_mib=load.memory_used_mib, window_s=6.0)
    report = built(run_of([short, replace(long, load={Role.CLIENT: longer})]))
    client = report.resources[0]
    assert client.cpu.busy_millicores == pytest.approx((1000 * 2 + 2000 * 6) / 8)
    assert client.window_s == 8.0


def test_failed_trials_are_no_load(make_trial: MakeTrial, run_of: RunOf) -> None:
    failed = replace(make_trial(1000.0, number=1), figures={}, failure="lost")
    assert built(run_of([failed])).resources == ()


@pytest.mark.parametrize(
    ("bytes_per_payload", "flags"),
    [(0.5, (Flag.NOT_ON_NIC,)), (1.06, ()), (1.31, (Flag.OTHER_TRAFFIC,))],
)
def test_bytes_on_the_nic_are_held_against_the_payload(
    make_trial: MakeTrial, run_of: RunOf, bytes_per_payload: float, flags: tuple[Flag, ...]
) -> None:
    proof = NicProof(
        interface="eth0",
        rx_bytes=int(1_000_000 * bytes_per_payload),
        tx_bytes=10,
        payload_bytes=1_000_000,
    )
    report = built(run_of([replace(make_trial(100.0), nic=proof)]))
    assert report.comparisons[0].flags == flags


def test_a_path_whose_core_is_full_most_of_the_time_is_cpu_bound(
    make_trial: MakeTrial, run_of: RunOf
) -> None:
    def busiest(percent: float, number: int, path: PathName) -> Trial:
        one = make_trial(100.0, number=number, path=path)
        load = one.load[Role.SERVER]
        full = replace(load, cpu=replace(load.cpu, busiest_core_percent=percent))
        return replace(one, load={Role.SERVER: full})

    hosts = [busiest(40.0, number, HOST) for number in (1, 2, 3)]
    two_of_three = [busiest(p, n, POD) for n, p in ((1, 99.5), (2, 98.0), (3, 80.0))]
    one_of_three = [busiest(p, n, POD) for n, p in ((1, 99.5), (2, 97.0), (3, 80.0))]
    assert built(run_of(two_of_three + hosts)).comparisons[0].flags == (Flag.CPU_BOUND,)
    assert built(run_of(one_of_three + hosts)).comparisons[0].flags == ()


def test_faster_than_the_baseline_and_unstable_are_flagged(
    make_trial: MakeTrial, run_of: RunOf
) -> None:
    trials = [
        make_trial(value, path=path, number=number)
        for number, host in ((1, 100.0), (2, 120.0), (3, 140.0))
        for path, value in ((POD, host * 1.1), (HOST, host))
    ]
    (comparison,) = built(run_of(trials)).comparisons
    assert comparison.verdict is Verdict.FASTER
    assert comparison.flags == (Flag.UNSTABLE, Flag.ABOVE_BASELINE)


def test_a_long_run_keeps_its_peaks_in_a_bounded_number_of_samples(
    run_events: list[BenchEvent], make_sample: Callable[..., NodeSample]
) -> None:
    events = run_events[:1]
    events += [make_sample(float(second), Role.CLIENT, 500.0) for second in range(20_000)]
    events[7_777] = make_sample(7_776.0, Role.CLIENT, 3_999.0)
    samples = built(events).samples
    assert len(samples) <= 480
    assert max(sample.busy_millicores for sample in samples) == 3_999.0
    assert [sample.at_s for sample in samples] == sorted(sample.at_s for sample in samples)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_is_refused_with_its_place(
    make_trial: MakeTrial, run_of: RunOf, value: float
) -> None:
    bad = replace(make_trial(100.0), figures={"goodput_mbit_per_s": value})
    with pytest.raises(ValueError, match=r"TrialFinished\.trial\.figures\.goodput_mbit_per_s is"):
        built(run_of([bad]))


def test_the_same_warning_is_kept_once(run_events: list[BenchEvent]) -> None:
    again = [event for event in run_events if isinstance(event, WarningRaised)]
    assert len(built([*run_events, *again]).warnings) == 1


@pytest.mark.parametrize(
    ("test", "figures", "flags"),
    [
        # The NIC sees what the receive buffer then loses.
        (TestName.UDP, {"goodput_mbit_per_s": 100.0, "loss_percent": 40.0}, ()),
        (
            TestName.UDP,
            {"goodput_mbit_per_s": 100.0, "loss_percent": 1.0},
            (Flag.OTHER_TRAFFIC,),
        ),
        # Small messages are mostly headers.
        (TestName.LATENCY_TCP, {"rtt_p50_us": 45.0}, ()),
    ],
)
def test_only_a_transfer_is_held_against_other_traffic(
    make_trial: MakeTrial,
    run_started_with: Callable[..., BenchEvent],
    test: TestName,
    figures: dict[str, float],
    flags: tuple[Flag, ...],
) -> None:
    proof = NicProof(interface="eth0", rx_bytes=1_600_000, tx_bytes=10, payload_bytes=1_000_000)
    trial = replace(make_trial(100.0, test=test), nic=proof, figures=figures)
    report = built([run_started_with(test), TrialFinished(at_s=1, trial=trial)])
    assert report.comparisons[0].flags == flags


def test_only_goodput_has_a_price(
    make_trial: MakeTrial, run_started_with: Callable[..., BenchEvent]
) -> None:
    for test, figures, priced in (
        (TestName.FTP, {"goodput_mbit_per_s": 1000.0}, True),
        (TestName.LATENCY_UDP, {"rtt_p50_us": 45.0}, False),
        (TestName.UDP_MAX, {"highest_rate_mbit_per_s": 900.0}, False),
    ):
        trial = replace(make_trial(100.0, test=test), figures=figures)
        report = built([run_started_with(test), TrialFinished(at_s=1, trial=trial)])
        costs = [row.millicores_per_gbit_per_s for row in report.resources]
        assert len(costs) == 2
        assert all((cost is not None) == priced for cost in costs)


def test_a_trial_without_a_figure_is_not_called_failed(
    make_trial: MakeTrial, run_started_with: Callable[..., BenchEvent]
) -> None:
    """A search that ends with "not reached" has a result, but no figure."""
    test = TestName.UDP_MAX
    trials = [
        replace(
            make_trial(100.0, test=test, path=path),
            figures={"highest_rate_mbit_per_s": 900.0} if path is HOST else {"steps": 7.0},
        )
        for path in PathName
    ]
    events = [TrialFinished(at_s=1, trial=trial) for trial in trials]
    report = built([run_started_with(test), *events])
    assert report.comparisons[0].dropped == ("round 1: the pod trial has no figure",)

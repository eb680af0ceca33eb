from collections.abc import Callable
from dataclasses import replace

from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.report import Report
from cniadvisor.lab.findings import lab_findings
from cniadvisor.lab.wire import NODES
from cniadvisor.lab.wirings.catalogue import WIRINGS
from cniadvisor.wording.subject import NO_CNI, report_subject, subject, told_apart
from cniadvisor.wording.trial import trial_lines


def test_a_trial_is_told_with_all_that_is_known(
    report: Report, golden: Callable[[str, str], None]
) -> None:
    trial = next(trial for trial in report.trials if trial.id.path is PathName.POD)

    golden("trial", "\n".join(trial_lines(trial, streams=4)))


def test_a_failed_trial_tells_why_and_no_figure(report: Report) -> None:
    failed = replace(
        report.trials[0],
        figures={},
        facts={},
        samples_mbit_per_s=(),
        load={},
        nic=None,
        failure="iperf3: unable to\nconnect \x1b[2J",
    )

    text = "\n".join(trial_lines(failed, streams=4))

    assert "iperf3: unable to connect [2J" in text
    assert "not sampled" in text
    assert "Goodput" not in text
    assert "Each second" not in text


def test_a_payload_that_did_not_cross_the_nic_is_told(report: Report) -> None:
    trial = report.trials[0]
    assert trial.nic is not None
    short = replace(trial, nic=replace(trial.nic, rx_bytes=400_000))

    assert "received 0.400 MB" in "\n".join(trial_lines(short, streams=4))
    assert "fewer than were received" in " ".join(trial_lines(short, streams=4))


def test_a_subject_is_short_and_printable() -> None:
    assert subject(cni="flannel", mode="vxlan") == "flannel vxlan"
    assert subject(cni="cilium", mode=None) == "cilium"
    assert subject(cni="", mode="vxlan") == NO_CNI
    assert len(subject(cni="x" * 900, mode="\x1b[1m")) == 30


def test_every_wiring_of_the_lab_is_another_subject() -> None:
    components = [lab_findings(make(NODES)).primary for make in WIRINGS.values()]
    told = {subject(cni=one.name, mode=one.mode) for one in components if one is not None}
    assert "lab: wired as Flannel, VXLAN" in told
    assert "lab: wired as Flannel, host-gw" in told
    assert len(told) == len(WIRINGS)


def test_several_reports_are_told_apart_by_the_letters_of_a_comparison(report: Report) -> None:
    assert report_subject(report) == "flannel vxlan"
    assert told_apart([report]) == ("flannel vxlan",)
    assert told_apart([report, report]) == ("A flannel vxlan", "B flannel vxlan")
    assert len(told_apart([report] * 30)) == 26

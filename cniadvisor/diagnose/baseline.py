"""The host-network baseline: what a ratio to it can't say."""

import math
from collections.abc import Sequence

from cniadvisor.diagnose.facts import good_trials, in_order, proven_path
from cniadvisor.domain.measurement import PathName, TestName, Trial
from cniadvisor.domain.plan import Suite
from cniadvisor.domain.report import Diagnosis, Flag, Report, Severity, Verdict
from cniadvisor.domain.words import listed
from cniadvisor.stats.traffic import saw_other_traffic, times_payload

_METHOD = "docs/method.md"
_STEADY_SECONDS = 10
_ROUTES = (
    "Look at the routes on both nodes (ip route get, with a pod address of the other node): "
    "another interface, a VPN or a bridge may carry pod traffic."
)


def above_baseline(report: Report) -> tuple[Diagnosis, ...]:
    """Say where the pod network beats the host network by its whole interval: explain it."""
    better = [one for one in report.comparisons if one.verdict is Verdict.FASTER]
    if not better:
        return ()
    told = [
        f"{one.test} {100 * one.ratio:.0f} % ({100 * one.ratio_95.low:.0f} to "
        f"{100 * one.ratio_95.high:.0f} %)"
        for one in better
        if one.ratio is not None and one.ratio_95 is not None
    ] or [str(one.test) for one in better]
    primary = report.findings.primary
    bypass = (
        " Cilium's eBPF host routing passes by the host's iptables, which can do this honestly."
        if primary is not None and primary.name == "cilium"
        else ""
    )
    return (
        Diagnosis(
            code="above-baseline",
            severity=Severity.WARNING,
            text=f"Pods did better than the host network: {listed(told)} of the baseline. A pod's "
            "packets go the host's way and some more, so this wants an explanation and is no "
            f"win.{bypass}",
            advice="Look for what only one path has: other offloads (ethtool -k of NIC and tunnel "
            "device), iptables rules or conntrack on the nodes' own traffic, rate limits, another "
            "interrupt's core. Repeat with --suite thorough and another node pair.",
            source="docs.cilium.io/en/stable/operations/performance/tuning (eBPF host routing)"
            if bypass
            else _METHOD,
            tests=tuple(one.test for one in better),
        ),
    )


def unstable_baseline(report: Report) -> tuple[Diagnosis, ...]:
    """Say where the baseline itself varies: nothing can be more exact than it."""
    unsteady = [s for s in report.summaries if s.path is PathName.HOST and s.unstable]
    if not unsteady:
        return ()
    told = [
        str(one.test) if one.cv_percent is None else f"{one.test} by {one.cv_percent:.0f} %"
        for one in unsteady
    ]
    return (
        Diagnosis(
            code="unstable-baseline",
            severity=Severity.WARNING,
            text=f"The host-network baseline varies from trial to trial: {listed(told)} "
            "(coefficient of variation, more than 5 % is a lot). What varies is the nodes or the "
            "wire, not the CNI.",
            advice=f"Measure when the nodes are quieter, {_more_than(report.plan.suite)}; set the "
            "CPU governor to performance; in clouds mind burst credits and noisy neighbours. The "
            "interval of the ratio already holds this, so trust it and not the single figures.",
            source=_METHOD,
            tests=in_order(one.test for one in unsteady),
        ),
    )


def _more_than(suite: Suite) -> str:
    """Trials of ten seconds ride out short bursts; beyond that only more pairs help."""
    longer = "longer (--duration 10) and " if suite.duration_s < _STEADY_SECONDS else ""
    return f"{longer}more often (--repeats {max(10, 2 * suite.rounds)})"


def path_not_proven(report: Report) -> tuple[Diagnosis, ...]:
    """Say when nothing shows that the traffic crossed the NIC between the nodes."""
    trials = [trial for trial in good_trials(report) if trial.id.path is PathName.POD]
    if not trials:
        return ()
    uncounted = [trial for trial in trials if trial.nic is None]
    if any(trial.nic is not None and not trial.nic.crossed for trial in trials):
        return (_short_on_nic(trials),)
    if not uncounted:
        return ()
    if len(uncounted) < len(trials):
        proven = len(trials) - len(uncounted)
        return (
            _not_proven(
                f"{proven} of {len(trials)} trials on the pod network are proven to have crossed "
                "the NIC between the nodes; during the others its counters could not be read.",
                "If the others' figures are like those, nothing is to be done. Else repeat the run "
                "when the nodes and the way to the API server are quieter.",
                severity=Severity.NOTE,
                tests=in_order(trial.id.test for trial in uncounted),
            ),
        )
    why = (
        "there is no host-network endpoint to see the NIC from"
        if proven_path(report, PathName.HOST) is None
        else "its counters could not be read"
    )
    return (
        _not_proven(
            f"It is not proven that the traffic crossed the NIC between the nodes: {why}.",
            "Allow host-network pods in the run's namespace (pod security level privileged), or "
            "name one that does with --namespace; then there is a baseline too.",
            severity=Severity.WARNING,
        ),
    )


def _short_on_nic(trials: Sequence[Trial]) -> Diagnosis:
    """Say that the NIC counted less than arrived, and what that can mean."""
    counted = [(trial.id.test, trial.nic) for trial in trials if trial.nic is not None]
    short = [(test, nic) for test, nic in counted if not nic.crossed]
    elsewhere = [(test, nic) for test, nic in short if nic.bypassed]
    told = elsewhere or short
    uncounted = len(trials) - len(counted)
    text = (
        f"In {len(told)} of {len(trials)} trials on the pod network, NIC {told[0][1].interface} "
        "counted fewer bytes than arrived"
    )
    more = f" {uncounted} more were not counted." if uncounted else ""
    tests = in_order(test for test, _ in told)
    if elsewhere:
        return _not_proven(
            f"{text}: the traffic went another way.{more}",
            f"{_ROUTES} The figures are of that way.",
            severity=Severity.PROBLEM,
            tests=tests,
        )
    # Rounded down, or the least that is missing would read as 100 %.
    least = math.floor(100 * min(nic.rx_bytes / nic.payload_bytes for _, nic in short))
    return _not_proven(
        f"{text}, but no less than {least} % of them: its counters lag behind, or a part of the "
        f"traffic went another way.{more}",
        "Some drivers refresh their counters only once a second, which leaves out the end of a "
        "trial. Repeat with --duration 30: if as much is missing, it is not the counters. "
        f"{_ROUTES}",
        severity=Severity.WARNING if 2 * len(short) > len(counted) else Severity.NOTE,
        tests=tests,
    )


def _not_proven(
    text: str, advice: str, *, severity: Severity, tests: tuple[TestName, ...] = ()
) -> Diagnosis:
    return Diagnosis(
        code="path-not-proven",
        severity=severity,
        text=text,
        advice=advice,
        source=_METHOD,
        tests=tests,
    )


def other_traffic(report: Report) -> tuple[Diagnosis, ...]:
    """Say where others used the NIC during trials."""
    busy = {one.test for one in report.comparisons if Flag.OTHER_TRAFFIC in one.flags}
    if not busy:
        return ()
    times = [times_payload(trial) for trial in good_trials(report) if saw_other_traffic(trial)]
    ratios = [one for one in times if one is not None]
    most = f", up to {max(ratios):.1f} times as many," if ratios else ""
    tests = in_order(busy)
    return (
        Diagnosis(
            code="other-traffic",
            severity=Severity.WARNING,
            text=f"The NIC carried more bytes{most} than the trials of {listed(tests)} moved: "
            "others used the wire meanwhile, and shared it with the measurement.",
            advice="Repeat when the nodes are quieter, or choose others with --client-node and "
            "--server-node. Both paths suffer alike within a pair, so the ratio is hurt less than "
            "the figures.",
            source=_METHOD,
            tests=tests,
        ),
    )

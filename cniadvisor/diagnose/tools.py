"""What a tool's figure measures beside the network."""

from cniadvisor.diagnose.facts import good_trials, summary_of
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.words import listed

LOSS_WORTH_TELLING_PERCENT = 1.0


def udp_loss(report: Report) -> tuple[Diagnosis, ...]:
    """Say whose the loss is: an unpaced sender's is the receiver's, a held one's need not be."""
    worst: dict[PathName, float] = {}
    for trial in good_trials(report):
        if trial.id.test is TestName.UDP:
            loss = trial.figures.get("loss_percent", 0.0)
            worst[trial.id.path] = max(loss, worst.get(trial.id.path, 0.0))
    lossy = {path: loss for path, loss in worst.items() if loss > LOSS_WORTH_TELLING_PERCENT}
    if not lossy:
        return ()
    told = [f"{lossy[path]:.0f} % on the {path} network" for path in PathName if path in lossy]
    if report.plan.max_rate_mbit_per_s is not None:
        return (_loss_at_max_rate(listed(told), report.plan.max_rate_mbit_per_s),)
    return (
        Diagnosis(
            code="udp-loss-is-the-receivers",
            severity=Severity.NOTE,
            text=f"udp lost up to {listed(told)}. The sender does not hold back in this test, so "
            "what the receiving socket can't take in time is dropped there: the loss measures the "
            "receiver's CPU and buffer, and only the goodput is to be compared.",
            advice="For a rate without loss use the test udp-max (suite thorough). Larger "
            "net.core.rmem_max and rmem_default on the nodes move the limit; nstat -az "
            "UdpRcvbufErrors counts such losses.",
            source="github.com/esnet/iperf/issues/841, github.com/esnet/iperf/issues/296",
            tests=(TestName.UDP,),
        ),
    )


def _loss_at_max_rate(told: str, mbit_per_s: float) -> Diagnosis:
    return Diagnosis(
        code="udp-loss-at-max-rate",
        severity=Severity.WARNING,
        text=f"udp lost up to {told} although its sender was held to {mbit_per_s:g} Mbit/s "
        "(--max-rate): the way or the receiver can't carry that rate.",
        advice="If nstat -az UdpRcvbufErrors rises during a run on the client's node, the "
        "receiving socket is the limit. Else look on the way: dropped packets (ip -s link), "
        "shapers, policers. What the pod network alone loses is the CNI's, what both lose the "
        "nodes' or the wire's. A lower --max-rate, or the test udp-max, shows which rate has no "
        "loss.",
        source="docs/method.md",
        tests=(TestName.UDP,),
    )


def scp_ranks_cpus(report: Report) -> tuple[Diagnosis, ...]:
    """Say that SCP measures one core's cipher speed before it measures a network."""
    if summary_of(report, TestName.SCP, PathName.POD) is None:
        return ()
    return (
        Diagnosis(
            code="scp-ranks-cpus",
            severity=Severity.NOTE,
            text="scp encrypts in one thread at each end: on fast networks its figure ranks CPUs "
            "before it ranks CNIs, and a small difference hides.",
            advice="Compare it with tcp on the same path: far below tcp, the cipher is the limit. "
            "It is there for those whose work is copying files this way.",
            source="kb.pert.geant2.net/PERTKB/SecureShell (crypto overhead)",
            tests=(TestName.SCP,),
        ),
    )

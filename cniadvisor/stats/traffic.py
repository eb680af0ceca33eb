"""What the NIC's counters say about who else used the wire."""

from cniadvisor.domain.measurement import FIGURES, GOODPUT, Trial

OTHER_TRAFFIC_RATIO = 1.3
"""Headers and retransmits stay well below; more bytes than this are somebody else's."""


def times_payload(trial: Trial) -> float | None:
    """Return the NIC's received bytes over the payload; None where that says nothing.

    Of small messages the headers are the most, so only a transfer has it. What UDP sends too fast
    crosses the NIC and is lost behind it, in the receive buffer: that share is taken off.
    """
    proof = trial.nic
    if proof is None or proof.payload_bytes == 0 or FIGURES[trial.id.test] is not GOODPUT:
        return None
    received_share = 1 - trial.figures.get("loss_percent", 0.0) / 100
    return proof.rx_bytes * received_share / proof.payload_bytes


def saw_other_traffic(trial: Trial) -> bool:
    """Whether more crossed the NIC than the trial explains."""
    times = times_payload(trial)
    return times is not None and times > OTHER_TRAFFIC_RATIO

"""What the NIC's counters say about who else used the wire."""

from cniadvisor.domain.measurement import FIGURES, GOODPUT, Trial

OTHER_TRAFFIC_RATIO = 1.3
"""Headers and retransmits stay well below; more bytes than this are somebody else's."""


def saw_other_traffic(trial: Trial) -> bool:
    """Whether more crossed the NIC than the trial explains; only a transfer can explain much.

    Of small messages the headers are the most. What UDP sends too fast crosses the NIC and is lost
    behind it, in the receive buffer.
    """
    proof = trial.nic
    if proof is None or FIGURES[trial.id.test] is not GOODPUT:
        return False
    received_share = 1 - trial.figures.get("loss_percent", 0.0) / 100
    return proof.rx_bytes * received_share > OTHER_TRAFFIC_RATIO * proof.payload_bytes

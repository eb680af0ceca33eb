"""What a lab's report says instead of a detected CNI: whose wiring it is, and that it is not it."""

from cniadvisor.domain.findings import WIRED_AS, Component, Confidence, Findings
from cniadvisor.lab.wiring import Wiring

__all__ = ["lab_findings", "wired_label"]


def wired_label(wiring: Wiring) -> str:
    """Return the one name a wiring is shown under; never the CNI's name alone."""
    return f"{WIRED_AS}{wiring.wired_as}"


def lab_findings(wiring: Wiring) -> Findings:
    """Return a wiring as findings.

    The component's name is the label, so that whoever shows it shows that; the CNI's own name is
    among the details.
    """
    return Findings(
        primary=Component(
            name=wired_label(wiring),
            variant="lab",
            mode=wiring.mode,
            mtu=wiring.pod_mtu,
            encryption="none",
            confidence=Confidence.HIGH,
            evidence=(
                "cniadvisor's lab wired these namespaces itself; no CNI runs here.",
                f"The wiring follows {wiring.source}.",
            ),
            details=(("wired_like", wiring.cni), ("wiring", wiring.name)),
        )
    )

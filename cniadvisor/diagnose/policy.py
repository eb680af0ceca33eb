"""NetworkPolicy as traffic told it, against what the cluster is set up to do."""

from cniadvisor.domain.probe import Standing
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.words import listed

_SOURCE = "kubernetes.io/docs/concepts/services-networking/network-policies (Prerequisites)"


def policy_not_enforced(report: Report) -> tuple[Diagnosis, ...]:
    """Say when policies are accepted and not, or not wholly, acted on."""
    probe = report.policy_probe
    tried = () if probe is None else probe.parts
    passed = [one.part.value for one in tried if one.standing is Standing.NOT_ENFORCED]
    if not passed:
        return ()
    engine = report.findings.policy
    if engine is None:
        return (
            Diagnosis(
                code="policy-not-enforced",
                severity=Severity.WARNING,
                text="The API server takes NetworkPolicy objects, and traffic passed that they "
                f"deny ({listed(passed)}). A policy written here looks like protection and is "
                "none.",
                advice="Install something that enforces them, or say to all who deploy here that "
                "policies have no effect; cniadvisor advise --priority policy compares the ways.",
                source=_SOURCE,
            ),
        )
    return (
        Diagnosis(
            code="policy-not-enforced",
            severity=Severity.PROBLEM,
            text=f"{engine.name} is there to enforce NetworkPolicy, and traffic passed that "
            f"policies deny ({listed(passed)}).",
            advice=f"See whether {engine.name} runs on both nodes and what its agents log there; "
            "until then take every policy in this cluster for absent. Then repeat: cniadvisor "
            "probe policy.",
            source=_SOURCE,
        ),
    )

"""All rules over one report."""

from collections.abc import Callable
from dataclasses import replace

from cniadvisor.diagnose.baseline import (
    above_baseline,
    other_traffic,
    path_not_proven,
    unstable_baseline,
)
from cniadvisor.diagnose.checksum import vxlan_checksum_fault
from cniadvisor.diagnose.cpu import cpu_bound
from cniadvisor.diagnose.mtu import mtu_mismatch, udp_fragments
from cniadvisor.diagnose.place import imposed, one_machine
from cniadvisor.diagnose.policy import policy_not_enforced
from cniadvisor.diagnose.tools import scp_ranks_cpus, udp_loss
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.text import printable

Rule = Callable[[Report], tuple[Diagnosis, ...]]

RULES: tuple[Rule, ...] = (
    policy_not_enforced,
    vxlan_checksum_fault,
    mtu_mismatch,
    path_not_proven,
    imposed,
    cpu_bound,
    above_baseline,
    unstable_baseline,
    other_traffic,
    one_machine,
    udp_fragments,
    udp_loss,
    scp_ranks_cpus,
)
"""Within one severity they are told in this order."""


def diagnose(report: Report) -> tuple[Diagnosis, ...]:
    """Return what the rules find in ``report``, the gravest first.

    Never raises, whatever is missing in the report; all text is printable.
    """
    order = list(Severity)
    found = [diagnosis for rule in RULES for diagnosis in rule(report)]
    return tuple(
        replace(one, text=printable(one.text), advice=printable(one.advice))
        for one in sorted(found, key=lambda one: order.index(one.severity))
    )

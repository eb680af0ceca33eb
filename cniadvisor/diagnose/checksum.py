"""VXLAN whose checksum offload breaks down: 50 to 300 Mbit/s on a wire that carries gigabits."""

from cniadvisor.diagnose.facts import nic_name, rate, summary_of
from cniadvisor.domain.findings import Component
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.words import listed

BROKEN_RATIO = 0.10
"""No encapsulation costs nine tenths: below this something is broken."""

TYPICAL_MBIT_PER_S = (50.0, 300.0)
TYPICAL_RATIO = 0.5
"""What those who met the fault saw, and far below the baseline: not just a slow wire."""

_TESTS = (TestName.TCP, TestName.TCP_MULTI)
_SUSPECTS = frozenset({"tx-checksumming", "tx-udp_tnl-segmentation"})
_TUNNEL = {"calico": "vxlan.calico", "cilium": "cilium_vxlan"}


def vxlan_checksum_fault(report: Report) -> tuple[Diagnosis, ...]:
    """Say when TCP over VXLAN is as slow as with this fault, and the offloads are on."""
    primary = report.findings.primary
    on = _SUSPECTS.intersection(name for nic in report.nics for name in nic.offloads)
    if primary is None or primary.mode != "vxlan" or not on:
        return ()
    slow: list[TestName] = []
    told: list[str] = []
    for test in _TESTS:
        pod = summary_of(report, test, PathName.POD)
        host = summary_of(report, test, PathName.HOST)
        if pod is None or host is None or not _looks_like_it(pod.median, host.median):
            continue
        slow.append(test)
        told.append(f"{test} {rate(pod.median)} against {rate(host.median)}")
    if not slow:
        return ()
    return (
        Diagnosis(
            code="vxlan-checksum-offload",
            severity=Severity.PROBLEM,
            text=f"TCP through VXLAN is far below the host-network baseline ({listed(told)}) while "
            f"{listed(sorted(on))} {'is' if len(on) == 1 else 'are'} on: as with a checksum "
            "offload that fails for encapsulated packets, reported with kernels as new as 6.12 and "
            "with virtual NICs.",
            advice=_advice(report, primary),
            source="github.com/projectcalico/calico/issues/11435, "
            "github.com/flannel-io/flannel/issues/1279",
            tests=tuple(slow),
        ),
    )


def _looks_like_it(pod_mbit_per_s: float, host_mbit_per_s: float) -> bool:
    if not host_mbit_per_s > 0:
        return False
    ratio = pod_mbit_per_s / host_mbit_per_s
    low, high = TYPICAL_MBIT_PER_S
    return ratio < BROKEN_RATIO or (low <= pod_mbit_per_s <= high and ratio < TYPICAL_RATIO)


def _advice(report: Report, primary: Component) -> str:
    vni = dict(primary.details).get("vni", "1")
    tunnel = _TUNNEL.get(primary.name, f"flannel.{vni}")
    lasting = (
        "set featureDetectOverride ChecksumOffloadBroken=true in the FelixConfiguration"
        if primary.name == "calico"
        else "put it into a udev rule for that interface"
    )
    advice = (
        f"Try on both nodes, as root: ethtool -K {tunnel} tx-checksum-ip-generic off. "
        f"Measure again; if it helps, {lasting}, and look for a newer kernel."
    )
    if any(nic.driver == "vmxnet3" for nic in report.nics):
        advice += (
            f" On vSphere also try: ethtool -K {nic_name(report)} tx-udp_tnl-segmentation off "
            "tx-udp_tnl-csum-segmentation off (github.com/projectcalico/calico/issues/4727)."
        )
    return advice

"""Pod MTU and encapsulation against the NIC's MTU.

Too big: packets that the NIC does not take are fragmented, or dropped without a word where the
outer header forbids it. Too small: more packets, headers and CPU for the same bytes. Smaller than
the UDP tests' datagrams: those are fragmented.
"""

from collections.abc import Mapping

from cniadvisor.diagnose.facts import in_order, proven_path
from cniadvisor.domain.findings import Component
from cniadvisor.domain.measurement import DATAGRAM_BYTES, PathName, TestName
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.domain.words import listed

WORTH_TELLING = 1.05
"""Packets could be this many times larger: below it, what is gained is within the noise."""

HEADERS_INSIDE = 52
"""IPv4, TCP and its timestamps: what of a packet is not payload."""

FRAME_BYTES = 38
"""Ethernet header, checksum, preamble and gap: what a frame costs on the wire beside the packet."""

_UDP_TESTS = (TestName.UDP, TestName.UDP_MAX)
_IPV4_UDP, _IPV6_UDP = 20 + 8, 40 + 8
"""Headers of a datagram."""

# flannel: pkg/backend/{vxlan,wireguard,ipip,udp,ipsec}, where each subtracts its overhead.
_FLANNEL: Mapping[str, int] = {
    "vxlan": 50,
    "host-gw": 0,
    "wireguard": 80,
    "ipip": 20,
    "udp": 28,
    "ipsec": 77,
}
# Calico: felix/dataplane/linux/int_dataplane.go; with WireGuard the pod MTU is the smaller one.
_CALICO: Mapping[str, int] = {"vxlan": 50, "ipip": 20, "bgp": 0, "unencapsulated": 0}
_CALICO_WIREGUARD = 60
_UNENCAPSULATED = frozenset({"host-gw", "native", "bgp", "unencapsulated", "bridge"})

_SOURCE = "docs.tigera.io/calico/latest/networking/configuring/mtu"
_WHERE_SET: Mapping[str, str] = {
    "flannel": "flanneld takes it from the NIC when it starts; MTU of the Backend in "
    "net-conf.json sets it by hand",
    "canal": "veth_mtu in Canal's ConfigMap sets it",
    "calico": "spec.calicoNetwork.mtu of the Installation, or veth_mtu in calico-config, sets it",
    "cilium": "MTU in the Helm values (mtu in cilium-config) sets it",
}


def overhead_bytes(component: Component) -> int | None:
    """Return what the CNI's datapath must leave free in a pod's device MTU; None when unknown.

    For IPv4 between the nodes. Cilium lowers the MTU on the pod's routes instead of the device, so
    the device keeps the NIC's.
    """
    mode, encryption = component.mode or "", component.encryption
    match component.name:
        case "flannel" | "canal":
            return _FLANNEL.get(mode)
        case "calico":
            encapsulation = _CALICO.get(mode)
            if encapsulation is None or encryption not in {None, "none", "wireguard"}:
                return None
            return max(encapsulation, _CALICO_WIREGUARD if encryption == "wireguard" else 0)
        case "cilium":
            return 0
        case _:
            return 0 if mode in _UNENCAPSULATED and encryption in {None, "none"} else None


def mtu_mismatch(report: Report) -> tuple[Diagnosis, ...]:
    """Say when pods' packets do not fit the NIC, or could be markedly larger."""
    primary = report.findings.primary
    pod = proven_path(report, PathName.POD)
    nic_mtu = _nic_mtu(report)
    if primary is None or pod is None or pod.mtu is None or nic_mtu is None or _ipv6(report):
        return ()
    overhead = overhead_bytes(primary)
    if overhead is None or pod.mtu <= HEADERS_INSIDE or nic_mtu - overhead <= HEADERS_INSIDE:
        return ()
    fitting = nic_mtu - overhead
    if pod.mtu > fitting:
        return (_too_big(report, primary, pod.mtu, overhead, nic_mtu),)
    if fitting > WORTH_TELLING * pod.mtu:
        return (_too_small(primary, pod.mtu, overhead, nic_mtu),)
    return ()


def udp_fragments(report: Report) -> tuple[Diagnosis, ...]:
    """Say when the UDP tests' datagrams are larger than what a path takes in one packet.

    The MTU is that of the client's interface; the server's, which sends, is mostly the same.
    """
    tests = in_order(trial.id.test for trial in report.trials if trial.id.test in _UDP_TESTS)
    narrow: list[str] = []
    packet = 0
    for path in report.paths:
        headers = _IPV6_UDP if ":" in path.server_address else _IPV4_UDP
        if path.mtu is not None and path.mtu < DATAGRAM_BYTES + headers:
            narrow.append(f"the {path.path} path's MTU of {path.mtu}")
            packet = DATAGRAM_BYTES + headers
    if not tests or not narrow:
        return ()
    return (
        Diagnosis(
            code="udp-fragments",
            severity=Severity.NOTE,
            text=f"The UDP tests send datagrams of {DATAGRAM_BYTES} bytes, {packet} with headers: "
            f"more than {listed(narrow)}. Each goes as two packets, and is lost when one of them "
            "is: the figures hold the cost of fragments, which other traffic need not have.",
            advice="Judge this network by tcp. Compare the UDP figures only with those of paths "
            "that fragment, too.",
            source="rfc-editor.org/rfc/rfc8900 (IP Fragmentation Considered Fragile)",
            tests=tests,
        ),
    )


def _too_big(
    report: Report, primary: Component, pod_mtu: int, overhead: int, nic_mtu: int
) -> Diagnosis:
    failed = [t for t in report.trials if t.id.path is PathName.POD and t.failure is not None]
    fate = (
        "That hits only nodes in different subnets: between others there is no encapsulation."
        if primary.cross_subnet
        else "Such packets are fragmented, or lost without a word."
    )
    seen = f" {len(failed)} trials on the pod network failed." if failed else ""
    return Diagnosis(
        code="mtu-too-big",
        severity=Severity.WARNING if primary.cross_subnet else Severity.PROBLEM,
        text=f"Pods may send packets of {pod_mtu} bytes; {_with(primary)} they need "
        f"{pod_mtu + overhead} bytes, and the NIC's MTU is {nic_mtu}. {fate}{seen}",
        advice=f"Set the pod MTU to {nic_mtu - overhead}{_where(primary)}. Then start the agents "
        "and all pods anew: a pod keeps the MTU it was started with. Or raise the MTU of the NICs "
        "and every switch between them.",
        source=_SOURCE,
    )


def _too_small(primary: Component, pod_mtu: int, overhead: int, nic_mtu: int) -> Diagnosis:
    fitting = nic_mtu - overhead
    gain = _payload_share(fitting, overhead) / _payload_share(pod_mtu, overhead)
    return Diagnosis(
        code="mtu-too-small",
        severity=Severity.WARNING,
        text=f"Pods send packets of at most {pod_mtu} bytes, but {fitting} would fit the NIC's MTU "
        f"of {nic_mtu} {_with(primary)}: {fitting / pod_mtu:.1f} times fewer packets to handle, "
        f"and up to {100 * (gain - 1):.1f} % more goodput where the wire is the limit.",
        advice=f"Set the pod MTU to {fitting} if every switch between the nodes takes packets of "
        f"{nic_mtu} bytes{_where(primary)}. Then start the agents and all pods anew.",
        source=_SOURCE,
    )


def _payload_share(mtu: int, overhead: int) -> float:
    """Return how much of what crosses the wire is TCP payload."""
    return (mtu - HEADERS_INSIDE) / (mtu + overhead + FRAME_BYTES)


def _with(primary: Component) -> str:
    if primary.name == "cilium" or primary.mode is None:
        return "here"
    return f"with {primary.name}'s {primary.mode}"


def _where(primary: Component) -> str:
    place = _WHERE_SET.get(primary.name)
    return f" ({place})" if place else ""


def _nic_mtu(report: Report) -> int | None:
    """Return the smaller MTU of the two NICs; None without a host-network endpoint."""
    known = [nic.mtu for nic in report.nics if nic.mtu is not None]
    host = proven_path(report, PathName.HOST)
    if not known and host is not None and host.mtu is not None:
        known = [host.mtu]
    return min(known, default=None)


def _ipv6(report: Report) -> bool:
    """IPv6 between the nodes adds 20 bytes in some CNIs and not in others: no rule for it."""
    return any(":" in path.server_address for path in report.paths)

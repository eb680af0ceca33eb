"""Felix's rules for a node with one pod and no policy, in iptables mode.

Source: Calico 3.29 to 3.32 ``felix/rules/static.go``, ``endpoints.go``, ``dispatch.go``, ``nat.go``
and ``qos.go``, with the settings of ``manifests/calico.yaml``: ``DefaultEndpointToHostAction``
ACCEPT, ``ChainInsertMode`` insert, everything allowed by the profile of the pod's namespace.

The way of a packet between pods: ``raw`` marks what comes from a pod and checks that its source
belongs to that interface; ``mangle`` accepts what belongs to a known connection; ``filter`` sends
it through the dispatch chain to the pod's own chain, whose first rule accepts what belongs to a
known connection. Only a connection's first packet sees the profiles. ``nat`` sees only that one
either; ``mangle`` looks at two sets of addresses when the packet leaves (DSCP, since 3.31).

Left out: the hash that Felix puts into each rule's comment, chains that nothing jumps to,
IPv6, the failsafe chains (host endpoints only), flow logs, kube-proxy's chains. Since 3.30 a bit
for drops lies between ``_PASS`` and ``_FROM_WORKLOAD``; which bits are used costs a packet nothing.
"""

from cniadvisor.lab.wiring import POD_NETWORK, Step
from cniadvisor.lab.wirings.sides import Side
from cniadvisor.lab.wirings.steps import iptables, table
from cniadvisor.lab.wirings.vxlan import Tunnel

_ACCEPT, _PASS, _FROM_WORKLOAD = 0x10000, 0x20000, 0x40000
_OURS = 0xF0000
_ACCEPTED = f"-m mark --mark {_ACCEPT:#x}/{_ACCEPT:#x}"
_KNOWN = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"

_POOLS, _MASQUERADED, _HOSTS, _VTEPS = (
    "cali40all-ipam-pools",
    "cali40masq-ipam-pools",
    "cali40all-hosts-net",
    "cali40all-vxlan-net",
)
_TO_HEP = "cali-to-host-endpoint"  # no policy on the nodes themselves: these chains are empty
_FROM_HEP = "cali-from-host-endpoint"
_PROFILES = ("kns.default", "ksa.default.default")
_VXLAN_PORT = 4789  # Felix looks for encapsulation inside pods at its own port, tunnel or not


def workload_interface(side: Side) -> str:
    """Return the node's end of the pod's veth; the prefix is what Felix's rules go by."""
    return f"calipod{side.number}"


def felix_steps(side: Side, peer: Side, tunnel: Tunnel | None = None) -> tuple[Step, ...]:
    """Return the sets and rules of Felix on a node; ``tunnel`` is Calico's own VXLAN, if any."""
    rules = _raw(tunnel) + _mangle() + _nat(tunnel) + _filter(workload_interface(side), tunnel)
    return (
        Step(place=side.node, argv=("ipset", "restore"), stdin=_sets(side, peer, tunnel)),
        iptables(side.node, rules),
    )


def _sets(side: Side, peer: Side, tunnel: Tunnel | None) -> str:
    members = {
        _POOLS: [POD_NETWORK],
        _MASQUERADED: [POD_NETWORK],
        _HOSTS: [side.address, peer.address],
    }
    if tunnel is not None:
        members[_VTEPS] = [peer.address]
    lines: list[str] = []
    for name, addresses in members.items():
        lines.append(f"create {name} hash:net family inet maxelem 1048576")
        lines += [f"add {name} {address}" for address in addresses]
    return "".join(f"{line}\n" for line in lines)


def _raw(tunnel: Tunnel | None) -> str:
    # Without this each VXLAN packet would be looked up among the connections as well.
    untracked = [] if tunnel is None else [f"-p udp -m udp --dport {tunnel.port} -j NOTRACK"]
    from_pod = f"-m mark --mark {_FROM_WORKLOAD:#x}/{_FROM_WORKLOAD:#x}"
    return table(
        "raw",
        ["cali-PREROUTING", "cali-OUTPUT", "cali-rpf-skip", _FROM_HEP, _TO_HEP],
        [
            *_hooks("PREROUTING", "OUTPUT"),
            *_chain(
                "cali-PREROUTING",
                _cleared(_OURS),
                *untracked,
                f"-i cali+ -j MARK --set-xmark {_FROM_WORKLOAD:#x}/{_FROM_WORKLOAD:#x}",
                f"{from_pod} -j cali-rpf-skip",
                f"{from_pod} -m rpfilter --validmark --invert -j DROP",
                f"-m mark --mark 0x0/{_FROM_WORKLOAD:#x} -j {_FROM_HEP}",
                f"{_ACCEPTED} -j ACCEPT",
            ),
            *_chain(
                "cali-OUTPUT",
                _cleared(_OURS),
                f"-j {_TO_HEP}",
                *untracked,
                f"{_ACCEPTED} -j ACCEPT",
            ),
        ],
    )


def _mangle() -> str:
    leaving = f"-m set ! --match-set {_POOLS} dst -m set ! --match-set {_HOSTS} dst"
    return table(
        "mangle",
        ["cali-PREROUTING", "cali-POSTROUTING", "cali-qos-policy", _FROM_HEP, _TO_HEP],
        [
            *_hooks("PREROUTING", "POSTROUTING"),
            *_chain(
                "cali-PREROUTING",
                _KNOWN,
                f"{_ACCEPTED} -j ACCEPT",
                f"-j {_FROM_HEP}",
                f"{_ACCEPTED} -j ACCEPT",
            ),
            *_chain(
                "cali-POSTROUTING",
                f"-m set --match-set {_POOLS} src {leaving} -j cali-qos-policy",
                f"-m set --match-set {_HOSTS} src {leaving} -j cali-qos-policy",
                f"{_ACCEPTED} -j RETURN",
                _cleared(_OURS),
                f"-m conntrack --ctstate DNAT -j {_TO_HEP}",
                f"{_ACCEPTED} -j RETURN",
            ),
        ],
    )


def _nat(tunnel: Tunnel | None) -> str:
    # A process on the node that took the wrong one of its addresses gets the tunnel's.
    wrong_source = "-m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL"
    corrected = (
        []
        if tunnel is None
        else [f"-o {tunnel.device} {wrong_source} -j MASQUERADE --random-fully"]
    )
    leaving = f"-m set --match-set {_MASQUERADED} src -m set ! --match-set {_POOLS} dst"
    return table(
        "nat",
        [
            "cali-PREROUTING",
            "cali-POSTROUTING",
            "cali-OUTPUT",
            "cali-nat-outgoing",
            "cali-fip-dnat",
            "cali-fip-snat",
        ],
        [
            *_hooks("PREROUTING", "POSTROUTING", "OUTPUT"),
            *_chain("cali-PREROUTING", "-j cali-fip-dnat"),
            *_chain("cali-POSTROUTING", "-j cali-fip-snat", "-j cali-nat-outgoing", *corrected),
            *_chain("cali-OUTPUT", "-j cali-fip-dnat"),
            *_chain("cali-nat-outgoing", f"{leaving} -j MASQUERADE --random-fully"),
        ],
    )


def _filter(pod: str, tunnel: Tunnel | None) -> str:
    chains = [
        "cali-INPUT",
        "cali-FORWARD",
        "cali-OUTPUT",
        "cali-wl-to-host",
        "cali-from-wl-dispatch",
        "cali-to-wl-dispatch",
        "cali-from-hep-forward",
        "cali-to-hep-forward",
        "cali-cidr-block",
        _FROM_HEP,
        _TO_HEP,
        f"cali-fw-{pod}",
        f"cali-tw-{pod}",
        *(f"cali-{way}-{profile}" for way in ("pri", "pro") for profile in _PROFILES),
    ]
    return table(
        "filter",
        chains,
        [
            *_hooks("INPUT", "FORWARD", "OUTPUT"),
            # Behind everybody else's rules, Felix accepts what its own chains let pass.
            f'-A FORWARD -m comment --comment "Policy explicitly accepted packet." {_ACCEPTED}'
            " -j ACCEPT",
            f"-A FORWARD -j MARK --set-xmark {_ACCEPT:#x}/{_ACCEPT:#x}",
            *_forwarding(pod),
            *_to_and_from_the_node(tunnel),
            *_pod_chain(f"cali-fw-{pod}", "pro", from_pod=True),
            *_pod_chain(f"cali-tw-{pod}", "pri", from_pod=False),
            *_profile("cali-pri-kns.default"),
            *_profile("cali-pro-kns.default"),
        ],
    )


def _forwarding(pod: str) -> list[str]:
    return [
        *_chain(
            "cali-FORWARD",
            _cleared(_OURS & ~_ACCEPT),
            f"-m mark --mark 0x0/{_ACCEPT:#x} -j cali-from-hep-forward",
            "-i cali+ -j cali-from-wl-dispatch",
            "-o cali+ -j cali-to-wl-dispatch",
            "-j cali-to-hep-forward",
            "-j cali-cidr-block",
        ),
        *_chain("cali-from-wl-dispatch", f"-i {pod} -g cali-fw-{pod}", "-j DROP"),
        *_chain("cali-to-wl-dispatch", f"-o {pod} -g cali-tw-{pod}", "-j DROP"),
    ]


def _to_and_from_the_node(tunnel: Tunnel | None) -> list[str]:
    arriving: list[str] = []
    departing: list[str] = []
    if tunnel is not None:
        port = f"-p udp -m multiport --dports {tunnel.port}"
        local = "-m addrtype --dst-type LOCAL"
        arriving = [
            f"{port} -m set --match-set {_VTEPS} src {local} -j ACCEPT",
            f"{port} {local} -j DROP",
        ]
        departing = [
            f"{port} -m addrtype --src-type LOCAL -m set --match-set {_VTEPS} dst -j ACCEPT"
        ]
    return [
        *_chain(
            "cali-INPUT",
            *arriving,
            "-i cali+ -g cali-wl-to-host",
            f"{_ACCEPTED} -j ACCEPT",
            _cleared(_OURS),
            f"-j {_FROM_HEP}",
            f"{_ACCEPTED} -j ACCEPT",
        ),
        *_chain("cali-wl-to-host", "-j cali-from-wl-dispatch", "-j ACCEPT"),
        *_chain(
            "cali-OUTPUT",
            f"{_ACCEPTED} -j ACCEPT",
            "-o cali+ -j RETURN",
            *departing,
            _cleared(_OURS),
            f"-m conntrack ! --ctstate DNAT -j {_TO_HEP}",
            f"{_ACCEPTED} -j ACCEPT",
        ),
    ]


def _pod_chain(chain: str, way: str, *, from_pod: bool) -> list[str]:
    encapsulated = [f"-p udp -m multiport --dports {_VXLAN_PORT} -j DROP", "-p 4 -j DROP"]
    profiles = [
        rule
        for profile in _PROFILES
        for rule in (f"-j cali-{way}-{profile}", f"{_ACCEPTED} -j RETURN")
    ]
    return _chain(
        chain,
        _KNOWN,
        "-m conntrack --ctstate INVALID -j DROP",
        _cleared(_ACCEPT | _PASS),
        *(encapsulated if from_pod else []),
        *profiles,
        "-j DROP",
    )


def _profile(chain: str) -> list[str]:
    return _chain(chain, f"-j MARK --set-xmark {_ACCEPT:#x}/{_ACCEPT:#x}", f"{_ACCEPTED} -j RETURN")


def _hooks(*kernels: str) -> list[str]:
    """Felix's chains go in front of whatever is in the kernel's."""
    return [f"-I {chain} -j cali-{chain}" for chain in kernels]


def _chain(chain: str, *rules: str) -> list[str]:
    return [f"-A {chain} {rule}" for rule in rules]


def _cleared(bits: int) -> str:
    return f"-j MARK --set-xmark 0x0/{bits:#x}"

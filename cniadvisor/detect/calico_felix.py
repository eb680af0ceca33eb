"""Calico's dataplane (iptables, nftables, eBPF, VPP) and encryption (WireGuard).

Felix takes a setting from its environment before any FelixConfiguration, and from the node's own
FelixConfiguration before the default one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cniadvisor.detect import reading
from cniadvisor.detect.calico_resources import Installation, stored_objects, uses_etcd
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Container, Node
from cniadvisor.detect.evidence import Evidence, Rank, in_favour
from cniadvisor.detect.images import release
from cniadvisor.domain.findings import Unknown
from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.domain.words import counted, named

WIREGUARD_KEYS = ("projectcalico.org/WireguardPublicKey", "projectcalico.org/WireguardPublicKeyV6")
EBPF_KERNEL = (5, 3)
"""Older kernels fall back to iptables without a word (RHEL's 4.18.0-193 and later excepted)."""

_RHEL_KERNEL = re.compile(r"4\.18\.0-(\d{1,6})\..*el8")
_SOURCE = "/apis/crd.projectcalico.org/v1/felixconfigurations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Felix:
    """What Felix does. ``ebpf`` is None when it could not be read."""

    ebpf: bool | None
    wireguard: bool | None
    wireguard_v6: bool
    host_encryption: bool
    encryption: str | None
    mtus: Mapping[str, int]
    details: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    unknown: tuple[Unknown, ...]


def read(cluster: Cluster, container: Container, installation: Installation) -> Felix:
    """Return dataplane and encryption, with where each was read."""
    resources, refusal = stored_objects(cluster, container, "felixconfigurations")
    settings = _Settings(container, resources)
    dataplane = (reading.text(installation.network, "linuxDataplane") or "").lower()
    readable = refusal is None
    ebpf = settings.truth("bpfEnabled")
    if ebpf is None and dataplane:
        ebpf = dataplane == "bpf"
    if ebpf is None and readable:
        ebpf = False
    if uses_etcd(container):
        # Then nodes are kept there as well, and their keys are not in annotations.
        wireguard, encryption, warnings = settings.truth("wireguardEnabled"), None, list[str]()
    else:
        wireguard, encryption, warnings = _wireguard(cluster, settings, readable=readable)
    plane = _dataplane(settings, dataplane, ebpf, readable=readable)
    if ebpf and (
        old := [n.name for n in cluster.nodes if not n.windows and not kernel_has_ebpf(n)]
    ):
        warnings.append(
            f"Calico's eBPF dataplane is configured, but the kernels of"
            f" {counted(len(old), 'node')} are too old for it and use"
            f" iptables: {named(sorted(old))}."
        )
    for key, where in settings.per_node("bpfEnabled", "wireguardEnabled").items():
        warnings.append(f"Calico's {key} is set apart on nodes: {named(where)}.")
    told = [f"dataplane {plane}"] if plane else []
    told += [f"encryption {encryption}"] if encryption else []
    evidence = (
        (in_favour(Rank.RESOURCE, f"Felix: {', '.join(told)}", source=_SOURCE),) if told else ()
    )
    unknown = (
        (Unknown(what=f"Calico's dataplane: {refusal.what}", right=refusal.right),)
        if refusal and plane is None
        else ()
    )
    if refusal and encryption is None:
        unknown += (Unknown(what=f"Calico's encryption: {refusal.what}", right=refusal.right),)
    return Felix(
        ebpf=ebpf,
        wireguard=wireguard,
        wireguard_v6=settings.truth("wireguardEnabledV6") is True,
        host_encryption=settings.truth("wireguardHostEncryptionEnabled") is True,
        encryption=encryption,
        mtus={
            key: value
            for key in ("ipipMTU", "vxlanMTU", "vxlanMTUV6", "wireguardMTU", "wireguardMTUV6")
            if (value := settings.number(key))
        },
        details={"dataplane": plane} if plane else {},
        evidence=evidence,
        warnings=tuple(warnings),
        unknown=unknown,
    )


def _dataplane(
    settings: "_Settings", dataplane: str, ebpf: bool | None, *, readable: bool
) -> str | None:
    if ebpf:
        return "ebpf"
    if dataplane in {"nftables", "vpp", "iptables"}:
        return dataplane
    nftables = (settings.text("nftablesMode") or "").lower()
    if nftables == "enabled":
        return "nftables"
    if nftables == "auto":
        return "nftables or iptables, as kube-proxy"
    return "iptables" if readable else None


def _wireguard(
    cluster: Cluster, settings: "_Settings", *, readable: bool
) -> tuple[bool | None, str | None, list[str]]:
    """Return whether WireGuard is on, what encrypts, and what does not fit.

    A node publishes its key once WireGuard works on it and withdraws it when it is switched off, so
    the keys are what happens and the setting is what was asked for.
    """
    linux = [node for node in cluster.nodes if not node.windows]
    keyed = [n for n in linux if any(n.annotations.get(key) for key in WIREGUARD_KEYS)]
    asked = settings.truth("wireguardEnabled")
    if asked is None and settings.truth("wireguardEnabledV6") is not None:
        asked = settings.truth("wireguardEnabledV6")
    elif settings.truth("wireguardEnabledV6"):
        asked = True
    if asked is None:
        asked = False if readable else (bool(keyed) if linux else None)
    if asked is None:
        return None, None, []
    if not asked:
        return False, "none", []
    if linux and not keyed:
        return (
            True,
            "none",
            [
                "Calico's WireGuard is enabled, but no node has published a key: traffic between"
                " nodes is not encrypted (kernel without WireGuard?)."
            ],
        )
    if len(keyed) < len(linux):
        return (
            True,
            "wireguard",
            [
                f"Calico's WireGuard works on {len(keyed)} of {len(linux)} nodes; traffic to the"
                " others is not encrypted."
            ],
        )
    return True, "wireguard", []


def kernel_has_ebpf(node: Node) -> bool:
    """Whether Felix accepts the node's kernel for eBPF; True when the kernel is not told."""
    if rhel := _RHEL_KERNEL.search(node.kernel_version):
        return int(rhel.group(1)) >= 193
    numbers = release(node.kernel_version)
    return not numbers or numbers[:2] >= EBPF_KERNEL


class _Settings:
    """Felix's settings by name, in Felix's precedence, for the default node."""

    def __init__(self, container: Container, resources: tuple[JsonObject, ...]) -> None:
        self._environment = {key.upper(): value for key, value in container.environment.items()}
        by_name = {reading.text(item, "metadata", "name") or "": item for item in resources}
        self._default = reading.mapping(by_name.get("default"), "spec")
        self._nodes = {
            name.removeprefix("node."): reading.mapping(item, "spec")
            for name, item in by_name.items()
            if name.startswith("node.")
        }

    def value(self, name: str) -> JsonValue:
        from_environment = self._environment.get(f"FELIX_{name.upper()}")
        return from_environment or self._default.get(name)

    def truth(self, name: str) -> bool | None:
        value = self.value(name)
        return (
            reading.truth(value) if not _is_enabled_word(value) else value in {"Enabled", "enabled"}
        )

    def text(self, name: str) -> str | None:
        return reading.text(self.value(name))

    def number(self, name: str) -> int | None:
        value = reading.integer(self.value(name))
        return value if value is not None and value > 0 else None

    def per_node(self, *names: str) -> Mapping[str, list[str]]:
        """Return setting -> nodes that have their own value, where the environment lets them."""
        return {
            name: nodes
            for name in names
            if not self._environment.get(f"FELIX_{name.upper()}")
            and (
                nodes := sorted(
                    n
                    for n, s in self._nodes.items()
                    if s.get(name) != self._default.get(name) and name in s
                )
            )
        }


def _is_enabled_word(value: JsonValue) -> bool:
    return isinstance(value, str) and value.lower() in {"enabled", "disabled"}

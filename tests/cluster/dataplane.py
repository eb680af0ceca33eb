"""What a node's and a pod's network is made of, in words that don't depend on whose it is.

A reading is what programs printed in a network namespace; it is told as sorted lines, a section
each, with names for the addresses that differ from place to place.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from tests.cluster.state import POD_CIDR

Json = dict[str, Any]
Reading = Mapping[str, str]
Sections = dict[str, list[str]]

NODE_COMMANDS: Mapping[str, Sequence[str]] = {
    "links": ("ip", "-json", "-details", "link", "show"),
    "addresses": ("ip", "-json", "-4", "address", "show"),
    "routes": ("ip", "-json", "-details", "-4", "route", "show", "table", "main"),
    "forwarding": ("bridge", "-json", "fdb", "show", "dev", "flannel.1"),
    "neighbours": ("ip", "-json", "-4", "neighbour", "show", "dev", "flannel.1"),
    "rules": ("iptables-nft-save",),
    "settings": (
        *("grep", "", "/proc/sys/net/ipv4/ip_forward"),
        *("/proc/sys/net/bridge/bridge-nf-call-iptables", "/proc/sys/net/ipv4/conf/cni0/rp_filter"),
    ),
    "offloads of flannel.1": ("ethtool", "-k", "flannel.1"),
    "offloads of cni0": ("ethtool", "-k", "cni0"),
}
POD_COMMANDS: Mapping[str, Sequence[str]] = {
    "links": ("ip", "-json", "-details", "link", "show", "dev", "eth0"),
    "addresses": ("ip", "-json", "-4", "address", "show", "dev", "eth0"),
    "routes": ("ip", "-json", "-details", "-4", "route", "show", "table", "main"),
    "offloads of eth0": ("ethtool", "-k", "eth0"),
}

_VXLAN = ("id", "port", "learning", "udp_csum", "ttl", "ageing")
_PORT = ("hairpin", "learning", "flood", "isolated")
_LINK = ("mtu", "txqlen", "qdisc", "num_tx_queues", "num_rx_queues", "gso_max_size", "gso_max_segs")


@dataclass(frozen=True, kw_only=True)
class Names:
    """The addresses of one place under names, longest first when they are put in."""

    of: Mapping[str, str]

    def put_into(self, text: str) -> str:
        """Replace every address that has a name."""
        known = sorted(self.of, key=len, reverse=True)
        pattern = "|".join(rf"(?<![\w.:]){re.escape(name)}(?![\w:]|\.\d)" for name in known)
        return re.sub(pattern, lambda match: f"<{self.of[match[0]]}>", text)


def names(node: Reading, *, peer_address: str, pod_address: str) -> Names:
    """Name the addresses of a node, of its only pod and of its only peer."""
    addresses = _addresses(json.loads(node["addresses"]))
    links = {link["ifname"]: link for link in json.loads(node["links"])}
    tunnel = links["flannel.1"]
    wire = tunnel["linkinfo"]["info_data"]["link"]
    (own,) = addresses["flannel.1"]
    (neighbour,) = json.loads(node["neighbours"])
    (gateway,) = addresses["cni0"]
    known = {
        POD_CIDR: "pod network",
        peer_address: "peer",
        pod_address: "pod",
        wire: "wire",
        tunnel["address"]: "own VTEP",
        neighbour["lladdr"]: "peer's VTEP",
        gateway.partition("/")[0]: "gateway",
    }
    known |= {address.partition("/")[0]: "node" for address in addresses[wire]}
    for whose, first in (("own", own.partition("/")[0]), ("peer's", neighbour["dst"])):
        known |= {first: f"{whose} tunnel", str(IPv4Network(f"{first}/24")): f"{whose} block"}
    return Names(of=known)


def node_sections(reading: Reading, called: Names) -> Sections:
    """Tell what Flannel and the bridge plugin make on a node."""
    links: list[Json] = json.loads(reading["links"])
    ours = {"flannel.1", "cni0"}
    devices = [link for link in links if link["ifname"] in ours or link.get("master") == "cni0"]
    told = {
        "links": [_link(link) for link in devices],
        "addresses": [
            f"{device} {address}"
            for device, held in _addresses(json.loads(reading["addresses"])).items()
            if device in ours
            for address in held
        ],
        "routes": [
            _route(route) for route in json.loads(reading["routes"]) if route.get("dev") in ours
        ],
        "forwarding": [_entry(entry) for entry in json.loads(reading["forwarding"])],
        "neighbours": [_entry(entry) for entry in json.loads(reading["neighbours"])],
        "rules": flannel_rules(reading["rules"]),
        "settings": reading["settings"].splitlines(),
        "offloads of flannel.1": _offloads(reading["offloads of flannel.1"]),
        "offloads of cni0": _offloads(reading["offloads of cni0"]),
    }
    return _named(told, called)


def pod_sections(reading: Reading, called: Names) -> Sections:
    """Tell what a pod has."""
    told = {
        "links": [_link(link) for link in json.loads(reading["links"])],
        "addresses": _addresses(json.loads(reading["addresses"]))["eth0"],
        "routes": [_route(route) for route in json.loads(reading["routes"])],
        "offloads of eth0": _offloads(reading["offloads of eth0"]),
    }
    return _named(told, called)


def flannel_rules(saved: str) -> list[str]:
    """The rules of flanneld, in their order and with their table; kube-proxy's are not its."""
    found: list[str] = []
    table = ""
    for line in saved.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith("-A") and "FLANNEL" in line:
            found.append(f"{table} {line}")
    return found


def _named(told: Mapping[str, Iterable[str]], called: Names) -> Sections:
    """Put names in. Only rules have an order that matters; several pods' links are told once."""
    sections: Sections = {}
    for section, lines in told.items():
        named = [called.put_into(line) for line in lines]
        sections[section] = named if section == "rules" else sorted(set(named))
    return sections


def _link(link: Json) -> str:
    kind = link["linkinfo"]["info_kind"]
    said = [f"{key} {link[key]}" for key in _LINK if key in link]
    data = link["linkinfo"].get("info_data", {})
    if kind == "vxlan":
        said += [f"{key} {data.get(key)}" for key in ("local", "link", *_VXLAN)]
        said.append(f"address {link['address']}")
    port = link["linkinfo"].get("info_slave_data", {})
    if port:
        said.append(f"port of {link['master']}: {[f'{key} {port.get(key)}' for key in _PORT]}")
    up = "up" if "UP" in link["flags"] else "down"
    return f"{kind} {up}, {', '.join(said)}"


def _addresses(listed: Sequence[Json]) -> dict[str, list[str]]:
    return {
        link["ifname"]: [f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"]]
        for link in listed
    }


def _route(route: Json) -> str:
    keys = ("type", "dst", "gateway", "dev", "protocol", "scope", "prefsrc", "flags", "metrics")
    return ", ".join(f"{key} {route[key]}" for key in keys if route.get(key))


def _entry(entry: Json) -> str:
    keys = ("mac", "dst", "lladdr", "state", "flags")
    return ", ".join(f"{key} {entry[key]}" for key in keys if entry.get(key))


def _offloads(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines()[1:] if ": " in line]

"""Every wiring as text, and what must hold for all of them."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

import pytest

from cniadvisor.lab.wiring import POD_NETWORK, SYSCTL_WRITE, Nodes, Place, Step, Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS

NODES = Nodes(node1_address="10.99.0.1", node2_address="10.99.0.2", interface="wire", mtu=1500)
JUMBO = Nodes(node1_address="10.99.0.1", node2_address="10.99.0.2", interface="wire", mtu=9000)
PODS = IPv4Network(POD_NETWORK)
KERNEL_CHAINS = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}
KERNEL_TARGETS = {"ACCEPT", "DROP", "RETURN", "MARK", "MASQUERADE", "NOTRACK"}

ENCAPSULATION_BYTES = {
    "flannel-vxlan": 50,
    "flannel-host-gw": 0,
    "calico-routed": 0,
    "calico-vxlan": 50,
    "canal": 50,
}

each_wiring = pytest.mark.parametrize("name", list(WIRINGS))
each_mtu = pytest.mark.parametrize("nodes", [NODES, JUMBO], ids=["1500", "9000"])


def readable(wiring: Wiring) -> str:
    lines = [
        f"{wiring.name}: kernel dataplane wired as {wiring.wired_as} ({wiring.cni}, {wiring.mode})",
        f"source: {wiring.source}",
        f"pods: {wiring.pod1_address} and {wiring.pod2_address}, MTU {wiring.pod_mtu}",
    ]
    for step in wiring.steps:
        lines.append(f"{step.place}: {' '.join(step.argv)}")
        lines += [f"    {line}" for line in step.stdin.splitlines()]
    return "\n".join(lines)


@each_wiring
def test_is_written_down_as_it_is_made(name: str, golden_file: Callable[[str, str], None]) -> None:
    golden_file(f"wiring-{name}.txt", readable(WIRINGS[name](NODES)))


@each_wiring
def test_goes_by_the_name_it_is_asked_for(name: str) -> None:
    wiring = WIRINGS[name](NODES)

    assert wiring.name == name
    assert wiring.name.startswith(wiring.cni)
    assert wiring.source


@each_wiring
@each_mtu
def test_leaves_room_for_the_encapsulation_and_no_more(name: str, nodes: Nodes) -> None:
    wiring = WIRINGS[name](nodes)

    assert wiring.pod_mtu == nodes.mtu - ENCAPSULATION_BYTES[name]
    assert mtus(wiring) == {wiring.pod_mtu}


@each_wiring
def test_uses_no_address_but_its_own(name: str) -> None:
    allowed = {IPv4Address(NODES.node1_address), IPv4Address(NODES.node2_address)}
    neighbours = {IPv4Address("169.254.1.1"), IPv4Address("224.0.0.0")}

    for step in WIRINGS[name](NODES).steps:
        for text in (*step.argv, step.stdin):
            for found in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text):
                address = IPv4Address(found)
                assert address in PODS or address in allowed | neighbours, (step.place, text)


@each_wiring
def test_the_pods_have_addresses_of_their_own_network(name: str) -> None:
    wiring = WIRINGS[name](NODES)

    assert wiring.pod1_address != wiring.pod2_address
    for place, address in ((Place.POD1, wiring.pod1_address), (Place.POD2, wiring.pod2_address)):
        assert IPv4Address(address) in PODS
        given = [
            s for s in wiring.steps if s.place == place and s.argv[:3] == ("ip", "addr", "add")
        ]
        assert [step.argv[3].partition("/")[0] for step in given] == [address]


@each_wiring
def test_names_other_namespaces_only_by_their_place(name: str) -> None:
    """A namespace given as text would be one of the machine's."""
    for step in WIRINGS[name](NODES).steps:
        for before, argument in zip(step.argv, step.argv[1:], strict=False):
            assert (before == "netns") == isinstance(argument, Place)


@each_wiring
def test_runs_nothing_but_the_programs_it_says_it_needs(name: str) -> None:
    programs = {step.argv[0] for step in WIRINGS[name](NODES).steps}

    assert programs <= {"ip", "bridge", "ipset", "iptables-nft-restore", SYSCTL_WRITE}


@each_wiring
def test_writes_only_settings_that_each_network_namespace_has(name: str) -> None:
    for step in WIRINGS[name](NODES).steps:
        if step.argv[0] == SYSCTL_WRITE:
            _, path, value = step.argv
            assert re.fullmatch(r"net/ipv4/(ip_forward|conf/\w+/\w+|neigh/\w+/\w+)", path)
            assert value in {"0", "1"}


@each_wiring
def test_each_node_is_wired_as_the_other(name: str) -> None:
    steps = WIRINGS[name](NODES).steps

    first = [text(step) for step in steps if step.place in {Place.NODE1, Place.POD1}]
    second = [text(step) for step in steps if step.place in {Place.NODE2, Place.POD2}]

    assert [mirrored(line) for line in first] == second


@each_wiring
def test_jumps_only_to_chains_of_the_same_table(name: str) -> None:
    for place in (Place.NODE1, Place.NODE2):
        for declared, rules in tables(WIRINGS[name](NODES), place):
            for rule in rules:
                chain = rule.split()[1]
                target = re.search(r" -[jg] (\S+)", rule)
                assert target
                assert chain in declared | KERNEL_CHAINS, rule
                assert target[1] in declared | KERNEL_TARGETS, rule


@each_wiring
def test_no_chain_is_there_for_nothing(name: str) -> None:
    for declared, rules in tables(WIRINGS[name](NODES), Place.NODE1):
        targets = {rule.rpartition(" -j ")[2].rpartition(" -g ")[2] for rule in rules}
        assert declared <= targets


@pytest.mark.parametrize("name", ["calico-routed", "calico-vxlan", "canal"])
def test_felix_looks_only_into_sets_that_are_there(name: str) -> None:
    steps = [step for step in WIRINGS[name](NODES).steps if step.place == Place.NODE1]
    made = {
        line.split()[1]
        for step in steps
        if step.argv[0] == "ipset"
        for line in step.stdin.splitlines()
        if line.startswith("create")
    }
    used = {name for step in steps for name in re.findall(r"--match-set (\S+)", step.stdin)}

    assert made == used


def test_a_step_is_told_what_its_namespaces_are_called() -> None:
    step = Step(place=Place.NODE1, argv=("ip", "link", "set", "eth0", "netns", Place.POD1))

    assert step.named({Place.POD1: "4711"}) == ("ip", "link", "set", "eth0", "netns", "4711")


def test_text_that_looks_like_a_place_stays_as_it_is() -> None:
    step = Step(place=Place.NODE1, argv=("ip", "link", "show", "pod1"))

    assert step.named({Place.POD1: "4711"}) == step.argv


def mtus(wiring: Wiring) -> set[int]:
    """Every MTU that a link or a route is given."""
    return {
        int(value)
        for step in wiring.steps
        for before, value in zip(step.argv, step.argv[1:], strict=False)
        if before == "mtu"
    }


def text(step: Step) -> str:
    return f"{step.place}: {' '.join(step.argv)}\n{step.stdin}"


def mirrored(line: str) -> str:
    """The same step at the other node."""
    pairs = [
        (NODES.node1_address, NODES.node2_address),
        ("10.244.0.", "10.244.1."),
        ("10.244.0.0/24", "10.244.1.0/24"),
        ("10.244.10.64/26", "10.244.20.128/26"),
        ("10.244.10.64", "10.244.20.128"),
        ("10.244.10.66", "10.244.20.130"),
        ("node1", "node2"),
        ("pod1", "pod2"),
        (":00:01", ":00:02"),
    ]
    other = {one: two for pair in pairs for one, two in (pair, pair[::-1])}
    longest_first = sorted(other, key=len, reverse=True)
    # The pod network as a whole begins like the first node's block.
    kept = re.escape(POD_NETWORK)
    pattern = f"{kept}|{'|'.join(re.escape(name) for name in longest_first)}"
    return re.sub(pattern, lambda match: other.get(match[0], match[0]), line)


def tables(wiring: Wiring, place: Place) -> list[tuple[set[str], list[str]]]:
    """The declared chains and the rules of each table that is restored at a place."""
    found: list[tuple[set[str], list[str]]] = []
    for step in wiring.steps:
        if step.place == place and step.argv[0] == "iptables-nft-restore":
            *whole, rest = step.stdin.split("COMMIT\n")
            assert rest == ""
            for table in whole:
                lines = table.splitlines()
                assert lines[0].startswith("*")
                declared = {line[1:].split()[0] for line in lines if line.startswith(":")}
                rules = [line for line in lines if line.startswith("-")]
                assert len(lines) == 1 + len(declared) + len(rules)
                found.append((declared, rules))
    return found

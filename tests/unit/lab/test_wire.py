"""The wire between the nodes, as steps."""

import pytest

from cniadvisor.lab.wire import NODES, RATES_MBIT_PER_S, Wire, wire_steps
from cniadvisor.lab.wiring import Place


def commands(wire: Wire, program: str) -> list[str]:
    return [
        f"{step.place}: {' '.join(step.argv)}"
        for step in wire_steps(wire)
        if step.argv[0] == program
    ]


def test_every_place_has_its_loopback_and_the_nodes_their_addresses() -> None:
    lines = commands(Wire(), "ip")
    for place in Place:
        assert f"{place}: ip link set dev lo up" in lines
    assert "node1: ip address add 10.100.0.11/24 dev eth0" in lines
    assert "node2: ip address add 10.100.0.12/24 dev eth0" in lines
    assert "node2: ip link set dev eth0 mtu 1500 up" in lines


def test_an_unshaped_wire_has_no_queueing_discipline() -> None:
    assert commands(Wire(), "tc") == []
    assert str(Wire()) == "unshaped"


@pytest.mark.parametrize("rate", RATES_MBIT_PER_S.values())
def test_both_ends_are_shaped_alike(rate: float) -> None:
    lines = commands(Wire(rate_mbit_per_s=rate), "tc")
    assert len(lines) == 2
    assert {line.partition(": ")[0] for line in lines} == {"node1", "node2"}
    assert len({line.partition(": ")[2] for line in lines}) == 1
    assert f" tbf rate {rate * 1e6:.0f}bit " in lines[0]


def test_a_burst_holds_the_longest_packet_the_kernel_hands_over() -> None:
    words = commands(Wire(rate_mbit_per_s=10), "tc")[0].split()
    assert int(words[words.index("burst") + 1]) > 65536 + 14


def test_a_delay_is_halved_and_the_shape_hangs_below_it() -> None:
    delay, shape, *_ = commands(Wire(rate_mbit_per_s=1000, delay_ms=5), "tc")
    assert "root handle 1: netem delay 2500us limit 100000" in delay
    assert "parent 1:1 tbf rate 1000000000bit" in shape
    assert str(Wire(rate_mbit_per_s=1000, delay_ms=5)) == (
        "shaped to 1000 Mbit/s, 5 ms round trip added"
    )


def test_the_nodes_are_those_the_wirings_are_made_for() -> None:
    assert (NODES.interface, NODES.mtu) == ("eth0", 1500)

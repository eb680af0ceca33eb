from collections.abc import Callable

import pytest

from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.plan import NodeFacts, NodePair

Make = Callable[..., NodeFacts]


def names(pair: NodePair) -> set[str]:
    return {pair.client.name, pair.server.name}


def test_alike_nodes_with_the_least_cpu_requested_are_chosen(make_node: Make) -> None:
    nodes = [
        make_node("a", zone="z1", instance_type="big", requested_cpu_millicores=1800),
        make_node("b", zone="z1", instance_type="big", requested_cpu_millicores=200),
        make_node("c", zone="z1", instance_type="big", requested_cpu_millicores=100),
        make_node("d", zone="z2", instance_type="big", requested_cpu_millicores=0),
        make_node("e", zone="z1", instance_type="small", requested_cpu_millicores=0),
    ]
    pair = choose_pair(nodes)
    assert names(pair) == {"b", "c"}
    assert pair.reason == "least CPU requested, same architecture and zone and instance type"


def test_a_node_whose_requests_nobody_read_is_not_called_idle(make_node: Make) -> None:
    unread = [make_node(name, requested_cpu_millicores=None) for name in ("a", "b")]
    read = [make_node(name, requested_cpu_millicores=1500) for name in ("y", "z")]
    pair = choose_pair([*unread, *read])
    assert names(pair) == {"y", "z"}
    assert pair.reason.startswith("least CPU requested")
    assert names(choose_pair([*unread, read[0]])) == {"a", "y"}
    assert choose_pair(unread).reason.startswith("first by name, as what pods request there is not")
    named = choose_pair(unread, client="b")
    assert named.reason.startswith("one was named; the other: first by name")


def test_what_no_label_tells_is_not_called_alike(make_node: Make) -> None:
    pair = choose_pair([make_node("a", instance_type="big"), make_node("b", instance_type="small")])
    assert pair.reason == (
        "least CPU requested, same architecture, different instance type, unlabelled zone"
    )


def test_a_control_plane_node_serves_only_when_nothing_else_does(make_node: Make) -> None:
    workers = [make_node("w1"), make_node("w2", requested_cpu_millicores=1900)]
    control = make_node("cp", control_plane=True, tainted=True, requested_cpu_millicores=0)
    assert names(choose_pair([control, *workers])) == {"w1", "w2"}
    pair = choose_pair([control, workers[0]])
    assert names(pair) == {"cp", "w1"}
    assert "tainted" in pair.reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ready": False}, "b not Ready"),
        ({"schedulable": False}, "b cordoned"),
        ({"operating_system": "windows"}, "b runs windows"),
        ({"internal_ip": None}, "b no InternalIP"),
    ],
)
def test_too_few_nodes_says_what_each_lacks(
    make_node: Make, change: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match="two Ready, schedulable Linux nodes") as raised:
        choose_pair([make_node("a"), make_node("b", **change)])
    assert words in raised.value.message


def test_one_node_is_a_usage_error(make_node: Make) -> None:
    with pytest.raises(UsageError, match="one node can serve"):
        choose_pair([make_node("only")])


def test_named_nodes_are_taken_and_unknown_ones_refused(make_node: Make) -> None:
    nodes = [make_node("a"), make_node("b"), make_node("c", requested_cpu_millicores=0)]
    pair = choose_pair(nodes, client="a", server="b")
    assert (pair.client.name, pair.server.name) == ("a", "b")
    half = choose_pair(nodes, server="a")
    assert (half.client.name, half.server.name) == ("c", "a")
    with pytest.raises(UsageError, match="no node is called nope") as raised:
        choose_pair(nodes, client="nope")
    assert "a, b, c" in raised.value.hint
    with pytest.raises(UsageError, match="same node"):
        choose_pair(nodes, client="a", server="a")
    with pytest.raises(UsageError, match="not Ready"):
        choose_pair([*nodes, make_node("d", ready=False)], client="d")


def test_a_node_name_cannot_write_to_the_terminal(make_node: Make) -> None:
    with pytest.raises(UsageError) as raised:
        choose_pair([make_node("a"), make_node("b")], client="x\x1b[31m")
    assert "\x1b" not in raised.value.message


def test_equal_boot_ids_are_one_machine(make_node: Make) -> None:
    pair = choose_pair([make_node("a", boot_id="same"), make_node("b", boot_id="same")])
    assert pair.one_machine
    assert not choose_pair([make_node("a", boot_id=None), make_node("b", boot_id=None)]).one_machine

"""Each wiring carries what it says it carries, along the way it says."""

import asyncio
import json
import re
from collections.abc import Mapping

import pytest

from cniadvisor.lab.ground import Ground
from cniadvisor.lab.program import Printed
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.wiring import Place
from cniadvisor.lab.wirings.catalogue import WIRINGS
from tests.lab.wired import GROUP, wired

UDP_HEADERS_BYTES = 28
DATAGRAMS = 40

# A datagram that may not be fragmented (IP_MTU_DISCOVER is 10, IP_PMTUDISC_DO is 2).
SEND_ONE = """
socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die $!;
setsockopt($socket, 0, 10, 2) or die $!;
my $sent = send($socket, "x" x $ARGV[1], 0, pack_sockaddr_in(9, inet_aton($ARGV[0])));
print defined $sent ? "sent" : $!;
"""

each_wiring = pytest.mark.parametrize("name", list(WIRINGS))


async def send(ground: Ground, address: str, payload_bytes: int, *options: str) -> Printed:
    """Send datagrams from pod 1 to pod 2, or the other way round, that nobody may fragment."""
    serve = ("iperf3", "-s", "-1", "--forceflush")
    server = await ground.start(GROUP, Place.POD2, serve, unprivileged=True)
    async with asyncio.timeout(20):
        await server.stdout.readuntil(b"Server listening")
    sent = await ground.run(
        GROUP,
        Place.POD1,
        (
            *("iperf3", "-c", address, "--json", "--udp", "--dont-fragment", "--bitrate", "1M"),
            *("--length", str(payload_bytes), "--blockcount", str(DATAGRAMS), *options),
        ),
        unprivileged=True,
    )
    async with asyncio.timeout(20):
        await server.wait()
    return sent


@each_wiring
async def test_a_packet_of_the_full_mtu_passes_whole_in_both_directions(
    ground: Ground, tools: Tools, name: str
) -> None:
    async with wired(ground, tools, name) as wiring:
        payload_bytes = wiring.pod_mtu - UDP_HEADERS_BYTES
        for direction in ((), ("--reverse",)):
            sent = await send(ground, wiring.pod2_address, payload_bytes, *direction)
            end = json.loads(sent.stdout)["end"]["sum"]
            assert sent.status == 0, sent.stdout
            assert end["packets"] >= DATAGRAMS  # iperf3 rounds up to what it sends at once
            # On a busy machine the last ones come after iperf3's receiver was told of the end.
            assert end["packets"] - end["lost_packets"] > DATAGRAMS / 2


@each_wiring
async def test_the_pods_know_that_a_larger_packet_does_not_fit(
    ground: Ground, tools: Tools, name: str
) -> None:
    async with wired(ground, tools, name) as wiring:
        fitting = wiring.pod_mtu - UDP_HEADERS_BYTES
        said = [
            await ground.run(
                GROUP, Place.POD1, ("perl", "-MSocket", "-e", SEND_ONE, wiring.pod2_address, size)
            )
            for size in (f"{fitting}", f"{fitting + 1}")
        ]

    assert [printed.stdout for printed in said] == ["sent", "Message too long"]


@each_wiring
async def test_the_pods_keep_their_addresses(ground: Ground, tools: Tools, name: str) -> None:
    """Between pods nothing is masqueraded."""
    async with wired(ground, tools, name) as wiring:
        sent = await send(ground, wiring.pod2_address, 1000)
        met = json.loads(sent.stdout)["start"]["connected"][0]
        hits = await rule_hits(ground, Place.NODE1)

    assert (met["local_host"], met["remote_host"]) == (wiring.pod1_address, wiring.pod2_address)
    assert sum(count for rule, count in hits.items() if "-j MASQUERADE" in rule) == 0


@pytest.mark.parametrize("name", ["calico-routed", "calico-vxlan", "canal"])
async def test_packets_take_felix_chains_and_none_is_dropped(
    ground: Ground, tools: Tools, name: str
) -> None:
    async with wired(ground, tools, name) as wiring:
        await send(ground, wiring.pod2_address, 1000)
        for place, own, other in (
            (Place.NODE1, "cali-fw-calipod1", "cali-tw-calipod1"),
            (Place.NODE2, "cali-tw-calipod2", "cali-fw-calipod2"),
        ):
            hits = await rule_hits(ground, place)
            known = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
            assert hits[f"filter -A {own} {known}"] >= DATAGRAMS
            assert hits[f"filter -A {other} {known}"] > 0, "what comes back"
            assert not {rule: n for rule, n in hits.items() if "-j DROP" in rule and n}
            assert hits[f"mangle -A cali-PREROUTING {known}"] >= DATAGRAMS
            assert hits["raw -A cali-PREROUTING -i cali+ -j MARK --set-xmark 0x40000/0x40000"] > 0
            assert not {rule: n for rule, n in hits.items() if "cali-qos-policy" in rule and n}


async def test_calico_does_not_track_its_tunnel(ground: Ground, tools: Tools) -> None:
    async with wired(ground, tools, "calico-vxlan") as wiring:
        await send(ground, wiring.pod2_address, 1000)
        hits = await rule_hits(ground, Place.NODE2)

    assert hits["raw -A cali-PREROUTING -p udp -m udp --dport 4789 -j NOTRACK"] >= DATAGRAMS
    arriving = [
        count for rule, count in hits.items() if "cali-INPUT -p udp" in rule and "ACCEPT" in rule
    ]
    assert arriving[0] >= DATAGRAMS, "from a node that may send VXLAN packets"


@pytest.mark.parametrize(
    ("name", "flannel_accepts"),
    [("flannel-vxlan", True), ("flannel-host-gw", True), ("canal", False)],
)
async def test_flannel_accepts_what_nobody_accepted_before(
    ground: Ground, tools: Tools, name: str, flannel_accepts: bool
) -> None:
    """In Canal Felix's chains come first and accept the packets of every known connection."""
    async with wired(ground, tools, name) as wiring:
        await send(ground, wiring.pod2_address, 1000)
        hits = await rule_hits(ground, Place.NODE2)

    accepted = sum(count for rule, count in hits.items() if "-A FLANNEL-FWD" in rule)
    assert (accepted >= DATAGRAMS) == flannel_accepts


async def rule_hits(ground: Ground, place: Place) -> Mapping[str, int]:
    """Packets by rule; a rule is its table and its line."""
    saved = await ground.run(GROUP, place, ("iptables-nft-save", "-c"))
    assert saved.status == 0, saved.stderr
    hits: dict[str, int] = {}
    table = ""
    for line in saved.stdout.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif found := re.fullmatch(r"\[(\d+):\d+\] (-A .*)", line):
            hits[f"{table} {found[2]}"] = int(found[1])
    return hits
